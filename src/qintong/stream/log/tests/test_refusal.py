"""A file system that refuses: full, or failing to sync."""

import multiprocessing
import os
import resource
from pathlib import Path

import pytest

from qintong.stream.log import LogError, LogFull
from qintong.stream.log.local import LocalLog
from qintong.stream.log.tests.rows import positions, read_all, write
from qintong.stream.topics import POSITION


def _fill(root: Path, limit: int, report) -> None:
    log = LocalLog(root, "gateway-1")
    write(log, 0, 100)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    committed, refused = 100, 0
    for first in range(100, 3000, 100):
        log.append(POSITION, *positions(first, 100))
        try:
            log.commit()
            committed = first + 100
        except LogFull:
            refused += 1
    seen = read_all(log.reader(POSITION, "during"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    log.commit()
    report.send((committed, refused, seen, read_all(log.reader(POSITION, "after"))))


def test_full_disk_refuses_then_goes_on_where_it_stopped(tmp_path: Path):
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=_fill, args=(tmp_path, 100_000, theirs)
    )
    process.start()
    committed, refused, seen, after = ours.recv()
    process.join()

    assert refused > 10
    assert seen == list(range(committed))
    assert after == list(range(3000))
    log = LocalLog(tmp_path, "gateway-1")
    assert read_all(log.reader(POSITION, "reopened")) == list(range(3000))


def test_consumer_that_finds_no_room_to_register_begins_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    log = LocalLog(tmp_path, "gateway-1")
    write(log, 0, 3)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        reader = log.reader(POSITION, "a")
        during = reader.read()
    batch = reader.read(timeout_s=3)

    assert during is None
    assert batch is not None and len(batch.rows) == 3


def test_no_room_for_a_new_segment_is_log_full_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    log = LocalLog(tmp_path, "gateway-1", segment_size=1000)
    write(log, 0, 20)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(LogFull):
        patch.setattr(os, "replace", full)
        write(log, 20, 20)
    log.commit()

    assert read_all(log.reader(POSITION, "a")) == list(range(40))


def test_failed_sync_is_taken_back_and_shown_to_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    log = LocalLog(tmp_path, "gateway-1")
    write(log, 0, 3)
    reader = log.reader(POSITION, "a")
    real, calls = os.fdatasync, []

    def fails_once(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 1:
            raise OSError(5, "Input/output error")
        real(descriptor)

    with monkeypatch.context() as patch, pytest.raises(LogError, match="Input/output"):
        patch.setattr(os, "fdatasync", fails_once)
        write(log, 3, 3)
    before = read_all(reader)
    log.append(POSITION, *positions(6, 3))
    log.commit()

    assert before == [0, 1, 2]
    assert read_all(reader) == [3, 4, 5, 6, 7, 8]


def test_writer_in_doubt_writes_nothing_until_it_is_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    log = LocalLog(tmp_path, "gateway-1")
    write(log, 0, 3)

    def fails(*_) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch, pytest.raises(LogError):
        patch.setattr(os, "fdatasync", fails)
        patch.setattr(os, "ftruncate", fails)
        write(log, 3, 3)
    with pytest.raises(LogError, match="in doubt"):
        log.commit()
    log.close()

    log = LocalLog(tmp_path, "gateway-1")
    write(log, 10, 1)
    assert read_all(log.reader(POSITION, "a"))[-1] == 10
