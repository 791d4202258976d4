"""Cards that a room adds to the page of a thing it does not own: where a vehicle is, its open alarms.

Providers stand in the `panels.py` of a room, which is imported once all apps are there. A provider is called with the request and the row, which is in the person's scope; it answers with a
card, or None when it has nothing to say.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString

EVERY = "*"
"""Label under which a provider is asked for every entity."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One card of a detail page."""

    title: str
    html: SafeString
    note: str = ""
    href: str = ""
    """Where the card leads; its link is called `link`."""
    link: str = ""
    column: str = "a"
    """a wide, b middle, c narrow."""
    is_flush: bool = False
    """True: the content reaches the edges of the card (maps, tables)."""


Provider = Callable[[HttpRequest, Any], Panel | None]
_providers: dict[str, list[Provider]] = {}


def panel(label: str) -> Callable[[Provider], Provider]:
    """Registers a provider for `app_label.model_name`, or for EVERY entity."""

    def register(provider: Provider) -> Provider:
        _providers.setdefault(label, []).append(provider)
        return provider

    return register


def panels_of(request: HttpRequest, row: Any) -> list[Panel]:
    """Cards for this row, in the order of their registration, those for one entity first."""
    providers = [*_providers.get(row._meta.label_lower, ()), *_providers.get(EVERY, ())]
    return [found for provider in providers if (found := provider(request, row)) is not None]
