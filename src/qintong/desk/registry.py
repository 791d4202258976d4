"""The registry of Resources: filled at import by @register, refuses duplicates, never changes afterwards."""

from typing import TypeVar

from qintong.desk.resource import Resource

_resources: dict[str, type[Resource]] = {}
R = TypeVar("R", bound=type[Resource])


def register(resource: R) -> R:
    """Class decorator: makes the entity known under `app_label.model_name`."""
    label = resource.model._meta.label_lower
    if label in _resources:
        raise ValueError(f"{label} is registered twice: {_resources[label]} and {resource}")
    _resources[label] = resource
    return resource


def resources() -> dict[str, type[Resource]]:
    return dict(_resources)


def resource_for(label: str) -> type[Resource]:
    """Raises KeyError with the label when nothing is registered under it."""
    return _resources[label]
