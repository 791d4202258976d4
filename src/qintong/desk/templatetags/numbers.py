"""Numbers as the interface writes them: thousands commas in every language (Django groups Chinese by four)."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def commas(value: Any) -> str:
    """12480 → 12,480; what is no number stays."""
    try:
        return f"{value:,}"
    except (TypeError, ValueError):
        return str(value)
