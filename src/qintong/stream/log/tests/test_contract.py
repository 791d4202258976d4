"""What every backend of the log guarantees."""

import threading

import numpy as np
import pytest

from qintong.stream.log import Blobs, LogError, LogFull
from qintong.stream.log.tests.conftest import Backend
from qintong.stream.log.tests.rows import alarms, positions, read_all
from qintong.stream.topics import ALARM, POSITION


def test_rows_come_back_in_order_with_their_blobs(backend: Backend):
    log = backend("gateway-1")
    for first in range(0, 100, 10):
        log.append(POSITION, *positions(first, 10))
        if first % 30 == 0:
            log.commit()
    log.commit()

    batch = log.reader(POSITION, "lake").read(max_rows=1000)

    wanted_rows, wanted_blobs = positions(0, 100)
    assert batch is not None and (batch.rows == wanted_rows).all()
    assert [batch.blobs[n] for n in range(100)] == [wanted_blobs[n] for n in range(100)]
    assert (batch.first_offset, batch.next_offset, batch.partition) == (0, 100, "gateway-1")


def test_nothing_is_seen_before_commit(backend: Backend):
    log = backend("gateway-1")
    log.append(ALARM, alarms(0, 5))

    before = read_all(log.reader(ALARM, "feeds"), "incident_key")
    log.commit()

    assert before == []
    assert read_all(log.reader(ALARM, "feeds-2"), "incident_key") == [0, 1, 2, 3, 4]


def test_one_commit_covers_every_topic(backend: Backend):
    log = backend("gateway-1")
    log.append(POSITION, *positions(0, 3))
    log.append(ALARM, alarms(7, 2))

    log.commit()

    assert read_all(log.reader(POSITION, "a")) == [0, 1, 2]
    assert read_all(log.reader(ALARM, "a"), "incident_key") == [7, 8]


def test_appended_arrays_may_be_reused(backend: Backend):
    log = backend("gateway-1")
    rows, blobs = positions(0, 3)
    log.append(POSITION, rows, blobs)
    rows["terminal_id"] = -1

    log.commit()

    assert read_all(log.reader(POSITION, "a")) == [0, 1, 2]


def test_consumer_continues_behind_what_it_committed(backend: Backend):
    log = backend("gateway-1")
    for first in (0, 5):
        log.append(POSITION, *positions(first, 5))
        log.commit()
    reader = log.reader(POSITION, "state")
    batch = reader.read(max_rows=5)
    assert batch is not None and len(batch.rows) == 5
    reader.commit(batch)
    reader.read(max_rows=5)
    reader.close()

    again = log.reader(POSITION, "state")

    assert read_all(again) == [5, 6, 7, 8, 9]


def test_consumers_do_not_disturb_each_other(backend: Backend):
    log = backend("gateway-1")
    log.append(POSITION, *positions(0, 5))
    log.commit()
    read_all(log.reader(POSITION, "state"), commit=True)

    assert read_all(log.reader(POSITION, "lake")) == [0, 1, 2, 3, 4]


def test_consumer_may_name_its_own_offset_inside_a_commit(backend: Backend):
    log = backend("gateway-1")
    log.append(POSITION, *positions(0, 10))
    log.commit()

    reader = log.reader(POSITION, "lake", start=lambda partition: 7)

    batch = reader.read()
    assert batch is not None and batch.first_offset == 7
    assert batch.rows["terminal_id"].tolist() == [7, 8, 9]
    assert batch.blobs is not None and batch.blobs[0] == b"" and batch.blobs[2] == b"xx"


def test_every_writer_is_read_and_partitions_appear_later(backend: Backend):
    first, second = backend("gateway-1"), backend("gateway-2")
    first.append(POSITION, *positions(0, 3))
    first.commit()
    reader = first.reader(POSITION, "state")
    found = read_all(reader)
    second.append(POSITION, *positions(100, 3))
    second.commit()

    batch = reader.read(timeout_s=5)

    assert found == [0, 1, 2]
    assert batch is not None and batch.partition == "gateway-2"
    assert batch.rows["terminal_id"].tolist() == [100, 101, 102]


def test_rows_survive_reopening(backend: Backend):
    log = backend("gateway-1")
    log.append(POSITION, *positions(0, 3))
    log.commit()
    log.append(POSITION, *positions(3, 3))
    log.close()

    log = backend("gateway-1")
    log.append(POSITION, *positions(10, 2))
    log.commit()

    assert read_all(log.reader(POSITION, "a")) == [0, 1, 2, 10, 11]


def test_second_writer_of_a_partition_is_refused(backend: Backend):
    log = backend("gateway-1")
    log.append(POSITION, *positions(0, 1))
    log.commit()

    with pytest.raises(LogError, match="gateway-1"):
        other = backend("gateway-1")
        other.append(POSITION, *positions(0, 1))
        other.commit()


def test_reader_waits_for_rows(backend: Backend):
    log = backend("gateway-1")
    log.append(POSITION, *positions(0, 1))
    log.commit()
    reader = log.reader(POSITION, "a")
    read_all(reader)

    def later() -> None:
        log.append(POSITION, *positions(1, 1))
        log.commit()

    timer = threading.Timer(0.1, later)
    timer.start()
    batch = reader.read(timeout_s=5)
    timer.join()

    assert batch is not None and batch.rows["terminal_id"].tolist() == [1]
    assert reader.read(timeout_s=0.01) is None


def test_lag_counts_rows_not_yet_read(backend: Backend):
    log = backend("gateway-1")
    for first in range(0, 30, 10):
        log.append(POSITION, *positions(first, 10))
        log.commit()
    reader = log.reader(POSITION, "a")
    before = reader.lag()
    reader.read(max_rows=10)

    assert (before, reader.lag()) == (30, 20)


def test_many_segments_read_as_one(backend: Backend):
    log = backend("gateway-1")
    for first in range(0, 20_000, 50):
        log.append(POSITION, *positions(first, 50))
        log.commit()

    assert read_all(log.reader(POSITION, "a")) == list(range(20_000))
    middle = log.reader(POSITION, "b", start=lambda partition: 12_345)
    assert read_all(middle)[:2] == [12_345, 12_346]


def test_append_during_commit_loses_and_doubles_nothing(backend: Backend):
    log = backend("gateway-1")
    is_done = threading.Event()

    def committing() -> None:
        while not is_done.is_set():
            log.commit()

    thread = threading.Thread(target=committing)
    thread.start()
    for first in range(0, 5000, 5):
        log.append(POSITION, *positions(first, 5))
    is_done.set()
    thread.join()
    log.commit()

    assert read_all(log.reader(POSITION, "a")) == list(range(5000))


def test_unbounded_waiting_is_refused(backend: Backend):
    log = backend("gateway-1")
    rows, blobs = positions(0, 100_000)

    with pytest.raises(LogFull):
        for _ in range(100):
            log.append(POSITION, rows, blobs)
    log.commit()

    assert read_all(log.reader(POSITION, "a"))[:3] == [0, 1, 2]


@pytest.mark.parametrize(
    ("rows", "blobs"),
    [
        (np.zeros(3, ALARM.dtype), Blobs.empty(3)),
        (np.zeros(3, POSITION.dtype), Blobs.empty(2)),
    ],
)
def test_rows_that_do_not_fit_the_topic_are_refused(backend: Backend, rows, blobs):
    with pytest.raises(LogError, match="position"):
        backend("gateway-1").append(POSITION, rows, blobs)
