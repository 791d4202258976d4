"""Rows of the log as Arrow tables, and the hour they are filed under."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from qintong.stream.log import Blobs
from qintong.stream.quality import NO_TIME
from qintong.stream.topics import POSITION

HOUR_MS = 3_600_000
ZONE_MS = 8 * HOUR_MS
"""Days and hours are those of UTC+8, as the devices' clocks are (no summer time since 1991)."""

LATEST_MS = 62 * 24 * HOUR_MS

BLOB = "items"
"""Column of the additional items that were not decoded."""

SCHEMA = pa.schema(
    [pa.field(f.name, pa.from_numpy_dtype(np.dtype(f.dtype))) for f in POSITION.fields]
    + [pa.field(BLOB, pa.binary())]
)
KEY = ("terminal_id", "device_at_ms", "message_id", "serial", "item_index")
"""Two rows that agree in these are one report sent twice."""


def table_of(rows: np.ndarray, blobs: Blobs | None) -> pa.Table:
    """A batch of POSITION as a table of SCHEMA."""
    columns = [pa.array(np.ascontiguousarray(rows[f.name])) for f in POSITION.fields]
    blobs = blobs or Blobs.empty(len(rows))
    offsets = pa.py_buffer(np.ascontiguousarray(blobs.offsets, "<i4"))
    data = pa.py_buffer(np.ascontiguousarray(blobs.data))
    columns.append(pa.BinaryArray.from_buffers(pa.binary(), len(rows), [None, offsets, data]))
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def hour_numbers(table: pa.Table) -> np.ndarray:
    """Hours since 1970-01-01 00:00 UTC+8. Where the device's time is no use, the receive time's; so
    too for reports that come months late, lest one confused device open an hour for each of them."""
    quality = table["quality"].to_numpy()
    device, received = table["device_at_ms"].to_numpy(), table["received_at_ms"].to_numpy()
    is_useless = (quality & np.uint16(NO_TIME)) != 0
    at = np.where(is_useless | (received - device > LATEST_MS), received, device)
    return (at + ZONE_MS) // HOUR_MS


def hour_number(at_ms: int) -> int:
    return (at_ms + ZONE_MS) // HOUR_MS


def end_of_hour_ms(number: int) -> int:
    return (number + 1) * HOUR_MS - ZONE_MS


def hour_directory(number: int) -> str:
    """`day=2026-11-24/hour=09` of an hour number."""
    at = datetime.fromtimestamp(number * 3600, UTC)
    return f"day={at:%Y-%m-%d}/hour={at:%H}"
