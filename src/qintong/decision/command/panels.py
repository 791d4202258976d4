"""Cards of the duty desk on the pages of other things."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from qintong.desk.addresses import address
from qintong.desk.panels import Panel, panel

from . import duty_desk
from .alarms import AlarmResource

LINES = 6


@panel("registry.vehicle")
def alarms_of_vehicle(request: HttpRequest, vehicle: Any) -> Panel | None:
    """The latest alarms of a vehicle."""
    if not request.scope.allows("command.view_alarm"):  # type: ignore[attr-defined]
        return None
    rows = duty_desk.alarms(request).filter(vehicle=vehicle).order_by("-started_at")
    return Panel(
        _("告警"),
        render_to_string("command/vehicle_alarms.html", {"alarms": rows[:LINES]}),
        href=f"{address(AlarmResource)}?vehicle={vehicle.pk}",
        link=_("全部"),
        column="c",
    )


@panel("command.alarm")
def alarm_on_the_desk(request: HttpRequest, alarm: Any) -> Panel:
    """The way from the record of an alarm to where it is answered."""
    return Panel(
        _("值班台"),
        render_to_string("command/alarm_place.html", {"alarm": alarm}),
        href=reverse("duty_alarm", args=[alarm.pk]),
        link=_("打开"),
        column="c",
    )
