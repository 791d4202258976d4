"""Where a vehicle is, whatever order its reports come in."""

import fcntl
import multiprocessing
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from qintong.stream.log import LogLocked
from qintong.stream.quality import Quality
from qintong.stream.state import State, layout
from qintong.stream.state.writer import StateWriter
from qintong.stream.topics import POSITION

NOON = 1_795_492_800_000


def report(
    vehicle_id: int = 1, at: int = NOON, received: int | None = None, **columns
) -> np.ndarray:
    row = np.zeros(1, POSITION.dtype)
    row["vehicle_id"], row["terminal_id"], row["device_at_ms"] = vehicle_id, vehicle_id, at
    row["received_at_ms"] = at + 500 if received is None else received
    row["lon_e6"], row["lat_e6"] = 108_944_340, 34_264_987
    for name, value in columns.items():
        row[name] = value
    return row


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "position.state"


def test_later_report_moves_the_vehicle(path: Path):
    writer, state = StateWriter(path), State.open_read(path)

    moved = [writer.apply(report(at=NOON + s * 1000, speed_kmh=s)) for s in range(3)]

    row = state.get(1)
    assert moved == [1, 1, 1]
    assert (row["speed_kmh"], row["device_at_ms"]) == (2, NOON + 2000)
    assert state.get(2) is None


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("late", {"at": NOON - 1}),
        ("duplicate", {"at": NOON, "serial": 9}),
        ("backfill", {"at": NOON - 3_600_000, "is_backfill": 1}),
        ("not fixed", {"at": NOON + 1000, "quality": Quality.NOT_FIXED}),
        ("zero", {"at": NOON + 1000, "quality": Quality.COORDINATES_ZERO}),
        ("range", {"at": NOON + 1000, "quality": Quality.COORDINATES_RANGE}),
        ("encrypted", {"at": NOON + 1000, "quality": Quality.COORDINATES_ENCRYPTED}),
    ],
)
def test_report_that_does_not_move_the_vehicle_is_still_heard(path: Path, name: str, second: dict):
    writer, state = StateWriter(path), State.open_read(path)
    writer.apply(report(speed_kmh=60))

    moved = writer.apply(report(**second, received=NOON + 9_000, speed_kmh=1))

    row = state.get(1)
    assert moved == 0, name
    assert (row["speed_kmh"], row["device_at_ms"], row["heard_at_ms"]) == (60, NOON, NOON + 9_000)


def test_order_inside_a_batch_does_not_matter(path: Path):
    writer, state = StateWriter(path), State.open_read(path)
    reports = [report(v, NOON + s * 1000, speed_kmh=s) for s in (3, 1, 5, 2) for v in (1, 2)]

    moved = writer.apply(np.concatenate(reports))

    assert moved == 2
    assert state.rows()["speed_kmh"].tolist() == [5, 5]


def test_receive_time_stands_in_for_a_clock_that_is_no_use(path: Path):
    writer, state = StateWriter(path), State.open_read(path)
    writer.apply(
        report(at=NOON + 20 * 365 * 86_400_000, received=NOON, quality=Quality.TIME_FUTURE)
    )

    writer.apply(report(at=NOON + 1000, speed_kmh=33))

    assert state.get(1)["speed_kmh"] == 33


def test_clock_set_back_does_not_freeze_the_vehicle(path: Path):
    writer, state = StateWriter(path), State.open_read(path)
    writer.apply(report(at=NOON + 86_400_000))

    writer.apply(report(at=NOON, speed_kmh=44))

    row = state.get(1)
    assert (row["speed_kmh"], row["heard_at_ms"]) == (44, NOON + 500)


def test_terminal_without_vehicle_is_not_shown(path: Path):
    writer, state = StateWriter(path), State.open_read(path)

    writer.apply(report(0))

    assert len(state) == 0


def test_changes_are_told_once_to_each_reader(path: Path):
    writer, state = StateWriter(path), State.open_read(path)
    writer.apply(np.concatenate([report(v) for v in (1, 2, 3)]))
    first = state.changes_since(0)

    writer.apply(report(2, NOON + 1000))
    writer.apply(report(2, NOON + 2000))
    second = state.changes_since(first.counter)

    assert first.is_complete and len(first.rows) == 3
    assert not second.is_complete and second.rows["vehicle_id"].tolist() == [2]
    assert len(state.changes_since(second.counter).rows) == 0


