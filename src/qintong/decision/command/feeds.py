"""What command takes from the log: alarms of the rules become records of the duty desk."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import structlog
from django.contrib.gis.geos import Point
from django.db import transaction

from qintong.base.registry.models import Terminal, Vehicle
from qintong.stream.consumers import consumer
from qintong.stream.log import Batch
from qintong.stream.rules import Rule
from qintong.stream.topics import ALARM

from .alarms import Alarm
from .places import Place, place_of

log = structlog.get_logger(__name__)

NOWHERE = Place(None, "")


@consumer("command.alarms", ALARM)
def take_alarms(batch: Batch) -> None:
    """Records of one incident meet in one Alarm by its key: the first makes it, later ones move it
    on, an end ends it. Rows that come twice or late change nothing that is newer."""
    with transaction.atomic():
        for key in np.unique(batch.rows["incident_key"]):
            rows = batch.rows[batch.rows["incident_key"] == key]
            _follow(int(key), rows[np.argsort(rows["at_ms"], kind="stable")])


def _follow(key: int, rows: np.ndarray) -> None:
    alarm = Alarm.objects.select_for_update().filter(incident_key=key).first()
    if alarm is None:
        alarm = _begin(key, rows[0])
        if alarm is None:
            return
    for row in rows:
        _move_on(alarm, row)
    alarm.save()


def _begin(key: int, row: np.void) -> Alarm | None:
    vehicle = (
        Vehicle.objects.select_related("company__organisation", "region")
        .filter(pk=int(row["vehicle_id"]))
        .first()
    )
    terminal = Terminal.objects.filter(pk=int(row["terminal_id"])).first()
    if int(row["rule"]) not in set(Rule):
        log.error("alarm_of_unknown_rule", rule=int(row["rule"]), incident_key=key)
        return None
    position = _position(row)
    place = place_of(*position.coords) if position else NOWHERE
    return Alarm(
        incident_key=key,
        rule=int(row["rule"]),
        level=int(row["level"]),
        vehicle=vehicle,
        terminal=terminal,
        region=place.region or (vehicle.region if vehicle else None),
        organisation=vehicle.company.organisation if vehicle and vehicle.company else None,
        started_at=_time(row["started_at_ms"]),
        last_at=_time(row["started_at_ms"]),
        position=position,
        place=place.words,
        route_code=place.route_code,
        stake_m=place.stake_m,
        limit=_number(row["limit"]),
        is_demo=bool((vehicle and vehicle.is_demo) or (terminal and terminal.is_demo)),
    )


def _move_on(alarm: Alarm, row: np.void) -> None:
    """Keeps the worst value and level, the latest time and the earliest end."""
    at, value = _time(row["at_ms"]), _number(row["value"])
    if value is not None and (alarm.value is None or value > alarm.value):
        alarm.value = value
    alarm.level = min(alarm.level, int(row["level"]))
    alarm.last_at = max(alarm.last_at, at)
    if row["is_end"]:
        end = max(at, alarm.started_at)
        alarm.ended_at = min(alarm.ended_at, end) if alarm.ended_at else end


def _position(row: np.void) -> Point | None:
    lon, lat = int(row["lon_e6"]) / 1e6, int(row["lat_e6"]) / 1e6
    if (lon, lat) == (0, 0) or not (-180 <= lon <= 180 and -90 <= lat <= 90):
        return None
    return Point(lon, lat, srid=4490)


def _time(milliseconds: Any) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)
