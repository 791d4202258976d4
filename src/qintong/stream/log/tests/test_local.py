"""What a crash, a full disk or a rotten medium does to local segments."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from qintong.stream.log import LogError
from qintong.stream.log.local import LocalLog, repair
from qintong.stream.log.partition import segments
from qintong.stream.log.tests.rows import directory, positions, read_all, write
from qintong.stream.topics import POSITION, Field, Topic


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
