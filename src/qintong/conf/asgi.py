"""One ASGI application. Tiles and live feeds go straight to their async handlers, all else to Django.

The handlers bypass Django's middleware: they ask `base.identity.door` for the scope themselves. The
host header is checked here for them, as Django checks it for its own views.
"""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.core.asgi import get_asgi_application

from qintong.conf import log_format

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qintong.conf.settings")
log_format.configure()
_django = get_asgi_application()

from django.conf import settings  # noqa: E402  (settings are there once Django is set up)
from django.http.request import split_domain_port, validate_host  # noqa: E402

from qintong.base.onemap.live_server import serve_positions  # noqa: E402
from qintong.base.onemap.tile_server import close_tiles, serve_tiles  # noqa: E402
from qintong.decision.command.live import live_alarms  # noqa: E402

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Handler = Callable[[Message, Receive, Send], Awaitable[None]]

HANDLERS: dict[str, Handler] = {
    "/tiles/": serve_tiles,
    "/live/positions": serve_positions,
    "/live/alarms": live_alarms,
}
"""Address prefix → handler."""


async def application(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    if scope["type"] == "http":
        for prefix, handler in HANDLERS.items():
            if scope["path"].startswith(prefix):
                await (handler if _is_host_allowed(scope) else _bad_host)(scope, receive, send)
                return
    await _django(scope, receive, send)  # type: ignore[arg-type]  # Django types the same mapping closer


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        is_last = message["type"] == "lifespan.shutdown"
        if is_last:
            await close_tiles()
        await send({"type": f"{message['type']}.complete"})
        if is_last:
            return


def _is_host_allowed(scope: Message) -> bool:
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    domain, _port = split_domain_port(host.decode("latin-1"))
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


async def _bad_host(scope: Message, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 400, "headers": []})
    await send({"type": "http.response.body", "body": b""})
