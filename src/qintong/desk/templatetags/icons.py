"""`{% icon "search" %}`: a symbol of the sprite, drawn in the colour of the text around it."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """`size="s"` for 14 px beside text, else 18 px."""
    sprite = static("desk/icons.svg")
    small = " ic-s" if size == "s" else ""
    return format_html(
        '<svg class="ic{}" aria-hidden="true"><use href="{}#{}"/></svg>', small, sprite, name
    )
