"""Figures and times as the cockpit writes them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def figure(value: float | str | None) -> str:
    """1,204; 0.4; — when unknown."""
    if value is None:
        return "—"
    if isinstance(value, str):
        return value
    return f"{value:,.1f}" if isinstance(value, float) and abs(value) < 100 else f"{value:,.0f}"


@register.filter
def share(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"


@register.filter
def since(at: datetime | None) -> str:
    """2 分钟前, 今天 09:40, 11-23 12:05."""
    if at is None:
        return "—"
    gap = timezone.now() - at
    if timedelta(0) <= gap < timedelta(minutes=1):
        return _("刚刚")
    if timedelta(0) <= gap < timedelta(hours=1):
        return _("%(minutes)d 分钟前") % {"minutes": gap.total_seconds() // 60}
    local = timezone.localtime(at)
    if local.date() == timezone.localdate():
        return _("今天 %(time)s") % {"time": f"{local:%H:%M}"}
    return f"{local:%m-%d %H:%M}"


@register.filter
def sparkline(history: Sequence[float]) -> str:
    """Points of a polyline in a box of 64 × 20."""
    low, high = min(history), max(history)
    height = (high - low) or 1
    step = 64 / (len(history) - 1)
    return " ".join(
        f"{index * step:.1f},{18 - (value - low) / height * 16:.1f}"
        for index, value in enumerate(history)
    )


@register.filter
def spark_end(history: Sequence[float]) -> str:
    """Height of the last point."""
    return sparkline(history).rsplit(",", 1)[1]
