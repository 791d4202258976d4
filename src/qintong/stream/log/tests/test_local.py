"""What a crash, a full disk or a rotten medium does to local segments."""

import multiprocessing
import os
import resource
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from qintong.stream.log import LogError, LogFull, offsets
from qintong.stream.log.local import LocalLog, repair
from qintong.stream.log.partition import Retention, segments
from qintong.stream.log.tests.rows import positions, read_all
from qintong.stream.topics import POSITION, Field, Topic


def write(log: LocalLog, first: int, count: int) -> None:
    log.append(POSITION, *positions(first, count))
    log.commit()


def directory(root: Path) -> Path:
    return root / "position" / "gateway-1"


def last_segment(root: Path) -> Path:
    return max(directory(root).glob("*.segment"))


@pytest.mark.parametrize("cut", [8, 30, 200, 500])
def test_torn_tail_is_cut_and_the_rest_stays(tmp_path: Path, cut: int):
    log = LocalLog(tmp_path, "gateway-1")
    write(log, 0, 5)
    whole = last_segment(tmp_path).stat().st_size
    write(log, 5, 5)
    log.close()
    os.truncate(last_segment(tmp_path), last_segment(tmp_path).stat().st_size - cut)
    (directory(tmp_path) / "end").write_bytes(bytes(8))

    log = LocalLog(tmp_path, "gateway-1")
    cut_to = last_segment(tmp_path).stat().st_size
    write(log, 50, 2)

    assert cut_to == whole
    assert read_all(log.reader(POSITION, "a")) == [0, 1, 2, 3, 4, 50, 51]


def test_rubbish_behind_the_last_record_is_cut(tmp_path: Path):
    log = LocalLog(tmp_path, "gateway-1")
    write(log, 0, 5)
    log.close()
    with last_segment(tmp_path).open("ab") as file:
        file.write(b"QTR1" + os.urandom(300))

    log = LocalLog(tmp_path, "gateway-1")
    write(log, 5, 1)

    assert read_all(log.reader(POSITION, "a")) == [0, 1, 2, 3, 4, 5]


def test_rot_in_the_middle_costs_only_the_record_it_hits(tmp_path: Path):
    log = LocalLog(tmp_path, "gateway-1")
    places = []
    for first in (0, 5, 10):
        places.append(last_segment(tmp_path).stat().st_size if first else 0)
        write(log, first, 5)
    log.close()
    data = bytearray(last_segment(tmp_path).read_bytes())
    data[places[1] + 60] ^= 1
    last_segment(tmp_path).write_bytes(data)

    log = LocalLog(tmp_path, "gateway-1")
    write(log, 15, 1)

    found = read_all(log.reader(POSITION, "a"))
    assert found == [0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 15]


def test_offset_once_given_out_is_not_given_to_other_rows(tmp_path: Path):
    log = LocalLog(tmp_path, "gateway-1")
    write(log, 0, 5)
    size = last_segment(tmp_path).stat().st_size
    write(log, 5, 5)
    read_all(log.reader(POSITION, "state"), commit=True)
    log.close()
    os.truncate(last_segment(tmp_path), size)

    log = LocalLog(tmp_path, "gateway-1")
    write(log, 20, 2)

    assert read_all(log.reader(POSITION, "state")) == [20, 21]


def test_segment_left_half_made_is_removed(tmp_path: Path):
    log = LocalLog(tmp_path, "gateway-1")
    write(log, 0, 5)
    log.close()
    (directory(tmp_path) / "00000000000000000005.new").write_bytes(b"QTLOG")

    log = LocalLog(tmp_path, "gateway-1")
    write(log, 5, 5)

    assert read_all(log.reader(POSITION, "a")) == list(range(10))
    assert not list(directory(tmp_path).glob("*.new"))


def test_file_that_is_no_segment_is_refused(tmp_path: Path):
    directory(tmp_path).mkdir(parents=True)
    (directory(tmp_path) / f"{0:020d}.segment").write_bytes(b"something else entirely")

    with pytest.raises(LogError, match="header"):
        LocalLog(tmp_path, "gateway-1")


def test_lost_or_wrong_index_is_only_slower(tmp_path: Path):
    log = LocalLog(tmp_path, "gateway-1")
    rows, blobs = positions(0, 3000)
    for _ in range(4):
        log.append(POSITION, rows, blobs)
        log.commit()
    index = last_segment(tmp_path).with_suffix(".index")
    made = np.frombuffer(index.read_bytes(), "<u8").reshape(-1, 3)
    index.write_bytes(np.array([[0, 0, 12345], [6000, 0, 777]], "<u8").tobytes())

    batch = log.reader(POSITION, "a", start=lambda partition: 6001).read()

    assert len(made) >= 3
    assert batch is not None and batch.first_offset == 6001


def test_columns_added_later_do_not_hide_older_rows(tmp_path: Path):
    rows, _ = positions(0, 3)
    older = Topic("position", 1, "", POSITION.fields[:5], has_blob=False)
    log = LocalLog(tmp_path, "gateway-1")
    log._partition(older).write([rows[[f.name for f in older.fields]].astype(older.dtype)], None)
    log.close()

    log = LocalLog(tmp_path, "gateway-1")
    write(log, 3, 2)

    assert len(segments(directory(tmp_path))) == 2
    batches = []
    reader = log.reader(POSITION, "a")
    while (batch := reader.read(max_rows=3)) is not None:
        batches.append(batch)
    found = np.concatenate([b.rows for b in batches])
    assert found["terminal_id"].tolist() == [0, 1, 2, 3, 4]
    assert found["speed_kmh"].tolist()[:3] == [0, 0, 0]


