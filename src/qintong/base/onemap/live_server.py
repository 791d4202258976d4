"""Handlers of the live addresses, before Django's middleware: /live/positions"""

import asyncio
from weakref import WeakKeyDictionary

import numpy as np
from django.conf import settings

from qintong.base.onemap.asgi_reply import Message, Receive, Send, reply
from qintong.base.onemap.events import serve_events
from qintong.base.onemap.position_feed import PositionFeed
from qintong.base.onemap.viewers import Viewers
from qintong.base.registry.vehicles import VehicleResource
from qintong.desk.scope import Scope
from qintong.stream.state import State, state_path

_feeds: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[PositionFeed, Viewers]] = (
    WeakKeyDictionary()
)


async def serve_positions(scope: Message, receive: Receive, send: Send) -> None:
    """Where vehicles are, from now on. 401 signed out, 403 without the right to see vehicles."""
    if scope["method"] != "GET" or scope["path"] != "/live/positions":
        await reply(send, 404)
        return
    loop = asyncio.get_running_loop()
    if loop not in _feeds:
        state = State.open_read(state_path(settings.VAR_DIR))
        _feeds[loop] = (PositionFeed(state, vehicles_of), Viewers())
    feed, viewers = _feeds[loop]
    await serve_events(scope, receive, send, viewers, feed.events)


def vehicles_of(scope: Scope) -> np.ndarray:
    """Ids of the vehicles in scope, ascending."""
    if not scope.allows(VehicleResource.permission("view")):
        return np.zeros(0, np.int64)
    ids = VehicleResource.queryset_for(scope).order_by().values_list("pk", flat=True)
    return np.sort(np.fromiter(ids.iterator(chunk_size=10_000), np.int64))
