"""Rows to append: recognisable by serial number."""

from pathlib import Path

import numpy as np

from qintong.stream.log import Blobs, Reader
from qintong.stream.log.local import LocalLog
from qintong.stream.topics import ALARM, POSITION


def positions(first: int, count: int) -> tuple[np.ndarray, Blobs]:
    rows = np.zeros(count, POSITION.dtype)
    rows["terminal_id"] = np.arange(first, first + count)
    rows["serial"] = rows["terminal_id"] % 65536
    rows["speed_kmh"] = rows["terminal_id"] / 10
    return rows, Blobs.of([b"x" * (n % 7) for n in range(first, first + count)])


def alarms(first: int, count: int) -> np.ndarray:
    rows = np.zeros(count, ALARM.dtype)
    rows["incident_key"] = np.arange(first, first + count)
    return rows


def write(log: LocalLog, first: int, count: int) -> None:
    log.append(POSITION, *positions(first, count))
    log.commit()


def directory(root: Path) -> Path:
    return root / "position" / "gateway-1"


def read_all(reader: Reader, column: str = "terminal_id", commit: bool = False) -> list[int]:
    """The column of everything that can be read now."""
    found: list[int] = []
    while (batch := reader.read(timeout_s=0.0)) is not None:
        assert batch.next_offset - batch.first_offset == len(batch.rows)
        found += batch.rows[column].tolist()
        if commit:
            reader.commit(batch)
    return found
