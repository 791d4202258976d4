"""The live feed over HTTP: who sees which vehicle, and when it ends."""

import base64
import http.client
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import numpy as np
import pytest
from django.conf import settings
from django.test import Client

from qintong.base.identity.users import User
from qintong.base.onemap.tests.fleet import at, to_state
from qintong.base.registry.vehicles import Vehicle
from tests.province import Province, vehicle


@pytest.fixture
def fleet(transactional_db: None, province: Province) -> tuple[Vehicle, Vehicle]:
    """A vehicle in 长安区 and one in 安塞区, both just heard."""
    mine, other = vehicle(province, 1), vehicle(province, 2, province.other)
    to_state(at(mine.pk, time.time()), at(other.pk, time.time()))
    return mine, other


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def events(server: str, client: Client | None) -> Iterator[tuple[str, list[int]]]:
    """(name, vehicles) of each event; ends when the server closes the feed."""
    name = settings.SESSION_COOKIE_NAME
    cookie = f"{name}={client.cookies[name].value}" if client else ""
    link = http.client.HTTPConnection(urlsplit(server).netloc, timeout=20)
    link.request("GET", "/live/positions", headers={"Cookie": cookie})
    answer = link.getresponse()
    if answer.status != 200:
        yield str(answer.status), []
        return
    kind = ""
    while line := answer.readline():
        if line.startswith(b"event: "):
            kind = line[7:].strip().decode()
        elif line.startswith(b"data: "):
            yield kind, vehicles(line[6:].strip())
    link.close()


def vehicles(data: bytes) -> list[int]:
    raw = base64.b64decode(data)
    if len(raw) < 24:
        return []
    count = int(np.frombuffer(raw, "<u4", 1, 16)[0])
    return np.frombuffer(raw, "<f8", count, 24).astype(int).tolist()


def test_a_viewer_is_sent_the_vehicles_in_scope_only(
    fleet: tuple[Vehicle, Vehicle], province: Province, server: str
) -> None:
    mine, other = fleet

    everything = next(events(server, signed_in(province.chief)))
    county = next(events(server, signed_in(province.clerk)))

    assert everything == ("snapshot", [mine.pk, other.pk])
    assert county == ("snapshot", [mine.pk])


def test_what_moves_after_the_snapshot_is_sent_once(
    fleet: tuple[Vehicle, Vehicle], province: Province, server: str
) -> None:
    mine, other = fleet
    feed = events(server, signed_in(province.clerk))
    next(feed)

    to_state(at(mine.pk, time.time() + 1, lon=108.95), at(other.pk, time.time() + 1, lon=108.95))
    moved = next(each for each in feed if each[0] == "delta")

    assert moved == ("delta", [mine.pk])


def test_the_feed_ends_when_the_person_signs_out(
    fleet: tuple[Vehicle, Vehicle], province: Province, server: str
) -> None:
    client = signed_in(province.chief)
    feed = events(server, client)
    next(feed)

    cookies = client.cookies.copy()
    client.logout()
    names = [name for name, _ in feed]
    client.cookies = cookies

    assert names[-1] == "end"
    assert next(events(server, client)) == ("401", [])


def test_a_stranger_is_not_let_in(fleet: tuple[Vehicle, Vehicle], server: str) -> None:
    assert next(events(server, None)) == ("401", [])
