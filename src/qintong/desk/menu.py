"""The menu: the four areas of the plan, their rooms, the entities and pages of each room."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.utils.translation import gettext as _

from qintong.desk.addresses import address
from qintong.desk.facts import bell_of
from qintong.desk.registry import resources
from qintong.desk.resource import Resource
from qintong.desk.room import AREAS, Room
from qintong.desk.scope import NOBODY, Scope


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the room list."""

    title: str
    href: str
    group: str
    order: int
    key: str = ""
    """`app.model` of an entity: its count is filled in later."""


@dataclass(frozen=True, slots=True)
class RoomMenu:
    label: str
    title: str
    area: str
    entries: tuple[Entry, ...]

    @property
    def href(self) -> str:
        return self.entries[0].href

    @property
    def groups(self) -> list[tuple[str, list[Entry]]]:
        return [(name, list(lines)) for name, lines in groupby(self.entries, lambda e: e.group)]


def rooms() -> list[Room]:
    found = [config for config in apps.get_app_configs() if isinstance(config, Room)]
    return sorted(found, key=lambda room: (list(AREAS).index(room.area), room.order))


def resources_of(room: Room) -> Iterator[type[Resource]]:
    for label, resource in resources().items():
        if label.split(".")[0] == room.label:
            yield resource


def room_menu(room: Room, scope: Scope) -> RoomMenu:
    entries = [
        Entry(
            str(resource.model._meta.verbose_name_plural),
            address(resource),
            _(resource.group) if resource.group else "",
            resource.order,
            resource.model._meta.label_lower,
        )
        for resource in resources_of(room)
        if scope.allows(resource.permission("view"))
    ]
    entries += [
        Entry(_(page.title), page.href, _(page.group) if page.group else "", page.order)
        for page in room.pages
        if not page.permission or scope.allows(page.permission)
    ]
    first = {e.group: min(x.order for x in entries if x.group == e.group) for e in entries}
    entries.sort(key=lambda e: (e.group != "", first[e.group], e.group, e.order))
    return RoomMenu(room.label, str(room.verbose_name), room.area, tuple(entries))


def menus(scope: Scope) -> list[RoomMenu]:
    """Rooms in which this person has anything to see."""
    found = (room_menu(room, scope) for room in rooms())
    return [menu for menu in found if menu.entries]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor of every page that extends desk/shell.html."""
    scope: Scope = getattr(request, "scope", NOBODY)
    everything = menus(scope)
    label = request.path.strip("/").split("/")[0]
    here = next((menu for menu in everything if menu.label == label), None)
    short = {"base": _("基础"), "business": _("业务"), "service": _("服务"), "decision": _("决策")}
    return {
        "scope": scope,
        "spine": [
            {
                "key": area,
                "title": short[area],
                "href": next((m.href for m in everything if m.area == area), ""),
                "on": here is not None and here.area == area and not _is_own_page(request.path),
            }
            for area in AREAS
        ],
        "room": here,
        "room_entry": _entry_at(here, request.path),
        "theme": _chosen(request, "theme", {"light", "dark"}, "light"),
        "density": _chosen(request, "density", {"compact", "roomy"}, "compact"),
        "area_title": _(AREAS[here.area]) if here else "",
        "siblings": [m for m in everything if here and m.area == here.area and m is not here],
        "bell": bell_of(scope) if scope is not NOBODY else None,
    }


def _is_own_page(path: str) -> bool:
    return path.startswith(("/map/", "/duty/"))


def _entry_at(room: RoomMenu | None, path: str) -> str:
    """The line of the room list on which this page stands."""
    lines = (e.href for e in room.entries) if room else ()
    return max((href for href in lines if path.startswith(href)), key=len, default="")


def _chosen(request: HttpRequest, name: str, allowed: set[str], default: str) -> str:
    """What this browser chose last, else what the account says."""
    choice = request.COOKIES.get(name) or getattr(request.user, name, default)
    return choice if choice in allowed else default
