"""Road things and times as the duty desk writes them."""

import re
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone

from qintong.base.registry.rules.stake import stake_text

from ..rules import alarm_words

register = template.Library()

PLATE_CLASSES = {1: "b", 2: "y", 5: "g", 93: "yg", 94: "g"}
STATE_CLASSES = {"new": "bad", "acknowledged": "open", "handled": "good", "closed": "done"}


@register.inclusion_tag("command/cells/plate_chip.html")
def plate_chip(vehicle: Any) -> dict[str, str]:
    """A plate as it looks on the vehicle."""
    number = vehicle.plate_number
    colour = PLATE_CLASSES.get(vehicle.plate_colour, "")
    return {"head": number[:2], "tail": number[2:], "colour": colour}


@register.filter
def route_class(code: str) -> str:
    """Class of the shield: national trunk red, provincial expressway with yellow head."""
    if re.fullmatch(r"[GS]\d{3}", code):
        return "n"
    return "s" if code.startswith("S") else ""


@register.filter
def stake(metres: int | None) -> str:
    return "" if metres is None else stake_text(metres)


@register.filter
def state_class(state: str) -> str:
    return STATE_CLASSES.get(state, "draft")


@register.filter
def span(seconds: float | None) -> str:
    return "—" if seconds is None else alarm_words.span(seconds)


@register.filter
def clock(at: datetime | None) -> str:
    """14:02 today, 11-23 14:02 before."""
    if at is None:
        return "—"
    local = timezone.localtime(at)
    same_day = local.date() == timezone.localtime().date()
    return local.strftime("%H:%M" if same_day else "%m-%d %H:%M")


@register.filter
def clock_s(at: datetime | None) -> str:
    """With seconds: 14:02:14."""
    if at is None:
        return "—"
    local = timezone.localtime(at)
    same_day = local.date() == timezone.localtime().date()
    return local.strftime("%H:%M:%S" if same_day else "%m-%d %H:%M:%S")


@register.filter
def between(end: datetime | None, start: datetime | None) -> str:
    if end is None or start is None:
        return "—"
    gap: timedelta = end - start
    return alarm_words.span(gap.total_seconds())


@register.filter
def km(distance: Any) -> str:
    """A Distance or metres as 4.7 km."""
    metres = getattr(distance, "m", distance)
    return "—" if metres is None else f"{metres / 1000:.1f} km"
