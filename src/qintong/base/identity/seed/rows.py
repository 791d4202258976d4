"""Writing a row of the seed only where it differs: a second seed leaves no trace in the change record."""

from typing import Any, TypeVar

from django.db.models import Model

M = TypeVar("M", bound=Model)


def put(model: type[M], values: dict[str, Any], **key: Any) -> M:
    """The row with this key, made or brought to these values."""
    row = model._default_manager.filter(**key).first()
    if row is None:
        return model._default_manager.create(**key, **values)
    different = [name for name, value in values.items() if getattr(row, name) != value]
    if different:
        for name in different:
            setattr(row, name, values[name])
        row.save()
    return row
