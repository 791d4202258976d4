"""What may be deleted, and when."""

from pathlib import Path

from qintong.stream.log import offsets
from qintong.stream.log.local import LocalLog
from qintong.stream.log.partition import Retention, segments
from qintong.stream.log.tests.rows import directory, read_all, write
from qintong.stream.topics import POSITION


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
