"""A room is one task of the plan: a Django app with its place in the menu."""

from dataclasses import dataclass
from typing import ClassVar

from django.apps import AppConfig

AREAS: dict[str, str] = {
    "base": "基础资源",
    "business": "业务管理",
    "service": "交通服务",
    "decision": "决策监管",
}


@dataclass(frozen=True, slots=True)
class MenuPage:
    """A page beyond the kit, as a line of the room list."""

    title: str
    href: str
    permission: str = ""
    group: str = ""
    order: int = 100


class Room(AppConfig):
    """App configuration of a domain package. The menu is made from these and from the Resources."""

    default = False
    """Django must not take this base class for the room's own configuration."""

    default_auto_field = "django.db.models.BigAutoField"

    area: ClassVar[str]
    """Key of AREAS: which of the plan's four areas the room stands in."""

    task: ClassVar[int]
    """Number of the plan's task, 1 to 10."""

    icon: ClassVar[str] = "square"
    """Name of a symbol in desk/static/desk/icons.svg."""

    order: ClassVar[int] = 100
    """Place among the rooms of its area, ascending."""

    def __init_subclass__(cls) -> None:
        cls.default = True

    pages: ClassVar[tuple[MenuPage, ...]] = ()
    """Pages beyond the kit, shown in the room list."""
