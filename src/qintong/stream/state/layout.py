"""The state file: header page, ring of changed slots, one row of 128 bytes for each vehicle.

    header   u64[512]: magic, format, capacity, count, counter, ring size
    ring     u32[RING]: slot of change number n at n % RING
    rows     ROW[capacity]

The file only ever grows, so a mapping that a reader holds stays valid. A row never crosses a page.
`version` is odd while the writer is at the row: a reader that sees an odd or a changed version reads
again (a seqlock). `counter` numbers the changes of position; it begins at a number made of the time, so that a reader's
counter of an earlier file is never mistaken for one of this.
"""

import mmap
from pathlib import Path

import numpy as np

MAGIC = int.from_bytes(b"QTSTATE\1", "little")
FORMAT = 1
HEADER_SIZE = 4096
RING = 1 << 20
CAPACITY, COUNT, COUNTER = 2, 3, 4
ROWS_AT = HEADER_SIZE + 4 * RING

_FIELDS = [
    ("version", "<u4"),
    ("lon_e6", "<i4"),
    ("vehicle_id", "<i8"),
    ("terminal_id", "<i8"),
    ("device_at_ms", "<i8"),  # of the position shown; the receive time where the device's is no use
    ("received_at_ms", "<i8"),  # of the position shown
    ("heard_at_ms", "<i8"),  # receive time of the last report of any kind
    ("odometer_m", "<i8"),  # -1 = none
    ("change", "<u8"),  # number of the change that put the position here
    ("lat_e6", "<i4"),
    ("speed_kmh", "<f4"),
    ("alarm_bits", "<u4"),
    ("status_bits", "<u4"),
    ("altitude_m", "<i2"),
    ("heading_deg", "<u2"),
    ("quality", "<u2"),
    ("edition", "u1"),
]
ROW = np.dtype(
    {
        "names": [name for name, _ in _FIELDS],
        "formats": [kind for _, kind in _FIELDS],
        "offsets": np.cumsum([0] + [np.dtype(kind).itemsize for _, kind in _FIELDS[:-1]]).tolist(),
        "itemsize": 128,
    }
)
"""device_at_ms = 0: heard, but never with a position."""


def state_path(var: Path) -> Path:
    """Where an installation keeps its positions."""
    return var / "state" / "position.state"


def file_size(capacity: int) -> int:
    return ROWS_AT + capacity * ROW.itemsize


def views(mapped: mmap.mmap, capacity: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(header, ring, rows) over a mapping of the file."""
    return (
        np.frombuffer(mapped, "<u8", HEADER_SIZE // 8),
        np.frombuffer(mapped, "<u4", RING, HEADER_SIZE),
        np.frombuffer(mapped, ROW, capacity, ROWS_AT),
    )
