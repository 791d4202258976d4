"""`/live/alarms`: server-sent events that say which alarms of a person's scope changed, and the counts.

One listener a process waits for PostgreSQL's notifications (a trigger of Alarm sends them, whoever
wrote the row) and wakes the streams; each asks through the door of its own scope. Equal scopes share
one answer.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
import structlog
from django.db import connection
from django.utils import timezone

from qintong.base.onemap.asgi_reply import Message, Receive, Send, reply, session_key
from qintong.base.onemap.events import event, serve_events
from qintong.base.onemap.viewers import Viewer, Viewers
from qintong.desk.scope import Scope

from .alarms import CHANNEL, Alarm
from .live_counts import changes

TICK_S = 5.0
GATHER_S = 0.2
"""A burst of changes is told once."""
RETRY_S = 2.0
VERSIONS_KEPT = 1_000
MARGIN = timedelta(seconds=5)
MISSED = 500
"""So many changes are told after the listener was deaf; the counts are right in any case."""
CONNECTION_KEYS = ("dbname", "user", "password", "host", "port")

log = structlog.get_logger(__name__)


class Listener:
    """Numbers the notifications that reach this event loop, and keeps which alarms each was about."""

    def __init__(self) -> None:
        self.version = 0
        self._changed: dict[int, frozenset[int]] = {}
        self._woken = asyncio.Condition()
        self._listening = asyncio.Event()
        self._deaf_since = timezone.now()
        self._task: asyncio.Task[None] | None = None
        self._answers: dict[tuple[str, int, int], asyncio.Task[dict[str, Any]]] = {}

    async def begin(self) -> int:
        """The version from which on nothing is missed."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._listening.wait(), TICK_S)
        return self.version

    async def wait(self, version: int, timeout_s: float) -> int:
        """The newest version once it is above `version`; `version` itself when the time is over."""
        async with self._woken:
            try:
                await asyncio.wait_for(
                    self._woken.wait_for(lambda: self.version > version), timeout_s
                )
            except TimeoutError:
                return version
            return self.version

    async def answer(self, scope: Scope, since: int) -> dict[str, Any]:
        """What changed after `since` within the scope."""
        key = (scope.key, since, self.version)
        if key not in self._answers:
            self._answers = {k: v for k, v in self._answers.items() if k[2] == self.version}
            recent = (ids for number, ids in self._changed.items() if number > since)
            ids = frozenset[int]().union(*recent)
            self._answers[key] = asyncio.create_task(asyncio.to_thread(_ask, scope, ids))
        return await asyncio.shield(self._answers[key])

    async def _listen(self) -> None:
        known = connection.get_connection_params()
        parameters = {name: known[name] for name in CONNECTION_KEYS if known.get(name)}
        while True:
            try:
                link = await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
                async with link:
                    await link.execute(f"LISTEN {CHANNEL}")
                    await self._wake(await asyncio.to_thread(_changed_since, self._deaf_since))
                    self._listening.set()
                    while True:
                        notices = [n async for n in link.notifies(stop_after=1)]
                        notices += [n async for n in link.notifies(timeout=GATHER_S)]
                        await self._wake(frozenset(int(n.payload) for n in notices))
            except psycopg.Error as error:
                log.warning("alarm_listener_lost", error=str(error))
            if self._listening.is_set():
                self._listening.clear()
                self._deaf_since = timezone.now()
            await asyncio.sleep(RETRY_S)

    async def _wake(self, ids: frozenset[int]) -> None:
        async with self._woken:
            self.version += 1
            self._changed[self.version] = ids
            self._changed.pop(self.version - VERSIONS_KEPT, None)
            self._woken.notify_all()


_viewers = Viewers()
_listeners: WeakKeyDictionary[asyncio.AbstractEventLoop, Listener] = WeakKeyDictionary()


async def live_alarms(scope: Message, receive: Receive, send: Send) -> None:
    """ASGI application of the address. 401 signed out, 403 without the right to see alarms."""
    if scope["method"] != "GET" or scope["path"] != "/live/alarms":
        await reply(send, 404)
        return
    viewer = await _viewers.viewer(session_key(scope))
    if viewer is not None and not viewer.scope.allows("command.view_alarm"):
        await reply(send, 403)
        return
    await serve_events(scope, receive, send, _viewers, _events)


async def _events(viewer: Viewer) -> AsyncIterator[bytes]:
    listener = _listeners.setdefault(asyncio.get_running_loop(), Listener())
    seen = await listener.begin()
    yield _event("alarms", await listener.answer(viewer.scope, seen))
    while True:
        version = await listener.wait(seen, TICK_S)
        if version == seen:
            yield _event("tick", {})
            continue
        answer = await listener.answer(viewer.scope, seen)
        seen = version
        yield _event("alarms", answer)


def _event(name: str, data: dict[str, Any]) -> bytes:
    at = time.time_ns() // 1_000_000
    return event(name, json.dumps({**data, "at": at}, ensure_ascii=False))


def _changed_since(at: datetime) -> frozenset[int]:
    try:
        changed = Alarm.objects.filter(changed_at__gte=at - MARGIN).order_by("-changed_at")
        return frozenset(changed.values_list("pk", flat=True)[:MISSED])
    finally:
        connection.close()  # as below


def _ask(scope: Scope, ids: frozenset[int]) -> dict[str, Any]:
    try:
        return changes(scope, ids)
    finally:
        connection.close()  # this thread is not Django's: give the connection back to the pool
