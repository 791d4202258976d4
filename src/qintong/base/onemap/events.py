"""Server-sent events before Django's middleware: who may listen, how long, and what a listener is sent."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from qintong.base.onemap.asgi_reply import PRIVATE, Message, Receive, Send, reply, session_key
from qintong.base.onemap.viewers import Viewer, Viewers

_HEADERS = [
    *((name, value) for name, value in PRIVATE if name != b"cache-control"),
    (b"cache-control", b"no-store"),
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),
]
_CHECK_S = 3.0
_BEAT_S = 15.0
_MOST_PER_SESSION = 12

_open: Counter[str] = Counter()

Events = Callable[[Viewer], AsyncIterator[bytes]]
"""viewer → its events, each made by `event`, until the listener leaves."""


def event(name: str, data: str | bytes, number: int | None = None) -> bytes:
    """One event; `data` without line breaks."""
    text = data.encode() if isinstance(data, str) else data
    head = b"" if number is None else b"id: %d\n" % number
    return b"%sevent: %s\ndata: %s\n\n" % (head, name.encode(), text)


async def serve_events(
    scope: Message, receive: Receive, send: Send, viewers: Viewers, events: Events
) -> None:
    """Sends `events` until the listener leaves, signs out, or may see something else than before.

    The browser connects again by itself and is then judged anew. A slow listener is not sent ahead:
    `events` is asked for the next one when the last has been taken.
    """
    session = session_key(scope)
    viewer = await viewers.viewer(session)
    if viewer is None:
        await reply(send, 401)
        return
    if _open[session] >= _MOST_PER_SESSION:
        await reply(send, 429)
        return
    _open[session] += 1
    tasks: list[asyncio.Task[None]] = []
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await _chunk(send, b"retry: 2000\n\n")
        gone = asyncio.create_task(_gone(receive))
        tasks = [
            gone,
            asyncio.create_task(_changed(viewers, session, viewer)),
            asyncio.create_task(_beat(send)),
            asyncio.create_task(_produce(send, events(viewer))),
        ]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        if gone not in done:
            await _chunk(send, event("end", ""), more=False)
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, OSError):
                await task
        _open[session] -= 1
        if not _open[session]:
            del _open[session]


async def _chunk(send: Send, body: bytes, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def _produce(send: Send, events: AsyncIterator[bytes]) -> None:
    async for body in events:
        await _chunk(send, body)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _changed(viewers: Viewers, session: str, viewer: Viewer) -> None:
    while True:
        await asyncio.sleep(_CHECK_S)
        now = await viewers.viewer(session)
        if now is None or now.key != viewer.key:
            return


async def _beat(send: Send) -> None:
    """A comment now and then, so that no proxy takes silence for death."""
    while True:
        await asyncio.sleep(_BEAT_S)
        await _chunk(send, b": \n\n")
