"""Columns as lists, exports and the API use them: resolved once from the declaration, masked by scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from qintong.desk.masking import mask, readable
from qintong.desk.paths import field_at, value_at
from qintong.desk.resource import Column, Resource
from qintong.desk.scope import Scope


@dataclass(frozen=True, slots=True)
class ResolvedColumn:
    """One column for one person."""

    name: str
    title: str
    unit: str
    template: str
    sortable: bool
    shown: bool
    field: Any
    """Model field at the end of the path; None for an annotation."""
    labels: dict[Any, str]
    """Value → label of a choice."""
    is_masked: bool

    @property
    def heading(self) -> str:
        return f"{self.title} ({self.unit})" if self.unit else self.title

    def raw(self, row: Any) -> Any:
        """The stored value, masked where the grade is lacking; a record for a foreign key."""
        value = value_at(row, self.name)
        return mask(value) if self.is_masked else value

    def value(self, row: Any) -> Any:
        """As a file shows it: labels of choices, names of records, local time."""
        value = self.raw(row)
        if self.labels and not self.is_masked:
            value = self.labels.get(value, value)
        if isinstance(value, Model | GEOSGeometry):
            return str(value)
        if isinstance(value, list | tuple | dict):
            return "、".join(map(str, value))
        if isinstance(value, datetime) and timezone.is_aware(value):
            return timezone.localtime(value).replace(tzinfo=None)
        return value


def columns_of(
    resource: type[Resource], scope: Scope, chosen: Sequence[str] | None = None
) -> list[ResolvedColumn]:
    """The declared columns in their order; those `chosen`, in the chosen order; `None`: those shown at first."""
    every = [
        resolved(resource, scope, c if isinstance(c, Column) else Column(c))
        for c in resource.columns
    ]
    if chosen is None:
        return [column for column in every if column.shown]
    by_name = {column.name: column for column in every}
    return [by_name[name] for name in dict.fromkeys(chosen) if name in by_name]


def resolved(resource: type[Resource], scope: Scope, column: Column) -> ResolvedColumn:
    field = field_at(resource.model, column.name)
    title = column.title or str(getattr(field, "verbose_name", column.name))
    unit = column.unit
    if unit and not column.title:
        title = title.removesuffix(unit).strip()
    return ResolvedColumn(
        name=column.name,
        title=_(title) if column.title else title,
        unit=unit,
        template=column.template,
        sortable=column.sortable and field is not None and readable(resource, scope, column.name),
        shown=column.shown,
        field=field,
        labels={value: str(label) for value, label in getattr(field, "flatchoices", None) or ()},
        is_masked=not readable(resource, scope, column.name),
    )
