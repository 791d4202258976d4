"""The log alone: durable rows for each CPU-second of the writer, rows for each second of a reader.

Groups of 500 rows with 12 bytes of additional items, as a gateway commits them under load.
"""

import argparse
import shutil
import time

import numpy as np

from bench import harness
from qintong.conf.bootstrap.places import VAR_DIR
from qintong.stream.log import Blobs
from qintong.stream.log.local import LocalLog
from qintong.stream.topics import POSITION

GROUP = 500


def measure(options: argparse.Namespace) -> harness.Figures:
    root = VAR_DIR / "bench" / "log"
    shutil.rmtree(root, ignore_errors=True)
    log = LocalLog(root, "bench")
    rows = np.zeros(GROUP, POSITION.dtype)
    blobs = Blobs.of([bytes(12)] * GROUP)
    written, began, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < options.seconds / 2:
        rows["device_at_ms"] = written
        log.append(POSITION, rows, blobs)
        log.commit()
        written += GROUP
    write_s, write_cpu_s = time.perf_counter() - began, time.process_time() - cpu

    reader = log.reader(POSITION, "bench")
    read, began = 0, time.perf_counter()
    while (batch := reader.read(65536)) is not None:
        read += len(batch.rows)
    read_s = time.perf_counter() - began
    log.close()
    shutil.rmtree(root)
    if read != written:
        raise RuntimeError(f"{read} rows read of {written}")
    return {
        "committed_per_cpu_s": written / write_cpu_s,
        "committed_per_s": written / write_s,
        "commit_ms": write_s / (written / GROUP) * 1000,
        "read_per_s": read / read_s,
    }


if __name__ == "__main__":
    harness.main("log", measure, seconds=10.0)
