"""Where an alarm is: the roads around it, the vehicle's last half hour, where it is now."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from qintong.base.onemap.positions import Here, position_of
from qintong.base.onemap.sketch import Frame, Mark, Sketch, ground, line
from qintong.base.onemap.tracks import places
from qintong.base.registry.models import Structure

from .alarms import Alarm

WIDTH, HEIGHT, KM_ACROSS = 630, 224, 36.0
BEFORE, AFTER = timedelta(minutes=20), timedelta(minutes=10)


def position_now(alarm: Alarm) -> Here | None:
    """The latest position of the vehicle, None when it was never heard with one."""
    return position_of(alarm.vehicle_id) if alarm.vehicle_id else None


def alarm_sketch(alarm: Alarm, now: Here | None, structures: list[Structure]) -> Sketch | None:
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
    if now is not None and frame.holds(now.lon, now.lat):
        at = frame.x(now.lon), frame.y(now.lat)
        marks.append(Mark(*at, "", "vehicle", heading=now.heading_deg))
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
    return places(alarm.vehicle_id, alarm.started_at - BEFORE, end)
