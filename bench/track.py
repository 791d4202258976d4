"""One vehicle's day out of 100,000,000 reports.

The day (10,000 vehicles, 10,000 reports each) is written once into var/bench by the code that seals
the lake, and kept; making it takes about two minutes and is not part of the figures. Then random vehicles are asked for, each
once, through one connection, as the vehicle page does.
"""

import argparse
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from bench import harness
from qintong.conf.bootstrap.places import VAR_DIR
from qintong.stream.lake import Lake
from qintong.stream.lake.manifest import Level
from qintong.stream.lake.schema import HOUR_MS, hour_number, table_of
from qintong.stream.lake.writer import LakeWriter
from qintong.stream.log import Blobs
from qintong.stream.topics import POSITION

VEHICLES, REPORTS = 10_000, 10_000
INTERVAL_MS = 86_400_000 // REPORTS
START = datetime(2026, 11, 1, tzinfo=UTC) - timedelta(hours=8)
AT_ONCE = 2_000
"""Vehicles made at once."""


def measure(options: argparse.Namespace) -> harness.Figures:
    root = VAR_DIR / "bench" / f"track-{options.vehicles}x{options.reports}"
    prepare_s = prepare(root, options.vehicles, options.reports)
    lake = Lake(root)
    random = np.random.default_rng()
    end = START + timedelta(days=1)
    lake.track(int(random.integers(1, options.vehicles + 1)), START, end)
    spent: list[float] = []
    until = time.perf_counter() + options.seconds
    for vehicle in random.permutation(np.arange(1, options.vehicles + 1)).tolist():
        began = time.perf_counter()
        table = lake.track(vehicle, START, end)
        spent.append((time.perf_counter() - began) * 1000)
        if table.num_rows != options.reports:
            raise RuntimeError(f"vehicle {vehicle}: {table.num_rows} rows of {options.reports}")
        if time.perf_counter() > until:
            break
    counts = lake.counts()
    return {
        "reports": counts[f"{Level.WHOLE}_rows"],
        "p95_ms": harness.percentile(spent, 95),
        "p50_ms": harness.percentile(spent, 50),
        "tracks": len(spent),
        "bytes_per_report": counts[f"{Level.WHOLE}_bytes"] / counts[f"{Level.WHOLE}_rows"],
        "prepare_s": prepare_s,
    }


def prepare(root: Path, vehicles: int, reports: int) -> float:
    """Make what is missing; the seconds it took."""
    began = time.perf_counter()
    lake = LakeWriter(root)
    done = {hour for hour, _, _ in Lake(root).hours()}
    first = hour_number(int(START.timestamp() * 1000))
    for hour in range(first, first + 24):
        if len(done) < hour - first + 1:
            lake.bring(hour, _hour(hour - first, vehicles, reports))
    lake.close()
    return time.perf_counter() - began


def _hour(hour: int, vehicles: int, reports: int) -> Iterator[pa.Table]:
    """Reports of one hour, vehicle by vehicle: each drives a line of its own with noise."""
    random = np.random.default_rng(hour)
    interval = 86_400_000 // reports
    numbers = np.arange(-(-hour * HOUR_MS // interval), -(-(hour + 1) * HOUR_MS // interval))
    for low in range(1, vehicles + 1, AT_ONCE):
        ids = np.arange(low, min(low + AT_ONCE, vehicles + 1))
        rows = np.zeros(len(ids) * len(numbers), POSITION.dtype)
        place = np.repeat(ids, len(numbers))
        step = np.tile(numbers, len(ids))
        noise = random.integers(0, 1 << 16, len(rows))
        turn = random.integers(-80, 80, len(rows))
        rows["terminal_id"] = rows["vehicle_id"] = place
        at = int(START.timestamp() * 1000) + step * interval
        rows["device_at_ms"] = at
        rows["received_at_ms"] = at + 200 + noise % 1000
        rows["lon_e6"] = 108_000_000 + place * 100 + step * 150 + turn
        rows["lat_e6"] = 34_000_000 + place * 70 + step * 90 + (noise >> 9)
        rows["altitude_m"] = 400 + turn // 8
        rows["speed_kmh"] = 60 + turn / 10
        rows["heading_deg"] = (place + turn) % 360
        rows["status_bits"] = 0xC0003
        rows["odometer_m"] = place * 1_000_000 + step * 150 + noise % 90
        rows["recorder_speed_kmh"] = rows["speed_kmh"]
        rows["fuel_l"] = np.nan
        rows["signal_strength"], rows["satellites"] = 20 + noise % 8, 8 + noise % 6
        rows["message_id"], rows["serial"], rows["edition"] = 0x0200, step % 65536, 19
        yield table_of(rows, Blobs.empty(len(rows)))


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--vehicles", type=int, default=VEHICLES)
    parser.add_argument("--reports", type=int, default=REPORTS, help="of each vehicle")


if __name__ == "__main__":
    harness.main("track", measure, arguments, seconds=10.0)
