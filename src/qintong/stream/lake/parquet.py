"""Writing one Parquet file so that it is whole or not there."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from qintong.stream.lake.manifest import LakeFile, Level
from qintong.stream.lake.schema import BLOB, SCHEMA, hour_numbers
from qintong.stream.log import durable

ROW_GROUP = 32_768
"""Rows read at least for one vehicle's hour. Smaller ones are read quicker and found slower: the footer
of a file grows with their number."""

_PRUNED_BY = ["vehicle_id", "terminal_id", "device_at_ms", "received_at_ms"]
"""Columns that get statistics: the others would only make the footer longer."""
_STEADY = [
    "message_id", "item_index", "edition", "is_backfill", "quality", "alarm_bits", "status_bits",
    "signal_strength", "satellites", "terminal_id", "vehicle_id", "recorder_speed_kmh", "fuel_l", BLOB,
]  # fmt: skip
_DELTA = ["device_at_ms", "received_at_ms", "lon_e6", "lat_e6", "odometer_m"]


def write(root: Path, path: str, level: Level, tables: Iterable[pa.Table]) -> LakeFile:
    """Write tables one after another; durable under its name when it returns.

    Raises LogFull or LogError, and then leaves nothing behind.
    """
    target = root / path
    draft = target.with_name(f".{target.name}")
    hours: set[int] = set()
    rows, first, last = 0, np.iinfo(np.int64).max, np.iinfo(np.int64).min
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(draft, "wb") as file:
            with pq.ParquetWriter(
                file,
                SCHEMA,
                compression="zstd",
                compression_level=1,
                use_dictionary=_STEADY,
                write_statistics=_PRUNED_BY,
                column_encoding=dict.fromkeys(_DELTA, "DELTA_BINARY_PACKED"),
            ) as writer:
                for table in tables:
                    if not table.num_rows:
                        continue
                    writer.write_table(table, row_group_size=ROW_GROUP)
                    hours |= set(np.unique(hour_numbers(table)).tolist())
                    at = table["device_at_ms"].to_numpy()
                    rows, first, last = (
                        rows + table.num_rows, min(first, at.min()), max(last, at.max())
                    )  # fmt: skip
            file.flush()
            os.fdatasync(file.fileno())
            size = file.tell()
        os.replace(draft, target)
        durable.sync_directory(target.parent)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise durable.refusal(error, str(target)) from error
    return LakeFile(
        path=path,
        level=level,
        hours=tuple(sorted(hours)),
        rows=rows,
        size=size,
        first_at_ms=int(first),
        last_at_ms=int(last),
        made_at_ms=time.time_ns() // 1_000_000,
    )
