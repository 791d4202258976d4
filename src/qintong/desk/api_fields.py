"""What the JSON API says of an entity: its fields with title, kind, unit, labels and grade, read once from the declaration."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from qintong.desk.import_mapping import unit_of
from qintong.desk.resource import Column, Resource
from qintong.desk.row_form import form_class_of

SECRET = frozenset({"password", "digest", "secret"})
"""Never answered, whatever a form holds."""


@dataclass(frozen=True, slots=True)
class ApiField:
    """One member of the entity's JSON object."""

    name: str
    title: str
    kind: str
    """string | integer | number | boolean | date | date-time | related | geometry | array | any"""
    nullable: bool = False
    writable: bool = False
    required: bool = False
    unit: str = ""
    grade: str = ""
    """Data grade without which the value is masked."""
    labels: tuple[tuple[Any, str], ...] = ()
    related: str = ""
    """Label of the model a `related` field points at."""
    max_length: int | None = None
    help: str = ""


KINDS: tuple[tuple[type[Any], str], ...] = (
    (GeometryField, "geometry"),
    (ArrayField, "array"),
    (models.BooleanField, "boolean"),
    (models.IntegerField, "integer"),
    (models.FloatField, "number"),
    (models.DecimalField, "number"),
    (models.DateTimeField, "date-time"),
    (models.DateField, "date"),
    (models.ForeignKey, "related"),
    (models.JSONField, "any"),
)


def fields_of(resource: type[Resource]) -> tuple[ApiField, ...]:
    """Columns, fields of the cards and of the form, in this order; `id` stands beside them."""
    return _fields_of(resource)  # type: ignore[arg-type]  # a class is hashable


@cache
def _fields_of(resource: type[Resource]) -> tuple[ApiField, ...]:
    form_fields = form_class_of(resource).base_fields
    units = {c.name: c.unit for c in resource.columns if isinstance(c, Column)}
    titles = {c.name: c.title for c in resource.columns if isinstance(c, Column) and c.title}
    names = [c.name if isinstance(c, Column) else c for c in resource.columns]
    names += [name for fieldset in resource.fieldsets for name in fieldset.fields]
    names += [*resource.natural_key, *form_fields]
    if resource.layer:
        names.append(resource.layer.geometry)
    found = []
    for name in dict.fromkeys(names):
        if name in SECRET or name in {"id", "pk"}:
            continue
        form_field = None if resource.read_only else form_fields.get(name)
        model_field = _model_field(resource.model, name)
        title = titles.get(name) or _title(model_field, form_field, name)
        if model_field is None and form_field is not None:
            continue
        found.append(
            ApiField(
                name=name,
                title=title,
                kind=_kind(model_field),
                nullable=bool(model_field is None or model_field.null),
                writable=form_field is not None and model_field is not None,
                required=bool(form_field and form_field.required and form_field.initial is None),
                unit=units.get(name) or unit_of(name),
                grade=resource.masked.get(name, ""),
                labels=tuple(
                    (v, str(label)) for v, label in getattr(model_field, "flatchoices", ()) or ()
                ),
                related=_related(model_field),
                max_length=getattr(model_field, "max_length", None),
                help=str(getattr(model_field, "help_text", "") or ""),
            )
        )
    return tuple(found)


def _model_field(model: type[models.Model], path: str) -> Any:
    """The concrete field at the end of a path; None for an annotation or a property."""
    found: Any = None
    for part in path.split("__"):
        try:
            found = model._meta.get_field(part)
        except FieldDoesNotExist:
            return None
        if found.is_relation and found.related_model:
            model = found.related_model
    return found if getattr(found, "concrete", False) else None


def _kind(model_field: Any) -> str:
    if model_field is None:
        return "any"
    return next((kind for cls, kind in KINDS if isinstance(model_field, cls)), "string")


def _related(model_field: Any) -> str:
    if isinstance(model_field, models.ForeignKey):
        return str(model_field.related_model._meta.label_lower)
    return ""


def _title(model_field: Any, form_field: Any, name: str) -> str:
    if form_field is not None and form_field.label:
        return str(form_field.label)
    return str(getattr(model_field, "verbose_name", "") or name)
