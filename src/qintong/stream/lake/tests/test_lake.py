"""Every report once, in its hour, whatever is killed when."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from qintong.stream.lake import Lake, parquet, writer
from qintong.stream.lake.consumer import LakeConsumer
from qintong.stream.lake.manifest import ManifestWriter
from qintong.stream.lake.schema import HOUR_MS
from qintong.stream.lake.writer import LakeWriter
from qintong.stream.log import Batch, Blobs, LogFull
from qintong.stream.quality import Quality
from qintong.stream.topics import POSITION

MIDNIGHT = int(datetime(2026, 11, 24, tzinfo=UTC).timestamp() * 1000) - 8 * HOUR_MS
DAY = (
    datetime.fromtimestamp(MIDNIGHT / 1000, UTC),
    datetime.fromtimestamp(MIDNIGHT / 1000, UTC) + timedelta(days=1),
)


def reports(vehicle: int, minutes: list[int], first: int = 0, **columns) -> Batch:
    """One report a minute named, as a batch of gateway-1 that begins at offset `first`."""
    rows = np.zeros(len(minutes), POSITION.dtype)
    rows["terminal_id"] = rows["vehicle_id"] = vehicle
    rows["device_at_ms"] = MIDNIGHT + np.array(minutes, np.int64) * 60_000
    rows["received_at_ms"] = rows["device_at_ms"] + 500
    rows["serial"], rows["message_id"] = np.array(minutes) % 65536, 0x0200
    for name, value in columns.items():
        rows[name] = value
    blobs = Blobs.of([b"%d" % m for m in minutes])
    return Batch(rows, blobs, "gateway-1", first, first + len(rows), 0)


def minutes_of(lake: Lake, vehicle: int = 1) -> list[int]:
    table = lake.track(vehicle, *DAY)
    return [(at - MIDNIGHT) // 60_000 for at in table["device_at_ms"].to_pylist()]


def count(lake: Lake) -> int:
    return lake.query("select count(*) from position").column(0)[0].as_py()


def test_rows_are_visible_at_once_and_come_back_whole(tmp_path: Path):
    batch = reports(1, [3, 1, 2], speed_kmh=61.5, recorder_speed_kmh=np.nan)

    LakeWriter(tmp_path).add([batch])

    table = Lake(tmp_path).track(1, *DAY)
    assert table["serial"].to_pylist() == [1, 2, 3]
    assert table["items"].to_pylist() == [b"1", b"2", b"3"]
    assert table["speed_kmh"].to_pylist() == [61.5] * 3
    assert np.isnan(table["recorder_speed_kmh"].to_numpy()).all()


def test_sealing_and_merging_change_nothing_that_is_seen(tmp_path: Path):
    lake, tended = Lake(tmp_path), LakeWriter(tmp_path)
    minutes = list(range(0, 300, 7))
    for number, minute in enumerate(minutes):
        tended.add([reports(1, [minute], number * 2)])
        tended.add([reports(2, [minute], number * 2 + 1)])
    seen = [minutes_of(lake)]

    sealed = tended.seal()
    seen.append(minutes_of(lake))
    merged = tended.merge(MIDNIGHT + 24 * HOUR_MS)
    seen.append(minutes_of(lake))

    assert (sealed, merged) == (2 * len(minutes), 5)
    assert seen == [minutes] * 3
    assert [rows for _, rows, _ in lake.hours()] == [18, 18, 16, 18, 16]
    assert lake.hours()[0][0] == "day=2026-11-24/hour=00"
    assert count(lake) == 2 * len(minutes)


def test_report_sent_twice_counts_once_on_every_level(tmp_path: Path):
    lake, tended = Lake(tmp_path), LakeWriter(tmp_path)
    tended.add([reports(1, [1, 2, 2, 3])])
    alone = (minutes_of(lake), count(lake))
    tended.add([reports(1, [3, 4], 4)])
    seen = [(minutes_of(lake), count(lake))]
    tended.seal()
    tended.add([reports(1, [4, 1], 6)])
    seen.append((minutes_of(lake), count(lake)))
    tended.seal()
    seen.append((minutes_of(lake), count(lake)))
    tended.merge(MIDNIGHT + 24 * HOUR_MS)
    seen.append((minutes_of(lake), count(lake)))

    assert alone == ([1, 2, 3], 3)
    assert seen == [([1, 2, 3, 4], 4)] * 4
    assert lake.counts()["whole_rows"] == 4


def test_reports_that_differ_in_one_part_of_the_key_all_stay(tmp_path: Path):
    tended = LakeWriter(tmp_path)
    rows = reports(1, [5] * 5).rows
    rows["serial"][1] = 9
    rows["item_index"][2] = 1
    rows["message_id"][3] = 0x0704
    rows["terminal_id"][4] = 77
    tended.add([Batch(rows, None, "gateway-1", 0, 5, 0)])

    tended.seal()

    assert len(minutes_of(Lake(tmp_path))) == 5


def test_late_rows_make_a_part_beside_the_whole_hour(tmp_path: Path):
    lake, tended = Lake(tmp_path), LakeWriter(tmp_path)
    tended.add([reports(1, [1, 3])])
    tended.seal()
    tended.merge(MIDNIGHT + 24 * HOUR_MS)
    tended.add([reports(1, [2, 3], 2, is_backfill=1)])
    tended.seal()

    waiting = tended.merge(tended._journal.manifest.hours()[_hour()][-1].made_at_ms)
    seen = minutes_of(lake)
    later = tended.merge(4_000_000_000_000)

    assert (waiting, later) == (0, 1)
    assert seen == minutes_of(lake) == [1, 2, 3]
    assert lake.counts()["whole_files"] == 1


def _hour() -> int:
    return MIDNIGHT // HOUR_MS + 8


def test_many_parts_of_an_hour_that_goes_on_become_one(tmp_path: Path):
    tended = LakeWriter(tmp_path)
    for minute in range(13):
        tended.add([reports(1, [minute], minute)])
        tended.seal()

    merged = tended.merge(MIDNIGHT + HOUR_MS // 2)

    lake = Lake(tmp_path)
    assert merged == 1
    assert (lake.counts()["part_files"], lake.counts()["whole_files"]) == (1, 0)
    assert minutes_of(lake) == list(range(13))


def test_absurd_device_time_is_filed_by_receive_time(tmp_path: Path):
    tended = LakeWriter(tmp_path)
    batch = reports(1, [61])
    batch.rows["device_at_ms"], batch.rows["quality"] = 1_072_000_000_000, Quality.TIME_ROLLOVER
    tended.add([batch])

    tended.seal()

    assert [hour for hour, _, _ in Lake(tmp_path).hours()] == ["day=2026-11-24/hour=01"]
    assert count(Lake(tmp_path)) == 1


def test_report_that_comes_months_late_is_filed_by_receive_time_and_found_by_its_own(
    tmp_path: Path,
):
    tended = LakeWriter(tmp_path)
    batch = reports(1, [61, 61], is_backfill=1)
    batch.rows["device_at_ms"][0] -= 100 * 24 * HOUR_MS
    tended.add([batch])

    tended.seal()

    then = DAY[0] - timedelta(days=100)
    lake = Lake(tmp_path)
    assert [hour for hour, _, _ in lake.hours()] == ["day=2026-11-24/hour=01"]
    assert lake.track(1, then, then + timedelta(days=1)).num_rows == 1


def test_large_merge_goes_vehicle_by_vehicle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writer, "MERGE_ROWS", 500)
    monkeypatch.setattr(parquet, "ROW_GROUP", 100)
    tended, offset = LakeWriter(tmp_path), 0
    for part in range(3):
        for vehicle in range(1, 21):
            tended.add([reports(vehicle, list(range(part, 60, 3)) * 2, offset)])
            offset += 40
        tended.seal()

    tended.merge(MIDNIGHT + 24 * HOUR_MS)

    lake = Lake(tmp_path)
    assert lake.counts()["whole_rows"] == 20 * 60
    assert all(minutes_of(lake, v) == list(range(60)) for v in range(1, 21))


STEPS = ["replace", "fdatasync", "change"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("work", ["add", "seal", "merge"])
def test_crash_at_any_step_leaves_each_report_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, is_after: bool, work: str
):
    tended = LakeWriter(tmp_path)
    tended.add([reports(1, [1, 2, 61])])
    if work == "merge":
        tended.seal()

    class Killed(BaseException):
        pass

    target = ManifestWriter if step == "change" else os
    real = getattr(target, step)

    def dies(*arguments, **named):
        if is_after:
            real(*arguments, **named)
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(target, step, dies)
        if work == "add":
            tended.add([reports(1, [62, 63], 3)])
        elif work == "seal":
            tended.seal()
        else:
            tended.merge(MIDNIGHT + 24 * HOUR_MS)
    tended.close()

    tended = LakeWriter(tmp_path)
    following = tended.offsets["gateway-1"]
    missing = [m for o, m in ((3, 62), (4, 63)) if o >= following]
    if missing:
        tended.add([reports(1, missing, following)])
    tended.seal()
    tended.merge(MIDNIGHT + 24 * HOUR_MS)

    assert minutes_of(Lake(tmp_path)) == [1, 2, 61, 62, 63]
    assert tended.offsets["gateway-1"] == 5
    names = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.parquet")}
    left = {path for _, path in tended._leaving}
    assert names - left == set(tended._journal.manifest.files)


def test_reader_sees_every_report_once_at_every_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(writer, "GRACE_S", 0.1)
    tended, seen, is_over = LakeWriter(tmp_path), [], threading.Event()
    added = [0]

    def look() -> None:
        lake = Lake(tmp_path)
        while not is_over.is_set():
            least = added[0]
            counted, tracked = count(lake), len(minutes_of(lake))
            seen.append(least <= counted <= added[0] + 1 and least <= tracked <= added[0] + 1)

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        for minute in range(30):
            tended.add([reports(1, [minute], minute)])
            added[0] = minute + 1
            if minute % 3 == 0:
                tended.seal()
            if minute % 10 == 0:
                tended.merge(MIDNIGHT + (2 * HOUR_MS if minute > 15 else 0))
        is_over.set()
        looking.result()

    assert len(seen) > 3 and all(seen)


def test_torn_line_of_the_manifest_is_not_believed(tmp_path: Path):
    tended = LakeWriter(tmp_path)
    tended.add([reports(1, [1])])
    tended.close()
    with (tmp_path / "manifest").open("ab") as file:
        file.write(b'00000000 {"remove": ["x"]}\n12345678 {"add"')
    seen = minutes_of(Lake(tmp_path))

    tended = LakeWriter(tmp_path)
    tended.add([reports(1, [2], 1)])

    assert seen == [1]
    assert minutes_of(Lake(tmp_path)) == [1, 2]


def test_full_disk_leaves_the_lake_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tended = LakeWriter(tmp_path)
    tended.add([reports(1, [1])])

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(LogFull):
        patch.setattr(os, "fdatasync", full)
        tended.add([reports(1, [2], 1)])
    tended.add([reports(1, [2], 1)])

    assert minutes_of(Lake(tmp_path)) == [1, 2]


def test_consumer_goes_on_at_the_row_behind_the_last_visible_one(tmp_path: Path):
    first = LakeConsumer(tmp_path)
    begin = first.start("gateway-1")
    first.take(reports(1, [1, 2]))
    settled = first.settle(4_000_000_000_000, False)
    first.take(reports(1, [3], 2))
    first.close()

    again = LakeConsumer(tmp_path)

    assert (begin, settled, again.start("gateway-1")) == (0, True, 2)
    again.close()


def test_retention_forgets_old_hours(tmp_path: Path):
    tended = LakeWriter(tmp_path)
    tended.add([reports(1, [1, 61, 121])])
    tended.seal()

    removed = tended.expire(_hour() + 1)

    assert removed == 1
    assert minutes_of(Lake(tmp_path)) == [61, 121]


def test_query_takes_parameters_and_an_empty_lake_is_empty(tmp_path: Path):
    lake = Lake(tmp_path)
    empty = (count(lake), lake.track(1, *DAY).num_rows)
    LakeWriter(tmp_path).add([reports(1, [1, 2]), reports(2, [3], 2)])

    table = lake.query("select max(serial) from position where vehicle_id = ?", [1])

    assert empty == (0, 0)
    assert table.column(0)[0].as_py() == 2
