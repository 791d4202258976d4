"""Field paths of a declaration (`structure__route`): the field at their end, the value in a row."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db.models import Model


def field_at(model: type[Model], path: str) -> Any:
    """The field at the end of the path; None for an annotation, a property, or no such field."""
    found: Any = None
    for part in path.split("__"):
        if model is None:
            return None
        try:
            found = model._meta.pk if part == "pk" else model._meta.get_field(part)
        except FieldDoesNotExist:
            return None
        model = found.related_model if found.is_relation else None  # type: ignore[assignment]  # ends the walk
    return found


def value_at(row: Any, path: str) -> Any:
    """Attribute by attribute; None where a relation is empty."""
    value = row
    for part in path.split("__"):
        try:
            value = getattr(value, part)
        except ObjectDoesNotExist:
            return None
        if value is None:
            return None
    return value


def relations_in(model: type[Model], path: str) -> str:
    """The part of a path that `select_related` can follow; empty when there is none."""
    followed: list[str] = []
    for part in path.split("__"):
        field = field_at(model, part)
        if field is None or not field.is_relation or field.many_to_many or field.one_to_many:
            break
        followed.append(part)
        model = field.related_model
    return "__".join(followed)