def test_changes_may_be_taken_in_portions(path: Path):
    writer, state = StateWriter(path), State.open_read(path)
    start = state.counter
    for vehicle in range(1, 11):
        writer.apply(report(vehicle))

    first = state.changes_since(start, limit=4)
    second = state.changes_since(first.counter, limit=100)

    assert first.rows["vehicle_id"].tolist() == [1, 2, 3, 4]
    assert second.rows["vehicle_id"].tolist() == [5, 6, 7, 8, 9, 10]


def test_reader_too_far_behind_gets_everything(path: Path, monkeypatch: pytest.MonkeyPatch):
    writer, state = StateWriter(path), State.open_read(path)
    writer.apply(report(1))
    counter = state.counter
    writer._header[layout.COUNTER] += layout.RING

    assert state.changes_since(counter).is_complete


def test_file_grows_under_an_open_reader(path: Path):
    writer = StateWriter(path, capacity=2)
    writer.apply(report(1))
    state = State.open_read(path)
    counter = state.counter

    writer.apply(np.concatenate([report(v) for v in range(2, 500)]))

    assert len(state.changes_since(counter).rows) == 498
    assert state.get(499)["vehicle_id"] == 499


def test_positions_survive_a_restart(path: Path):
    writer = StateWriter(path)
    writer.apply(np.concatenate([report(v, speed_kmh=v) for v in (7, 3, 5)]))
    writer.close()

    writer = StateWriter(path)
    writer.apply(report(3, NOON + 1000, speed_kmh=99))

    rows = State.open_read(path).get_many([3, 5, 7, 8])
    assert rows["speed_kmh"].tolist() == [99, 5, 7]


def test_row_cut_by_a_kill_has_no_position_until_it_is_replayed(path: Path):
    writer = StateWriter(path)
    writer.apply(report(1, speed_kmh=60))
    writer._rows["version"][0] += 1
    writer._rows["lon_e6"][0] = 1
    fcntl.flock(writer._file, fcntl.LOCK_UN)

    during = State.open_read(path).get(1)
    writer = StateWriter(path)
    writer.apply(report(1, speed_kmh=60))

    assert during["device_at_ms"] == 0
    assert State.open_read(path).get(1)["lon_e6"] == 108_944_340


def test_file_that_appears_later_is_picked_up(path: Path, monkeypatch: pytest.MonkeyPatch):
    state = State.open_read(path)
    nothing = (len(state), state.get(1))

    StateWriter(path).apply(report(1))
    monkeypatch.setattr(state, "_checked_at", -9.0)

    assert nothing == (0, None)
    assert state.get(1)["vehicle_id"] == 1


def test_second_writer_is_refused(path: Path):
    writer = StateWriter(path)

    with pytest.raises(LogLocked):
        StateWriter(path)
    writer.close()


def _write_forever(path: Path) -> None:
    writer = StateWriter(path)
    vehicles = np.arange(1, 2001)
    rows = np.zeros(len(vehicles), POSITION.dtype)
    rows["vehicle_id"] = vehicles
    for step in range(1, 10**9):
        rows["device_at_ms"] = rows["received_at_ms"] = rows["lon_e6"] = rows["lat_e6"] = step
        rows["odometer_m"] = rows["speed_kmh"] = step
        writer.apply(rows)


def test_reader_never_sees_half_a_row_and_a_kill_leaves_none(path: Path):
    process = multiprocessing.get_context("fork").Process(target=_write_forever, args=(path,))
    process.start()
    state = State.open_read(path)
    while len(state) < 2000:
        time.sleep(0.01)
        state._checked_at = -9.0

    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        rows = state.rows()
        whole = rows[rows["device_at_ms"] > 0]
        assert (whole["lon_e6"] == whole["device_at_ms"]).all()
        assert (whole["odometer_m"] == whole["lat_e6"]).all()
        assert (whole["speed_kmh"] == whole["odometer_m"]).all()
    os.kill(process.pid, signal.SIGKILL)
    process.join()

    StateWriter(path).close()
    rows = State.open_read(path).rows()
    whole = rows[rows["device_at_ms"] > 0]
    assert (whole["lon_e6"] == whole["device_at_ms"]).all()
    assert (rows["version"] % 2 == 0).all()
