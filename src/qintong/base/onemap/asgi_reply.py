"""Requests and answers of the handlers that stand before Django's middleware."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.conf import settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

PRIVATE = (
    (b"cache-control", b"private, no-cache"),
    (b"vary", b"cookie"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""What belongs to one viewer: kept by the browser only, and asked for again each time."""


def header(scope: Message, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")


def session_key(scope: Message) -> str:
    """Key of the session cookie; "" when there is none."""
    try:
        cookies = SimpleCookie(header(scope, b"cookie").decode("latin-1"))
    except CookieError:
        return ""
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    return morsel.value if morsel else ""


async def reply(send: Send, status: int, body: bytes = b"", headers: Headers = ()) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send(
        {"type": "http.response.start", "status": status, "headers": [*PRIVATE, *headers, length]}
    )
    await send({"type": "http.response.body", "body": body})
