"""What a room tells of itself beyond its lists: figures, waiting work, feeds, places, the bell.

A room writes providers into its `facts.py`, which is imported once all apps are there. A provider is
asked with the scope of the person and answers for that scope only. What it does not know it leaves
out, or gives None, which is shown as —. The cockpit puts the answers together and knows no room.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from qintong.desk.room import AREAS
from qintong.desk.scope import Scope


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure of the strip at the top."""

    title: str
    value: int | float | None
    unit: str
    note: str
    """Base, time or parts of the figure."""
    href: str = ""
    tone: str = ""
    """red or orange when it needs somebody."""
    history: tuple[float, ...] = ()
    """Earlier values, oldest first, evenly spaced; () where none are kept."""
    order: int = 100


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of an area's card: what, how many."""

    title: str
    value: int | float | str | None
    unit: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """The last line of an area's card: what is wanting there."""

    text: str
    href: str
    tone: str = ""
    """bad or late."""


@dataclass(frozen=True, slots=True)
class Attention:
    """One line of 要处理: something that waits for this person."""

    level: int
    """1 to 4, as alarms."""
    title: str
    detail: str
    """Plain text, or SafeString with chips (plates, stakes)."""
    state: str
    tone: str
    """Class of `.st`: draft, open, wait, good, warn, bad, yel."""
    at: datetime | None
    href: str
    act: str
    """Verb on the button: 核实, 去办."""
    is_mine: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """The most urgent lines and how many there are in all."""

    lines: tuple[Attention, ...]
    total: int


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One external stream: when it last brought something, how much of what is expected."""

    name: str
    at: datetime | None
    completeness: float | None
    """0 to 1; None = unknown or not expected."""
    state: str
    """ok, late, dead, unknown."""
    href: str = ""


@dataclass(frozen=True, slots=True)
class MapMark:
    """Something on the cockpit's map."""

    lon: float
    lat: float
    level: int
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Bell:
    """The bell of every page."""

    count: int
    href: str
    script: str = ""
    """Static path of the module that keeps it up to date."""


Answer = TypeVar("Answer")
Provider = Callable[[Scope], Answer]


class Providers(Generic[Answer]):
    """Functions that answer one question; a decorator for them."""

    def __init__(self) -> None:
        self._providers: list[Provider[Iterable[Answer]]] = []

    def __call__(self, provider: Provider[Iterable[Answer]]) -> Provider[Iterable[Answer]]:
        self._providers.append(provider)
        return provider

    def of(self, scope: Scope) -> list[Answer]:
        return [answer for provider in self._providers for answer in provider(scope)]


headlines: Providers[Headline] = Providers()
feeds: Providers[FeedLine] = Providers()
map_marks: Providers[MapMark] = Providers()
waiting: Providers[Waiting] = Providers()
area_facts: dict[str, Providers[Fact]] = {area: Providers() for area in AREAS}
area_needs: dict[str, Providers[Need]] = {area: Providers() for area in AREAS}
_bell: list[Provider[Bell | None]] = []


def bell(provider: Provider[Bell | None]) -> Provider[Bell | None]:
    """Registers the one source of the bell; a second raises."""
    if _bell:
        raise RuntimeError(f"the bell is rung by {_bell[0]!r} already")
    _bell.append(provider)
    return provider


def bell_of(scope: Scope) -> Bell | None:
    """None: no bell for this person."""
    return _bell[0](scope) if _bell else None


def waiting_for(scope: Scope, limit: int) -> Waiting:
    """The most urgent lines of all rooms, by level, then newest first."""
    answers = waiting.of(scope)
    lines = [line for answer in answers for line in answer.lines]
    lines.sort(key=lambda line: (line.level, -(line.at.timestamp() if line.at else 0)))
    return Waiting(tuple(lines[:limit]), sum(answer.total for answer in answers))
