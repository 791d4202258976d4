"""The dispatcher in front of Django."""

import http.client
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from qintong.conf import asgi


def test_an_address_nobody_knows_is_answered_by_django(server: str) -> None:
    assert _get(server, "/no-such-page/", "localhost") == 404


def test_a_handler_is_not_reached_with_a_foreign_host(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def tiles(scope: asgi.Message, receive: asgi.Receive, send: asgi.Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    monkeypatch.setitem(asgi.HANDLERS, "/probe/", tiles)

    assert _get(server, "/probe/1", "localhost") == 204
    assert _get(server, "/probe/1", "elsewhere.example") == 400


@pytest.mark.browser
def test_the_browser_reaches_the_application(page: Page, server: str) -> None:
    response = page.goto("/no-such-page/")

    assert response is not None
    assert response.status == 404


def _get(server: str, path: str, host: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(server).netloc)
    connection.request("GET", path, headers={"Host": host})
    return connection.getresponse().status
