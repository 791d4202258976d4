"""Rules on a real log: nothing is lost and nothing is opened twice over restarts."""

import time
from pathlib import Path

import numpy as np

from qintong.stream import roster
from qintong.stream.log.local import LocalLog
from qintong.stream.rules.consumer import RulesConsumer
from qintong.stream.rules.tests.test_rules import NOON, VEHICLE, heard, report, sos
from qintong.stream.topics import ALARM, POSITION


class Desk:
    """A gateway, the rules and a reader of alarms, in one directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        entry = roster.Entry(VEHICLE, VEHICLE, b"\x01" * 6, speed_limit_kmh=80, offline_limit_s=5)
        roster.write(root / "roster.arrow", [entry])
        self.gateway = LocalLog(root / "log", "gateway-1")
        self.report(report(-60, vehicle_id=0))
        self.start(NOON)

    def start(self, now_ms: int) -> None:
        self.log = LocalLog(self.root / "log", "rules")
        self.rules = RulesConsumer(
            self.log, self.root / "rules.npz", self.root / "roster.arrow", now_ms
        )
        self.reader = self.log.reader(POSITION, "rules", self.rules.start)

    def report(self, *rows: np.ndarray) -> None:
        self.gateway.append(POSITION, np.concatenate(rows))
        self.gateway.commit()

    def work(self, now_ms: int, *, saves: bool = False) -> None:
        while (batch := self.reader.read()) is not None:
            self.rules.take(batch)
        self.rules.caught_up(now_ms)
        if self.rules.settle(now_ms, saves):
            assert saves

    def kill(self, now_ms: int) -> None:
        """As kill -9: the memory stays as it was last saved."""
        self.rules.close()
        self.log.close()
        self.start(now_ms)

    def alarms(self) -> list[tuple]:
        batch = self.log.reader(ALARM, f"test-{time.monotonic_ns()}").read()
        return heard(batch.rows) if batch else []


def test_alarm_reaches_the_log(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.report(report(0, 90), report(10, 90), sos(11, speed_kmh=90))

    desk.work(NOON + 12_000, saves=True)

    assert desk.alarms() == [("OVERSPEED", "on", 0, 90), ("SOS", "on", 11, None)]


def test_restart_raises_nothing_twice(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.report(report(0, 90), report(10, 90))
    desk.work(NOON + 11_000, saves=True)

    desk.kill(NOON + 12_000)
    desk.report(report(12, 90))
    desk.work(NOON + 12_500, saves=True)

    assert desk.alarms() == [("OVERSPEED", "on", 0, 90)]


def test_offline_begun_just_before_a_kill_is_ended_when_heard_again(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.rules._saved_at_ms = NOON + 1
    desk.report(report(0))
    desk.work(NOON + 1000)
    desk.work(NOON + 6000)
    begun = desk.alarms()

    desk.kill(NOON + 6500)
    desk.work(NOON + 7000, saves=True)
    still = desk.alarms()
    desk.report(report(8))
    desk.work(NOON + 9000, saves=True)

    assert [a[:3] for a in begun] == [("OFFLINE", "on", 0.3)]
    assert still == begun
    assert [a[:3] for a in desk.alarms()[1:]] == [("OFFLINE", "end", 0.3)]


def test_unreadable_memory_is_left_out(tmp_path: Path):
    (tmp_path / "rules.npz").write_bytes(b"PK\x03\x04 torn")
    desk = Desk(tmp_path)
    desk.report(report(0, 90), report(10, 90))

    desk.work(NOON + 11_000, saves=True)

    assert desk.alarms() == [("OVERSPEED", "on", 0, 90)]


def test_clock_that_jumps_ahead_makes_nobody_offline(tmp_path: Path):
    desk = Desk(tmp_path)
    desk.report(report(0))
    desk.work(NOON + 1000, saves=True)

    desk.work(NOON + 3_600_000, saves=True)

    assert desk.alarms() == []
