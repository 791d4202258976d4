"""Plates, route shields and stakes as they look on the road."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

PLATE_CLASS = {1: "b", 2: "y", 3: "k", 4: "w", 5: "g", 91: "y", 92: "g", 93: "yg", 94: "g"}
"""Code of JT/T 697.7 → class of `.plate`."""


@register.simple_tag
def plate(number: str, colour: int | None = None, size: str = "") -> SafeString:
    """`size="lg"` in a page's heading. 陕A·D3072 on its colour. The code stands in the title, so that colour is not the only sign."""
    text = str(number)
    return format_html(
        '<span class="plate {}{}">{}<i></i>{}</span>',
        PLATE_CLASS.get(int(colour or 0), "w"),
        f" {size}" if size else "",
        text[:2],
        text[2:],
    )


@register.simple_tag
def shield(code: str) -> SafeString:
    """National expressway red head on green, provincial yellow head, trunk roads red."""
    text = str(code)
    digits = "".join(c for c in text if c.isdigit())
    trunk = len(digits) == 3 and text[:1] in {"G", "S"}
    kind = "n" if trunk else "s" if text.startswith("S") else ""
    return format_html('<span class="rt {}"><b>{}</b></span>', kind, text)


@register.filter
def stake(value: Any) -> str:
    """629620 → K629+620; None → —."""
    if value is None or value == "":
        return "—"
    metres = int(value)
    sign = "-" if metres < 0 else ""
    return f"K{sign}{abs(metres) // 1000}+{abs(metres) % 1000:03d}"
