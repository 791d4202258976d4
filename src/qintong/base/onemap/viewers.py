"""Whose request it is, for handlers before Django's middleware: session cookie → scope."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from qintong.base.identity.door import scope_of_session
from qintong.desk.scope import Scope

_KEPT_S = 2.0
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Viewer:
    scope: Scope
    key: str
    """Digest of what the viewer may see."""


class Viewers:
    """Remembers each session's scope for two seconds: so long may a withdrawn right still work."""

    def __init__(self, scope_of: Callable[[str], Scope | None] = scope_of_session) -> None:
        self._scope_of = scope_of
        self._known: dict[str, tuple[float, Viewer | None]] = {}

    async def viewer(self, session: str) -> Viewer | None:
        """None: nobody is signed in."""
        if not session:
            return None
        known = self._known.get(session)
        if known and known[0] > time.monotonic():
            return known[1]
        scope = await asyncio.to_thread(self._look_up, session)
        viewer = Viewer(scope, scope.key) if scope else None
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[session] = (time.monotonic() + _KEPT_S, viewer)
        return viewer

    def _look_up(self, session: str) -> Scope | None:
        try:
            return self._scope_of(session)
        finally:
            connection.close()  # this thread is not Django's: give the connection back to the pool
