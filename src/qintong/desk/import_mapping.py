"""Which column of a file goes to which field: recognised by title, field name and unit, editable, remembered."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from django import forms
from django.contrib.gis import forms as gis_forms
from django.db.models import Model

from qintong.desk.cell_values import UNITS

_UNIT_HINT = re.compile(r"[(（\[【]\s*([^)）\]】]*?)\s*[)）\]】]")


@dataclass(frozen=True, slots=True)
class Target:
    """One place a column may go to: a field of the form, or one ordinate of its point."""

    name: str
    title: str
    kind: str
    """text | number | date | yes_no | choice | related | lon | lat | geometry"""
    required: bool = False
    unit: str = ""
    choices: dict[str, str] = field(default_factory=dict)
    """Label → value; the values map to themselves."""
    labels: tuple[str, ...] = ()
    help: str = ""
    aliases: tuple[str, ...] = ()
    """Other headings met in files."""
    model: type[Model] | None = None
    """What a `related` target points at."""

    @property
    def field(self) -> str:
        """Name of the form field it fills."""
        return self.name.partition(".")[0]


def targets_of(
    form_fields: Mapping[str, forms.Field], also_called: Mapping[str, tuple[str, ...]] | None = None
) -> list[Target]:
    """In the order of the form. Files and multiple choices are not offered: a cell cannot hold them."""
    aliases = also_called or {}
    found: list[Target] = []
    for name, form_field in form_fields.items():
        title = without_unit(str(form_field.label or name), unit_of(name))
        if isinstance(form_field, gis_forms.GeometryField):
            if form_field.geom_type in {"POINT", "GEOMETRY"}:
                found += [
                    Target(f"{name}.lon", "经度", "lon", form_field.required, "°"),
                    Target(f"{name}.lat", "纬度", "lat", form_field.required, "°"),
                ]
            found.append(Target(name, f"{title} WKT", "geometry"))
        elif not isinstance(
            form_field, forms.FileField | forms.ModelMultipleChoiceField | forms.MultipleChoiceField
        ):
            found.append(_target(name, title, form_field))
    return [
        replace(target, aliases=tuple(aliases.get(target.name, ())))
        if target.name in aliases
        else target
        for target in found
    ]


def _target(name: str, title: str, form_field: forms.Field) -> Target:
    required = form_field.required and form_field.initial is None
    if isinstance(form_field, forms.ModelChoiceField) and form_field.queryset is not None:
        return Target(name, title, "related", required, model=form_field.queryset.model)
    if isinstance(form_field, forms.ChoiceField):
        pairs = [
            (str(v), str(label)) for v, label in _flat(form_field.choices) if v not in ("", None)
        ]
        choices = {plain_title(value): value for value, _label in pairs}
        choices |= {plain_title(label): value for value, label in pairs}
        labels = tuple(label for _value, label in pairs)
        return Target(name, title, "choice", required, choices=choices, labels=labels)
    if isinstance(form_field, forms.IntegerField):  # covers float and decimal
        return Target(name, title, "number", required, unit_of(name))
    if isinstance(form_field, forms.DateField | forms.DateTimeField):
        return Target(name, title, "date", required)
    if isinstance(form_field, forms.BooleanField | forms.NullBooleanField):
        return Target(name, title, "yes_no")
    return Target(name, title, "text", required, help=str(form_field.help_text))


def _flat(choices: Any) -> list[tuple[Any, Any]]:
    """Choices with groups opened."""
    flat: list[tuple[Any, Any]] = []
    for value, label in choices:
        flat += _flat(label) if isinstance(label, list | tuple) else [(value, label)]
    return flat


def unit_of(name: str) -> str:
    """The unit stands at the end of a field's name: length_m, speed_kmh."""
    suffix = name.rpartition("_")[2]
    return suffix if suffix in UNITS and suffix != name else ""


def without_unit(title: str, unit: str) -> str:
    """总质量 kg → 总质量, where the unit is known from the field's name."""
    return title.removesuffix(unit).strip() if unit else title


def plain_title(text: str) -> str:
    """Titles are compared without width, space, star, colon and unit."""
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s*＊:：_]", "", _UNIT_HINT.sub("", text)).lower()


def unit_hint(heading: str, target: Target) -> str:
    """总质量（t） → t, when it is a unit the target's own can be made from."""
    match = _UNIT_HINT.search(unicodedata.normalize("NFKC", heading))
    hint = match[1] if match else ""
    known = UNITS.get(target.unit, {})
    return hint if hint in known or hint.lower() in known else ""


def suggest(
    headings: list[str], targets: list[Target], remembered: dict[str, str] | None = None
) -> dict[int, str]:
    """Column index → target name: what was used before for this heading, exact titles, then near ones."""
    by_name = {target.name: target for target in targets}
    titles: dict[str, str] = {}
    for target in targets:
        titles.setdefault(plain_title(target.title), target.name)
        titles.setdefault(plain_title(target.name), target.name)
    for target in targets:
        for alias in target.aliases:
            titles.setdefault(plain_title(alias), target.name)
    found: dict[int, str] = {}

    def take(index: int, name: str | None) -> None:
        if name in by_name and name not in found.values() and index not in found:
            found[index] = str(name)

    for index, heading in enumerate(headings):
        take(index, (remembered or {}).get(heading))
    for index, heading in enumerate(headings):
        take(index, titles.get(plain_title(heading)))
    for index, heading in enumerate(headings):
        near = get_close_matches(plain_title(heading), titles, n=1, cutoff=0.75)
        take(index, titles[near[0]] if near else None)
    return found
