"""One vehicle's rows out of a file: the question asked most often, so it is answered without a
query engine. Sealed files are sorted by vehicle; their footer says which row group holds which."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from qintong.stream.lake.manifest import LakeFile, Level

KEPT_FOOTERS = 48
"""Two days of hours; about 2 MB each."""


@dataclass(frozen=True, slots=True)
class _Footer:
    metadata: pq.FileMetaData
    lowest: np.ndarray
    highest: np.ndarray


class TrackReader:
    """Keeps the footers used last. May be used by several threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._footers: OrderedDict[str, _Footer] = OrderedDict()
        self._keeping = threading.Lock()

    def rows(
        self, file: LakeFile, vehicle_id: int, first_ms: int, last_ms: int, columns: Sequence[str]
    ) -> pa.Table | None:
        """Rows of the vehicle with first <= device time < last; None when there are none.

        Raises FileNotFoundError when the file has just been replaced.
        """
        footer = self._footer(file)
        groups = np.flatnonzero((footer.lowest <= vehicle_id) & (footer.highest >= vehicle_id))
        if not len(groups):
            return None
        with pq.ParquetFile(
            self._root / file.path, metadata=footer.metadata, memory_map=True
        ) as opened:
            table = opened.read_row_groups(groups.tolist(), list(columns), use_threads=False)
        vehicle, at = table["vehicle_id"].to_numpy(), table["device_at_ms"].to_numpy()
        wanted = np.flatnonzero((vehicle == vehicle_id) & (at >= first_ms) & (at < last_ms))
        return table.take(pa.array(wanted)) if len(wanted) else None

    def _footer(self, file: LakeFile) -> _Footer:
        with self._keeping:
            if (kept := self._footers.get(file.path)) is not None:
                self._footers.move_to_end(file.path)
                return kept
        metadata = pq.read_metadata(self._root / file.path)
        place = metadata.schema.names.index("vehicle_id")
        extents = [
            metadata.row_group(group).column(place).statistics
            for group in range(metadata.num_row_groups)
        ]
        footer = _Footer(
            metadata,
            np.array([e.min for e in extents], np.int64),
            np.array([e.max for e in extents], np.int64),
        )
        if file.level is not Level.OPEN:
            with self._keeping:
                self._footers[file.path] = footer
                while len(self._footers) > KEPT_FOOTERS:
                    self._footers.popitem(last=False)
        return footer
