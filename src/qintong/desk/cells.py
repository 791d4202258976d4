"""A value as a list cell or a line of a card: by its template, else by the type of its field."""

from datetime import date, datetime
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, Point
from django.db.models import BooleanField, Model
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from qintong.desk.addresses import address
from qintong.desk.columns import ResolvedColumn
from qintong.desk.registry import resources
from qintong.desk.scope import Scope
from qintong.desk.templatetags.numbers import commas

NOTHING = SafeString('<span class="mute">—</span>')
TONES: dict[str, str] = {
    **dict.fromkeys(("draft", "pending", "new", "waiting", "retired"), "draft"),
    **dict.fromkeys(("submitted", "accepted", "acknowledged", "running", "in_transit"), "open"),
    **dict.fromkeys(("paused", "returned", "withdrawn"), "wait"),
    **dict.fromkeys(
        ("active", "operating", "open", "valid", "granted", "admitted", "handled", "done"), "good"
    ),
    **dict.fromkeys(("suspended", "warning", "limited"), "warn"),
    **dict.fromkeys(
        ("refused", "revoked", "rejected", "failed", "expired", "disabled", "blocked"), "bad"
    ),
    **dict.fromkeys(("closed", "archived", "cancelled", "ended", "voided"), "done"),
}
"""Value of a state → class of `.st`: shape and word before colour. Words of glossary section 4."""


def cell(column: ResolvedColumn, row: Any, scope: Scope) -> SafeString | str:
    """Escaped HTML of one value."""
    raw = column.raw(row)
    if column.template and not column.is_masked and raw not in (None, ""):
        return render_to_string(column.template, {"row": row, "value": raw, "column": column})
    if raw is None or raw == "":
        return NOTHING
    if column.is_masked:
        return format_html('<span class="nw">{}</span>', raw)
    if column.name.split("__")[-1] in {"state", "certificate_state"} and column.labels:
        return state(raw, column.labels.get(raw, raw))
    if column.labels:
        return str(column.labels.get(raw, raw))
    return plain(raw, column, scope)


def plain(raw: Any, column: ResolvedColumn, scope: Scope) -> SafeString | str:
    if isinstance(raw, bool):
        return _yes_no(raw, column)
    if isinstance(raw, Model):
        return linked(raw, scope)
    if isinstance(raw, datetime):
        return moment(raw)
    if isinstance(raw, date):
        return day(raw, column.name)
    if isinstance(raw, int | float):
        return commas(raw)
    if isinstance(raw, GEOSGeometry):
        return place(raw)
    if isinstance(raw, list | tuple):
        return "、".join(map(str, raw))
    return str(raw)


def state(value: Any, label: Any) -> SafeString:
    return format_html('<span class="st {}">{}</span>', TONES.get(str(value), "draft"), label)


def _yes_no(value: bool, column: ResolvedColumn) -> SafeString:
    if isinstance(column.field, BooleanField) and column.name.endswith("is_online"):
        return state("active" if value else "draft", _("在线") if value else _("离线"))
    return SafeString(_("是")) if value else NOTHING


def linked(row: Model, scope: Scope) -> SafeString | str:
    """Its name, as a link where the person may look at such records."""
    resource = resources().get(row._meta.label_lower)
    if resource is None or not scope.allows(resource.permission("view")):
        return str(row)
    return format_html('<a href="{}">{}</a>', address(resource, f"{row.pk}/"), row)


def moment(value: datetime) -> SafeString:
    local = timezone.localtime(value)
    now = timezone.localtime()
    seconds = (now - local).total_seconds()
    exact = f"{local:%Y-%m-%d %H:%M:%S}"
    if 0 <= seconds < 60:
        short = _("刚刚")
    elif 0 <= seconds < 3600:
        short = _("%(n)d 分钟前") % {"n": int(seconds // 60)}
    elif local.date() == now.date():
        short = _("今天 %s") % f"{local:%H:%M}"
    else:
        short = f"{local:%Y-%m-%d %H:%M}"
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), exact, short)


def day(value: date, name: str) -> SafeString:
    """A day that ends something says how far it is."""
    if not name.split("__")[-1].startswith(("expires", "due", "next", "valid_to")):
        return format_html('<span class="nw">{}</span>', value.isoformat())
    left = (value - timezone.localdate()).days
    tone = "t-red" if left < 0 else "t-orange" if left <= 30 else ""
    distance = (
        _("过 %d 天") % -left if left < 0 else _("今天") if left == 0 else _("%d 天后") % left
    )
    return format_html(
        '<span class="nw"><span class="{}">{}</span> <span class="mute s12 rel">{}</span></span>',
        tone,
        value.isoformat(),
        distance,
    )


def place(geometry: GEOSGeometry) -> str:
    if isinstance(geometry, Point):
        return f"{geometry.x:.6f}, {geometry.y:.6f}"
    return _("%(n)s 个顶点") % {"n": commas(geometry.num_coords)}
