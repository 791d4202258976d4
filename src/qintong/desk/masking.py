"""Values that need a data grade: who lacks it sees them masked everywhere, and can neither filter, search nor sort by them."""

from typing import Any

from qintong.desk.paths import field_at
from qintong.desk.registry import resources
from qintong.desk.resource import Resource
from qintong.desk.scope import Scope


def readable(resource: type[Resource], scope: Scope, path: str) -> bool:
    """False when a field of the path needs a grade that the person lacks, here or in a related entity."""
    declared: type[Resource] | None = resource
    model = resource.model
    for part in path.split("__"):
        grade = declared.masked.get(part) if declared else None
        if grade and grade not in scope.unmasked:
            return False
        field = field_at(model, part)
        if field is None or not field.is_relation or field.related_model is None:
            break
        model = field.related_model
        declared = resources().get(model._meta.label_lower)
    return True


def mask(value: Any) -> Any:
    """13800000417 → 138****0417; a short text keeps its first character; nothing stays nothing."""
    if value in (None, ""):
        return value
    text = str(value)
    if len(text) >= 8:
        return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"
    return text[0] + "*" * max(len(text) - 1, 1)


def shown(resource: type[Resource], scope: Scope, path: str, value: Any) -> Any:
    """The value as this person may see it."""
    return value if readable(resource, scope, path) else mask(value)
