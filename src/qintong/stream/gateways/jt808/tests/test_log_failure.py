"""A log that cannot take rows: nothing is acknowledged, nothing is lost, links stay, and it recovers."""

import json
import threading
from pathlib import Path

import pytest

from qintong.stream.gateways.jt808 import committer
from qintong.stream.gateways.jt808.group import Group
from qintong.stream.gateways.jt808.policy import Policy
from qintong.stream.gateways.jt808.tests.conftest import REPORT, WIDE_PHONE, Start, message
from qintong.stream.log import Blobs, LogError, LogFull
from qintong.stream.log.local import LocalLog
from qintong.stream.topics import POSITION, Topic


class FillableLog(LocalLog):
    """The local log on a disk that a test fills and empties."""

    error: type[LogError] | None = None

    def commit(self) -> None:
        if FillableLog.error:
            raise FillableLog.error("no room")
        super().commit()


@pytest.fixture
def fillable(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(committer, "RETRY_S", 0.05)
    FillableLog.error = None
    yield lambda: FillableLog(tmp_path / "log", "gateway-1")
    FillableLog.error = None


@pytest.mark.parametrize("error", [LogFull, LogError])
def test_while_the_log_fails_nothing_is_acknowledged_and_then_everything(
    start: Start, fillable, error: type[LogError]
):
    stage = start(log=fillable)
    terminal, health = stage.terminal(), stage.var / "gateway-1.json"
    terminal.result(message(0x0200, REPORT, 1))

    FillableLog.error = error
    terminal.send(message(0x0200, REPORT, 2))
    with pytest.raises(TimeoutError):
        terminal.answer(1.5)
    stage.wait_until(lambda: json.loads(health.read_text())["log"]["failure"] != "")
    FillableLog.error = None

    assert terminal.answer()[1][:2] == b"\x00\x02"
    assert terminal.result(message(0x0200, REPORT, 3)) == 0
    stage.wait_until(lambda: json.loads(health.read_text())["log"]["failure"] == "")
    assert stage.rows(POSITION)[0]["serial"].tolist() == [1, 2, 3]


def test_a_failing_log_stops_the_reading_and_costs_no_link_and_no_report(start: Start, fillable):
    stage = start(
        Policy(session_timeout_s=2, greeting_timeout_s=2, outbox_limit=1 << 24), log=fillable
    )
    sender, idle = stage.terminal(), stage.terminal()
    sender.result(message(0x0200, REPORT, 0))
    idle.result(message(0x0002, identity=WIDE_PHONE))
    count = 300_000
    FillableLog.error = LogFull
    data = b"".join(message(0x0200, REPORT, n & 0xFFFF) for n in range(1000))

    def send_all() -> None:
        for _ in range(count // 1000):
            sender.send(data)

    thread = threading.Thread(target=send_all, daemon=True)
    thread.start()
    stage.wait_until(lambda: not stage.gateway.service.group.has_room, 20)
    thread.join(4)
    is_held_back = thread.is_alive()
    FillableLog.error = None

    assert is_held_back
    assert idle.result(message(0x0002, identity=WIDE_PHONE)) == 0
    delimiters = 0
    sender.link.settimeout(20)
    while delimiters < 2 * count:
        delimiters += sender.link.recv(1 << 20).count(b"\x7e")
    stage.stop()
    assert len(stage.rows(POSITION)[0]) == count + 1


class RefusingOnce(LocalLog):
    """Takes the first topic of a group and fails at the second, once."""

    refused = False

    def append(self, topic: Topic, rows, blobs: Blobs | None = None) -> None:
        if topic is not POSITION and not RefusingOnce.refused:
            RefusingOnce.refused = True
            raise LogError("in doubt")
        super().append(topic, rows, blobs)


def test_a_group_in_doubt_is_appended_again_as_a_whole(tmp_path: Path, monkeypatch, start: Start):
    monkeypatch.setattr(committer, "RETRY_S", 0.05)
    RefusingOnce.refused = False
    stage = start(log=lambda: RefusingOnce(tmp_path / "log", "gateway-1"))

    assert stage.terminal().result(message(0x0200, REPORT, 5)) == 0

    assert RefusingOnce.refused
    assert stage.rows(POSITION)[0]["serial"].tolist() == [5]


def test_an_empty_group_has_room_and_a_full_one_has_not():
    group = Group()

    assert group.is_empty and group.has_room
    group.sizes[0] = len(group.rows) - 1
    assert not group.has_room
