"""Lifecycle of an alarm: new → acknowledged → handled → closed, as a table.

Level and clock do not change what may be done; who may do it is a permission of each act.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    HANDLED = "handled"
    CLOSED = "closed"


class Act(StrEnum):
    ACKNOWLEDGE = "acknowledge_alarm"
    UNACKNOWLEDGE = "unacknowledge_alarm"
    HANDLE = "handle_alarm"
    CLOSE = "close_alarm"
    REOPEN = "reopen_alarm"


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the table."""

    state: State
    act: Act
    result: State
    permission: str
    needs_note: bool = False


_ACKNOWLEDGE, _HANDLE, _CLOSE, _REOPEN = (
    "command.acknowledge_alarm",
    "command.handle_alarm",
    "command.close_alarm",
    "command.reopen_alarm",
)

TRANSITIONS = (
    Transition(State.NEW, Act.ACKNOWLEDGE, State.ACKNOWLEDGED, _ACKNOWLEDGE),
    Transition(State.ACKNOWLEDGED, Act.UNACKNOWLEDGE, State.NEW, _ACKNOWLEDGE),
    Transition(State.NEW, Act.HANDLE, State.HANDLED, _HANDLE, needs_note=True),
    Transition(State.ACKNOWLEDGED, Act.HANDLE, State.HANDLED, _HANDLE, needs_note=True),
    Transition(State.HANDLED, Act.CLOSE, State.CLOSED, _CLOSE),
    Transition(State.HANDLED, Act.REOPEN, State.ACKNOWLEDGED, _REOPEN, needs_note=True),
    Transition(State.CLOSED, Act.REOPEN, State.ACKNOWLEDGED, _REOPEN, needs_note=True),
)
"""(state, act) → result, by whom. What is not here is refused."""

OPEN = (State.NEW, State.ACKNOWLEDGED)
"""States that need somebody."""

_TABLE = {(line.state, line.act): line for line in TRANSITIONS}


def transition(state: str, act: Act) -> Transition | None:
    """The line for this act in this state; None: it may not be done."""
    return _TABLE.get((State(state), act))


def allowed_from(act: Act) -> tuple[State, ...]:
    """States in which the act may be done."""
    return tuple(line.state for line in TRANSITIONS if line.act == act)
