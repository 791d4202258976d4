"""The loop: what was taken is taken again until it is settled, and never skipped."""

import json
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from qintong.stream import consume
from qintong.stream.consumers import FEEDS, FunctionConsumer, consumer
from qintong.stream.log import Batch
from qintong.stream.log.local import LocalLog
from qintong.stream.log.tests.rows import alarms
from qintong.stream.topics import ALARM


@pytest.fixture
def log(tmp_path: Path) -> LocalLog:
    log = LocalLog(tmp_path / "log", "rules")
    for first in range(0, 30, 10):
        log.append(ALARM, alarms(first, 10))
        log.commit()
    return log


def run_until(log: LocalLog, tmp_path: Path, feed: FunctionConsumer, done: Callable[[], bool]):
    """The loop in a thread, stopped when `done`, as SIGTERM would."""
    stopping = threading.Event()
    run_dir = tmp_path / "run"
    run_dir.mkdir(exist_ok=True)
    thread = threading.Thread(target=consume.Loop(log, feed, run_dir, stopping).run)
    thread.start()
    until = time.monotonic() + 10
    while not done() and time.monotonic() < until:
        time.sleep(0.005)
    stopping.set()
    thread.join()
    return json.loads((run_dir / f"consume-{feed.name}.json").read_text())


def test_every_row_is_taken_and_the_next_run_goes_on_behind(log: LocalLog, tmp_path: Path):
    found: list[int] = []
    feed = FunctionConsumer("f", ALARM, lambda batch: found.extend(batch.rows["incident_key"]))

    metrics = run_until(log, tmp_path, feed, lambda: len(found) == 30)
    log.append(ALARM, alarms(30, 1))
    log.commit()
    run_until(log, tmp_path, feed, lambda: len(found) == 31)

    assert found == list(range(31))
    assert (metrics["rows"], metrics["lag_rows"], metrics["error"]) == (30, 0, "")


def test_batch_that_fails_is_given_again(log: LocalLog, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(consume, "FIRST_PAUSE_S", 0.01)
    attempts: list[int] = []
    found: list[int] = []

    def function(batch: Batch) -> None:
        attempts.append(batch.first_offset)
        if len(attempts) < 3:
            raise RuntimeError("database away")
        found.extend(batch.rows["incident_key"])

    feed = FunctionConsumer("f", ALARM, function)
    metrics = run_until(log, tmp_path, feed, lambda: len(found) == 30)

    assert attempts[:3] == [0, 0, 0]
    assert found == list(range(30)) and metrics["error"] == ""


def test_feed_that_cannot_get_on_says_so_and_commits_nothing(log: LocalLog, tmp_path: Path):
    attempts: list[int] = []

    def function(batch: Batch) -> None:
        attempts.append(1)
        raise RuntimeError("database away")

    metrics = run_until(
        log, tmp_path, FunctionConsumer("f", ALARM, function), lambda: bool(attempts)
    )

    assert "database away" in metrics["error"]
    batch = log.reader(ALARM, "f").read()
    assert batch is not None and batch.first_offset == 0


def test_two_feeds_of_one_name_are_refused():
    consumer("test.twice", ALARM)(lambda batch: None)

    with pytest.raises(ValueError, match=r"test\.twice"):
        consumer("test.twice", ALARM)(lambda batch: None)
    del FEEDS["test.twice"]


def test_signal_stops_the_process_and_settles(log: LocalLog, tmp_path: Path):
    found: list[int] = []
    feed = FunctionConsumer("f", ALARM, lambda batch: found.extend(batch.rows["incident_key"]))
    before = [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)]
    timer = threading.Timer(0.5, signal.raise_signal, (signal.SIGTERM,))
    timer.start()

    code = consume.run(log, [feed], tmp_path / "run")

    for number, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
        signal.signal(number, handler)
    assert code == 0 and len(found) == 30
