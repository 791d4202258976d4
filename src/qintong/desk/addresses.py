"""Where an entity's pages and its API stand: /registry/vehicles/, /api/v1/registry/vehicles/."""

import re

from qintong.desk.resource import Resource


def plural(name: str) -> str:
    """English plural of a model's name: company → companies, class → classes."""
    if name.endswith("y") and name[-2] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "z", "ch", "sh")) else f"{name}s"


def slug(resource: type[Resource]) -> str:
    """registry/vehicles, onemap/route-parts"""
    meta = resource.model._meta
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", str(meta.object_name)).lower()
    return f"{meta.app_label}/{plural(words)}"


def address(resource: type[Resource], below: str = "") -> str:
    """Of the list, or of a page below it."""
    return f"/{slug(resource)}/{below}"


def api_address(resource: type[Resource], below: str = "") -> str:
    return f"/api/v1/{slug(resource)}/{below}"
