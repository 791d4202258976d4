"""What a room tells of itself beyond its lists: figures for the cockpit, work that waits, the bell.

Rooms fill these registries at import (from their `facts.py`, imported in `AppConfig.ready`). A
provider is asked with the scope of the person and answers for that scope only. What it does not know
it leaves out, or gives None, which is shown as —.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from qintong.desk.room import AREAS
from qintong.desk.scope import Scope


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of an area's card: what, how many."""

    title: str
    value: int | float | str | None
    unit: str = ""
    href: str = ""


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
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """Answer of an attention provider: the most urgent lines and how many there are in all."""

    lines: tuple[Attention, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Bell:
    """The bell of every page."""

    count: int
    href: str
    script: str = ""
    """Static path of the module that keeps it up to date."""


FactsProvider = Callable[[Scope], Iterable[Fact]]
AttentionProvider = Callable[[Scope, int], Waiting]
BellProvider = Callable[[Scope], Bell | None]

_facts: dict[str, list[FactsProvider]] = {area: [] for area in AREAS}
_attention: list[AttentionProvider] = []
_bell: list[BellProvider] = []


def facts(area: str) -> Callable[[FactsProvider], FactsProvider]:
    """Registers a provider of figures for the card of an area (key of AREAS)."""

    def register(provider: FactsProvider) -> FactsProvider:
        _facts[area].append(provider)
        return provider

    return register


def attention(provider: AttentionProvider) -> AttentionProvider:
    """Registers a provider of waiting work: (scope, how many lines at most) → Waiting."""
    _attention.append(provider)
    return provider


def bell(provider: BellProvider) -> BellProvider:
    """Registers the one source of the bell; a second raises."""
    if _bell:
        raise RuntimeError(f"the bell is rung by {_bell[0]!r} already")
    _bell.append(provider)
    return provider


def facts_of(area: str, scope: Scope) -> list[Fact]:
    return [fact for provider in _facts[area] for fact in provider(scope)]


def waiting_for(scope: Scope, limit: int) -> Waiting:
    """The most urgent lines of all rooms, by level, then newest first."""
    answers = [provider(scope, limit) for provider in _attention]
    lines = [line for answer in answers for line in answer.lines]
    lines.sort(key=lambda line: (line.level, -(line.at.timestamp() if line.at else 0)))
    return Waiting(tuple(lines[:limit]), sum(answer.total for answer in answers))


def bell_of(scope: Scope) -> Bell | None:
    return _bell[0](scope) if _bell else None
