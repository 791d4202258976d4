"""The live feed over the wire: each listener hears of its own county."""

import json
import threading
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from django.test import Client

from .conftest import make_alarm

pytestmark = pytest.mark.django_db(transaction=True)


class Listener:
    """Reads `/live/alarms` as a browser would."""

    def __init__(self, server, user):
        client = Client()
        client.force_login(user)
        self.link = HTTPConnection(urlsplit(server).netloc, timeout=10)
        cookie = f"sessionid={client.cookies['sessionid'].value}"
        self.link.request("GET", "/live/alarms", headers={"Cookie": cookie})
        self.answer = self.link.getresponse()

    def next(self, wanted="alarms"):
        """The next event of this kind."""
        kind = ""
        while raw := self.answer.readline():
            line = raw.decode().strip()
            if line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("data: ") and wanted in ("", kind):
                return json.loads(line[6:])
        raise AssertionError("the feed ended")

    def until(self, condition):
        """The first event of alarms that fulfils it, within ten seconds."""
        patience = time.monotonic() + 10
        while time.monotonic() < patience:
            event = self.next("")
            if condition(event):
                return event
        raise AssertionError("not told in time")

    def close(self):
        self.link.close()


def test_a_new_alarm_reaches_the_officer_of_its_county_and_no_other(
    server, officer, vehicle, west, east
):
    here, there = Listener(server, officer("lin", west)), Listener(server, officer("qin", east))
    here.next(), there.next()

    made = make_alarm(1, west, vehicle)
    make_alarm(2, east)

    heard = here.until(lambda event: event.get("changed"))
    assert [alarm["id"] for alarm in heard["changed"]] == [made.pk]
    assert heard["counts"]["fresh"] == 1
    other = there.until(lambda event: event.get("changed"))
    assert made.pk not in [alarm["id"] for alarm in other["changed"]]
    here.close(), there.close()


def test_many_listeners_of_one_scope_hear_the_same(server, officer, west):
    user = officer("lin", west)
    listeners = [Listener(server, user) for _ in range(5)]
    for listener in listeners:
        listener.next()
    heard = []

    threads = [
        threading.Thread(target=lambda one=one: heard.append(one.until(lambda e: e.get("changed"))))
        for one in listeners
    ]
    for thread in threads:
        thread.start()
    make_alarm(1, west)
    for thread in threads:
        thread.join(10)

    assert [event["counts"]["open"] for event in heard] == [1] * 5
    for listener in listeners:
        listener.close()


def test_strangers_and_people_without_the_right_are_turned_away(server, officer, west):
    without = Listener(server, officer("lin", west, ["registry.view_vehicle"]))
    assert without.answer.status == 403
    without.close()

    link = HTTPConnection(urlsplit(server).netloc, timeout=10)
    link.request("GET", "/live/alarms")
    assert link.getresponse().status == 401
    link.close()
