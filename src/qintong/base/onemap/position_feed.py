"""The live map's feed: one reader of the state for all viewers, each sent what its scope may see.

A viewer keeps the number of the last change it was sent. When it has taken one packet it is given what
changed since, each vehicle once: one that reads slowly gets larger steps, never a growing queue.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import numpy as np
from django.db import connection

from qintong.base.onemap.events import event
from qintong.base.onemap.position_packets import packet
from qintong.base.onemap.viewers import Viewer
from qintong.desk.scope import Scope
from qintong.stream.state import ROW, State

PULSE_S = 0.3
_BEAT_S = 1.0
_REFRESH_S = 15.0

_NO_ROWS = np.zeros(0, ROW)

VehiclesOf = Callable[[Scope], np.ndarray]
"""scope → ids of the vehicles it may see, ascending."""


class Audience:
    """Viewers who may see the same vehicles share what is made for them."""

    def __init__(self, state: State, vehicles_of: VehiclesOf, scope: Scope) -> None:
        self._state, self._vehicles_of, self._scope = state, vehicles_of, scope
        self._ids = np.zeros(0, np.int64)
        self._refreshed_at = float("-inf")
        self._refreshing = asyncio.Lock()
        self._made: dict[tuple[int, int], tuple[bytes, int]] = {}
        self.generation = 0
        """Grows when other vehicles are visible than before."""

    async def refresh(self) -> None:
        async with self._refreshing:
            if time.monotonic() - self._refreshed_at < _REFRESH_S:
                return
            ids = await asyncio.to_thread(self._look_up)
            self._refreshed_at = time.monotonic()
            if not np.array_equal(ids, self._ids):
                self._ids = ids
                self.generation += 1

    def changes(self, counter: int) -> tuple[bytes, int]:
        """(event, next counter) of what changed since `counter`; 0 = everything. b"" = nothing did."""
        key = (counter, self.generation)
        until = self._state.counter
        made = self._made.get(key)
        if made is not None and made[1] == until:
            return made
        changes = self._state.changes_since(counter)
        rows = changes.rows
        places = np.searchsorted(self._ids, rows["vehicle_id"])
        places[places == len(self._ids)] = 0
        is_seen = rows["device_at_ms"] > 0
        is_seen &= self._ids[places] == rows["vehicle_id"] if len(self._ids) else False
        rows = rows[is_seen]
        body = b""
        if changes.is_complete or len(rows):
            name = "snapshot" if changes.is_complete else "delta"
            body = event(name, packet(rows, time.time() * 1000), changes.counter)
        if len(self._made) > 64:
            self._made.clear()
        self._made[key] = (body, changes.counter)
        return self._made[key]

    def _look_up(self) -> np.ndarray:
        try:
            return self._vehicles_of(self._scope)
        finally:
            connection.close()  # this thread is not Django's: give the connection back to the pool


class PositionFeed:
    """One for each event loop."""

    def __init__(self, state: State, vehicles_of: VehiclesOf) -> None:
        self._state, self._vehicles_of = state, vehicles_of
        self._audiences: dict[str, tuple[Audience, set[object]]] = {}

    async def events(self, viewer: Viewer) -> AsyncIterator[bytes]:
        """A snapshot, then deltas; a beat each second in which nothing moved."""
        me = object()
        audience, members = self._audiences.setdefault(
            viewer.key, (Audience(self._state, self._vehicles_of, viewer.scope), set())
        )
        members.add(me)
        try:
            counter, generation, sent_at = 0, -1, 0.0
            while True:
                await audience.refresh()
                if generation != audience.generation:
                    counter, generation = 0, audience.generation
                body, counter = audience.changes(counter)
                now = time.monotonic()
                if not body and now - sent_at >= _BEAT_S:
                    body = event("beat", packet(_NO_ROWS, time.time() * 1000))
                if body:
                    sent_at = now
                    yield body
                await asyncio.sleep(PULSE_S - time.monotonic() % PULSE_S)
        finally:
            members.discard(me)
            if not members:
                self._audiences.pop(viewer.key, None)
