"""Where an alarm is: the roads around it, the vehicle's last half hour, where it is now."""

from datetime import timedelta
from functools import cache

import numpy as np
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from qintong.base.onemap.sketch import Frame, Mark, Sketch, ground, line
from qintong.base.registry.models import Structure
from qintong.stream.lake import Lake, lake_path
from qintong.stream.quality import is_placed
from qintong.stream.state import State, state_path

from .alarms import Alarm

WIDTH, HEIGHT, KM_ACROSS = 630, 224, 36.0
BEFORE, AFTER = timedelta(minutes=20), timedelta(minutes=10)


@cache
def lake() -> Lake:
    return Lake(lake_path(settings.VAR_DIR))


@cache
def state() -> State:
    return State.open_read(state_path(settings.VAR_DIR))


def position_now(alarm: Alarm) -> np.void | None:
    """The latest position of the vehicle, None when it was never heard with one."""
    if alarm.vehicle_id is None:
        return None
    row = state().get(alarm.vehicle_id)
    return row if row is not None and row["device_at_ms"] else None


def alarm_sketch(alarm: Alarm, now: np.void | None, structures: list[Structure]) -> Sketch | None:
    """None when the alarm has no position."""
    if alarm.position is None:
        return None
    lon, lat = alarm.position.coords
    frame = Frame.around(lon, lat, KM_ACROSS, WIDTH, HEIGHT)
    base = ground(frame, filled="county", outlined="county", grades=())
    marks = [
        Mark(frame.x(s.geom.x), frame.y(s.geom.y), s.name, "place")
        for s in structures
        if frame.holds(s.geom.x, s.geom.y)
    ]
    if now is not None:
        x, y = now["lon_e6"] / 1e6, now["lat_e6"] / 1e6
        if frame.holds(x, y):
            marks.append(
                Mark(frame.x(x), frame.y(y), "", "vehicle", heading=int(now["heading_deg"]))
            )
    marks.append(Mark(frame.x(lon), frame.y(lat), alarm.get_level_display(), f"level{alarm.level}"))
    return Sketch(
        WIDTH,
        HEIGHT,
        _("%(place)s附近的道路和车辆轨迹") % {"place": alarm.place},
        areas=base.areas,
        routes=base.routes,
        shields=base.shields,
        labels=base.labels,
        track=line(frame, _track(alarm)),
        marks=marks,
    )


def _track(alarm: Alarm) -> list[tuple[float, float]]:
    if alarm.vehicle_id is None:
        return []
    end = min((alarm.ended_at or alarm.started_at) + AFTER, timezone.now())
    table = lake().track(
        alarm.vehicle_id, alarm.started_at - BEFORE, end, ("lon_e6", "lat_e6", "quality")
    )
    placed = is_placed(table["quality"].to_numpy())
    lon, lat = (table[name].to_numpy()[placed] / 1e6 for name in ("lon_e6", "lat_e6"))
    return list(zip(lon.tolist(), lat.tolist(), strict=True))
