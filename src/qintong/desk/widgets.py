"""Widgets that fit the value: found by typing, few side by side, a day, a point, a stake.

`dress` chooses them; a form that brings a widget of its own keeps it.
"""

import re
from typing import Any

from django import forms
from django.contrib.gis.forms import GeometryField
from django.contrib.gis.geos import GEOSException, GEOSGeometry, Point
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qintong.desk.addresses import address
from qintong.desk.import_related import Lookup
from qintong.desk.resource import Resource
from qintong.desk.templatetags.plates import stake

MOST_OPTIONS = 200
"""A record with more choices is found by typing."""
MOST_SEGMENTS = 4
EXTENT = (73.0, 3.0, 136.0, 54.0)
"""West, south, east, north of the country: a point outside was mistyped or has its numbers swapped."""
_PAIR = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*[,，\s]\s*(-?\d+(?:\.\d+)?)\s*$")
_STAKE = re.compile(r"^\s*[Kk]?\s*(-?\d+)\s*\+\s*(\d{1,3}(?:\.\d+)?)\s*$")


class Combo(forms.TextInput):
    """A text field with suggestions; beside it, unseen, the key of what was chosen. Without scripts
    the name or the natural key is typed whole."""

    template_name = "desk/widgets/combo.html"

    def __init__(self, queryset: QuerySet[Any], source: str) -> None:
        super().__init__({"class": "form-control", "autocomplete": "off"})
        self.queryset, self.source = queryset, source

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"text": self.text_of(value), "key": value, "source": self.source}
        return context

    def text_of(self, value: Any) -> str:
        if value in (None, ""):
            return ""
        if not str(value).isdigit():
            return str(value)
        row = self.queryset.filter(pk=value).first()
        return str(row) if row else str(value)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        key, text = data.get(name), data.get(f"{name}__text")
        if text is None or not text.strip():
            return key if text is None else ""
        if key and self.text_of(key) == text.strip():
            return key
        lookup = Lookup(self.queryset)
        lookup.load([text.strip()])
        return lookup.found[text.strip()].pk or text.strip()


class Segments(forms.RadioSelect):
    """Few values side by side."""

    template_name = "desk/widgets/segments.html"


class PointInput(forms.TextInput):
    """经度, 纬度 as text; the map beside it writes into it."""

    map_srid = 4490

    def format_value(self, value: Any) -> str:
        if isinstance(value, Point):
            return f"{value.x:.6f}, {value.y:.6f}"
        return str(value or "")

    def deserialize(self, text: str) -> Point:
        found = _PAIR.match(text)
        if not found:
            raise ValidationError(_("写作 经度, 纬度，如 109.440000, 36.632000"))
        lon, lat = float(found[1]), float(found[2])
        west, south, east, north = EXTENT
        if not (west <= lon <= east and south <= lat <= north):
            swapped = west <= lat <= east and south <= lon <= north
            hint = _("，经度在前") if swapped else ""
            raise ValidationError(
                _("%(place)s 不在国内%(hint)s") % {"place": text.strip(), "hint": hint}
            )
        return Point(lon, lat, srid=self.map_srid)


class ShapeInput(forms.Textarea):
    """A line or an area as WKT."""

    map_srid = 4490

    def format_value(self, value: Any) -> str:
        return value.wkt if isinstance(value, GEOSGeometry) else str(value or "")

    def deserialize(self, text: str) -> GEOSGeometry:
        if not re.match(r"^\s*(?:SRID=\d+;\s*)?[A-Za-z]+\s*\(", text):
            raise ValidationError(_("写作 WKT，如 LINESTRING (109.1 34.2, 109.3 34.5)"))
        try:
            return GEOSGeometry(text)
        except (GEOSException, ValueError) as refusal:
            raise ValidationError(_("形状读不出来，检查括号和坐标")) from refusal


class StakeInput(forms.TextInput):
    """K1187+342 for 1,187,342 m; plain metres are taken too."""

    def format_value(self, value: Any) -> str:
        return stake(value) if isinstance(value, int) else str(value or "")

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        text = data.get(name)
        found = _STAKE.match(text or "")
        if not found:
            return text
        metres = int(found[1]) * 1000
        rest = round(float(found[2]))
        return str(metres - rest if found[1].startswith("-") else metres + rest)


def dress(form: forms.BaseModelForm, resource: type[Resource]) -> None:
    """Gives every field its widget and its classes."""
    for name, field in form.fields.items():
        field.error_messages["required"] = _("没有填")
        field.widget = _widget(resource, name, field)
        if hasattr(field, "choices") and isinstance(field.widget, forms.Select | Segments):
            field.widget.choices = _worded(field)
        field.widget.is_required = field.required
        if isinstance(field.widget, forms.CheckboxInput):
            field.widget.attrs["class"] = "ck"
        elif not isinstance(field.widget, Segments):
            field.widget.attrs.setdefault("class", "form-control")


def _worded(field: Any) -> Any:
    """Choices in which nothing is called 选一个, or 不填 where that is allowed."""
    nothing = _("选一个") if field.required else _("不填")
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = nothing if field.empty_label is not None else None
        return field.choices
    return [(key, nothing if key in ("", None) else label) for key, label in field.choices]


def _widget(resource: type[Resource], name: str, field: forms.Field) -> forms.Widget:
    given = field.widget
    if isinstance(field, forms.ModelMultipleChoiceField):
        return given
    if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
        field.error_messages["invalid_choice"] = _("你的范围内没有这个%s") % field.label
        if field.queryset[: MOST_OPTIONS + 1].count() > MOST_OPTIONS:
            return Combo(field.queryset, address(resource, f"choices/{name}/"))
        return given
    if isinstance(field, GeometryField):
        return PointInput() if field.geom_type == "POINT" else ShapeInput()
    if isinstance(field, forms.IntegerField) and name.endswith("stake_m"):
        return StakeInput()
    if isinstance(field, forms.DateTimeField):
        return forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
    if isinstance(field, forms.DateField):
        return forms.DateInput({"type": "date"}, "%Y-%m-%d")
    is_few = (
        type(given) is forms.Select and len(list(getattr(field, "choices", ()))) <= MOST_SEGMENTS
    )
    if is_few and field.required:
        return Segments()
    return given
