"""The rules and the state: position reports judged, and applied, for each CPU-second.

100,000 vehicles in batches of 65,536, one in a hundred of them above its limit.
"""

import argparse
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench import harness
from qintong.conf.bootstrap.places import VAR_DIR
from qintong.stream import roster
from qintong.stream.rules.engine import Engine
from qintong.stream.state.writer import StateWriter
from qintong.stream.topics import POSITION

VEHICLES, ROWS = 100_000, 65_536
NOON = 1_795_492_800_000


def measure(options: argparse.Namespace) -> harness.Figures:
    root = VAR_DIR / "bench" / "rules"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    engine = Engine(NOON)
    engine.use(_roster(root))
    engine.apply(_batch(0))
    judged = _rate(engine.apply, options.seconds / 2)
    state = StateWriter(root / "position.state")
    applied = _rate(state.apply, options.seconds / 2)
    state.close()
    shutil.rmtree(root)
    return {"judged_per_cpu_s": judged, "applied_per_cpu_s": applied}


def _rate(work: Callable[[np.ndarray], object], seconds: float) -> float:
    """Rows for each CPU-second, the making of the batches not counted."""
    rows, spent, number = 0, 0.0, 1
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        batch = _batch(number)
        began = time.process_time()
        work(batch)
        spent += time.process_time() - began
        rows += len(batch)
        number += 1
    return rows / spent


def _batch(number: int) -> np.ndarray:
    place = (np.arange(ROWS) + number * ROWS) % VEHICLES + 1
    rows = np.zeros(ROWS, POSITION.dtype)
    rows["vehicle_id"] = rows["terminal_id"] = place
    rows["device_at_ms"] = rows["received_at_ms"] = NOON + number * 10_000
    rows["lon_e6"], rows["lat_e6"] = 108_000_000 + place, 34_000_000 + number
    rows["speed_kmh"] = np.where(place % 100 == 0, 95.0, 60.0)
    return rows


def _roster(root: Path) -> roster.Roster:
    entries = [
        roster.Entry(n, n, n.to_bytes(6, "big"), speed_limit_kmh=80, offline_limit_s=600)
        for n in range(1, VEHICLES + 1)
    ]
    roster.write(root / "roster.arrow", entries)
    return roster.Roster.load(root / "roster.arrow")


if __name__ == "__main__":
    harness.main("rules", measure, seconds=10.0)
