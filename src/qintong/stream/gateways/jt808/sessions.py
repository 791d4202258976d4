"""Terminal sessions: which link speaks for which terminal (JT/T 808-2019 clause 5.3)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TerminalSession:
    terminal_id: int
    vehicle_id: int
    descriptor: int
    connection_id: int
    edition: int
    is_authenticated: bool


class Sessions:
    """At most one session a terminal and one a link, so the table never grows past the links."""

    def __init__(self) -> None:
        self._of_terminal: dict[int, TerminalSession] = {}
        self._of_link: dict[int, TerminalSession] = {}

    def __len__(self) -> int:
        return len(self._of_terminal)

    def of_terminal(self, terminal_id: int) -> TerminalSession | None:
        return self._of_terminal.get(terminal_id)

    def of_link(self, descriptor: int) -> TerminalSession | None:
        return self._of_link.get(descriptor)

    def all(self) -> list[TerminalSession]:
        return list(self._of_terminal.values())

    def begin(self, session: TerminalSession) -> None:
        """Enter a session; what it replaces must have been ended."""
        self._of_terminal[session.terminal_id] = session
        self._of_link[session.descriptor] = session

    def end(self, session: TerminalSession) -> None:
        """Remove a session. A loser's late close never removes the winner."""
        for table, key in (
            (self._of_terminal, session.terminal_id),
            (self._of_link, session.descriptor),
        ):
            found = table.get(key)
            if found is not None and found.connection_id == session.connection_id:
                del table[key]
