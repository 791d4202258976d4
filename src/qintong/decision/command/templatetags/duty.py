"""States, times and distances as the duty desk writes them."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone

from ..alarm_words import span as span_words

register = template.Library()

STATE_CLASSES = {"new": "bad", "acknowledged": "open", "handled": "good", "closed": "done"}


@register.filter
def state_class(state: str) -> str:
    """Class of `.st`."""
    return STATE_CLASSES.get(state, "draft")


@register.filter
def span(seconds: float | None) -> str:
    return "—" if seconds is None else span_words(seconds)


@register.filter
def clock(at: datetime | None) -> str:
    """14:02 today, 11-23 14:02 before."""
    return _on_its_day(at, "%H:%M")


@register.filter
def clock_s(at: datetime | None) -> str:
    """With seconds: 14:02:14."""
    return _on_its_day(at, "%H:%M:%S")


@register.filter
def km(distance: Any) -> str:
    """A Distance or metres as 4.7 km."""
    metres = getattr(distance, "m", distance)
    return "—" if metres is None else f"{metres / 1000:.1f} km"


def _on_its_day(at: datetime | None, pattern: str) -> str:
    if at is None:
        return "—"
    local = timezone.localtime(at)
    is_today = local.date() == timezone.localdate()
    return local.strftime(pattern if is_today else f"%m-%d {pattern}")