def test_field_of_a_topic_is_found_by_name_whatever_its_place(tmp_path: Path):
    rows = np.zeros(1, POSITION.dtype)
    rows["serial"] = 77
    moved = Topic("position", 1, "", (*POSITION.fields[::-1], Field("new", "<i4", "")), True)
    log = LocalLog(tmp_path, "gateway-1")
    log.append(POSITION, rows)
    log.commit()

    batch = log.reader(moved, "a").read()

    assert batch is not None and batch.rows["serial"].tolist() == [77]
    assert batch.rows["new"].tolist() == [0]


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


def test_retention_keeps_what_a_consumer_has_not_committed(tmp_path: Path):
    keep_nothing = Retention(age_s=-1)
    log = LocalLog(tmp_path, "gateway-1", segment_size=2000, retention=keep_nothing)
    write(log, 0, 10)
    slow, fast = log.reader(POSITION, "slow"), log.reader(POSITION, "fast")
    for first in range(10, 100, 10):
        write(log, first, 10)
    batch = slow.read(max_rows=30)
    assert batch is not None
    slow.commit(batch)
    read_all(fast, commit=True)

    log.expire()
    left = segments(directory(tmp_path))
    read_all(slow, commit=True)
    log.expire()

    assert left[0] <= 30 and left[1] > 30
    assert len(segments(directory(tmp_path))) == 1
    assert offsets.registered(directory(tmp_path)) == {"slow": 100, "fast": 100}


def test_topic_without_consumers_is_kept_by_age_and_size_alone(tmp_path: Path):
    log = LocalLog(tmp_path, "gateway-1", segment_size=2000, retention=Retention(size=5000))
    for first in range(0, 200, 10):
        write(log, first, 10)

    log.expire()

    left = sum(p.stat().st_size for p in directory(tmp_path).glob("*.segment"))
    assert left <= 7000
    assert read_all(log.reader(POSITION, "late"))[-1] == 199


def test_consumer_of_another_partition_is_waited_for_in_a_new_one(tmp_path: Path):
    older = LocalLog(tmp_path, "gateway-1")
    write(older, 0, 1)
    older.reader(POSITION, "lake")
    newer = LocalLog(tmp_path, "gateway-2", segment_size=2000, retention=Retention(age_s=-1))
    for first in range(0, 100, 10):
        write(newer, first, 10)

    assert newer.expire() == 0


def test_beyond_the_hard_limit_the_oldest_goes_unread(tmp_path: Path):
    log = LocalLog(tmp_path, "gateway-1", segment_size=2000, retention=Retention(hard_size=5000))
    write(log, 0, 10)
    log.reader(POSITION, "slow")
    for first in range(10, 200, 10):
        write(log, first, 10)

    log.expire()

    found = read_all(log.reader(POSITION, "slow"))
    assert found[0] > 0 and found[-1] == 199
    assert sum(p.stat().st_size for p in directory(tmp_path).glob("*.segment")) <= 7000


def _write_until_killed(root: Path, report) -> None:
    log = LocalLog(root, "gateway-1", segment_size=50_000)
    number = log._partition(POSITION).next_offset
    while True:
        log.append(POSITION, *positions(number, 7))
        log.commit()
        number += 7
        report.send(number)


def test_killed_writer_loses_nothing_it_committed(tmp_path: Path):
    committed = 0
    found: list[int] = []
    for _ in range(5):
        ours, theirs = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context("fork").Process(
            target=_write_until_killed, args=(tmp_path, theirs)
        )
        process.start()
        theirs.close()
        time.sleep(0.15)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        try:
            while True:
                committed = max(committed, ours.recv())
        except EOFError:
            pass
        reader = LocalLog(tmp_path, None).reader(POSITION, "a")
        found += read_all(reader, commit=True)

    LocalLog(tmp_path, "gateway-1").close()
    found += read_all(LocalLog(tmp_path, None).reader(POSITION, "a"))
    assert committed > 100
    assert found == list(range(len(found)))
    assert committed <= len(found) <= committed + 7


def test_rows_of_a_writer_that_never_comes_back_are_found(tmp_path: Path):
    log = LocalLog(tmp_path, "gateway-1")
    write(log, 0, 5)
    log.close()
    (directory(tmp_path) / "end").write_bytes((3).to_bytes(8, "little"))
    other = LocalLog(tmp_path, "gateway-2")
    write(other, 100, 1)
    before = read_all(other.reader(POSITION, "before"))

    repair(tmp_path)

    assert before == [100]
    assert sorted(read_all(other.reader(POSITION, "after"))) == [0, 1, 2, 3, 4, 100]


def test_damaged_offset_is_refused_with_the_remedy(tmp_path: Path):
    log = LocalLog(tmp_path, "gateway-1")
    write(log, 0, 3)
    read_all(log.reader(POSITION, "state"), commit=True)
    path = directory(tmp_path) / "state.offset"
    path.write_bytes(path.read_bytes()[:-1] + b"\x99")

    with pytest.raises(LogError, match="remove it"):
        log.reader(POSITION, "state")
