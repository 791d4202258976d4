"""The one process that fills and tends the lake."""

import contextlib
import secrets
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import structlog

from qintong.stream.lake import parquet
from qintong.stream.lake.manifest import LakeFile, Level, ManifestWriter
from qintong.stream.lake.order import sorted_unique
from qintong.stream.lake.schema import end_of_hour_ms, hour_directory, hour_numbers, table_of
from qintong.stream.log import Batch, Blobs, LogError

logger = structlog.get_logger()

SEAL_ROWS = 2_000_000
"""Open rows taken into parts at once: what fits in memory comfortably."""
MERGE_ROWS = 1_000_000
MARGIN_MS = 600_000
"""An hour is over this long after its last minute."""
MANY_PARTS = 12
"""So many parts of an hour that goes on become one, lest today's tracks be read from too many files."""
LATE_PARTS, LATE_MS = 8, 6 * 3_600_000
"""Late parts are merged when there are more of them, or when the oldest has waited so long."""
GRACE_S = 120.0
"""How long a file that no longer counts is left for readers that still hold the old manifest."""


class LakeWriter:
    """Fills and tends one lake. `add` and the tending may run in two threads.

    Opening it removes what a crash left: files that the manifest does not name.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._journal = ManifestWriter(root)
        self._tending = threading.Lock()
        self._leaving: list[tuple[float, str]] = []
        self._sweep()

    @property
    def offsets(self) -> dict[str, int]:
        """Next offset of each partition of the log."""
        return self._journal.manifest.offsets

    @property
    def open_rows(self) -> int:
        return sum(f.rows for f in self._journal.manifest.open_files())

    def add(self, batches: list[Batch]) -> LakeFile:
        """Make consecutive batches of one partition visible, together with the offset they reach."""
        rows = np.concatenate([b.rows for b in batches])
        blobs = Blobs.join([b.blobs or Blobs.empty(len(b.rows)) for b in batches])
        partition, first, following = (
            batches[0].partition,
            batches[0].first_offset,
            batches[-1].next_offset,
        )
        path = f"open/{partition}@{first:020d}-{following:020d}.parquet"
        file = parquet.write(self.root, path, Level.OPEN, [table_of(rows, blobs)])
        self._journal.change(add=[file], offsets={partition: following})
        return file

    def seal(self) -> int:
        """Take the files that are open now into parts of their hours; the number of rows taken."""
        with self._tending:
            taken = 0
            for files in _portions(self._journal.manifest.open_files()):
                table = pa.concat_tables([self._read(f) for f in files])
                hours = hour_numbers(table)
                parts = []
                for hour in np.unique(hours):
                    rows = sorted_unique(table.take(pa.array(np.flatnonzero(hours == hour))))
                    parts.append(self._write(Level.PART, int(hour), iter([rows])))
                self._replace(files, parts)
                taken += table.num_rows
            return taken

    def merge(self, now_ms: int) -> int:
        """Make one whole file of each hour that is over; the number of merges.

        Late parts of an hour that has its whole file are gathered for a while, so that a trickle of
        late rows does not make a large file be written over and over.
        """
        with self._tending:
            merged = 0
            for hour, files in sorted(self._journal.manifest.hours().items()):
                is_over = now_ms > end_of_hour_ms(hour) + MARGIN_MS
                parts = [f for f in files if f.level is Level.PART]
                has_whole = len(parts) < len(files)
                oldest = min((f.made_at_ms for f in parts), default=now_ms)
                waits = has_whole and len(parts) <= LATE_PARTS and now_ms - oldest < LATE_MS
                if parts and is_over and not waits:
                    self._replace(files, [self._write(Level.WHOLE, hour, self._merged(files))])
                elif len(parts) > MANY_PARTS:
                    self._replace(parts, [self._write(Level.PART, hour, self._merged(parts))])
                else:
                    continue
                merged += 1
            return merged

    def bring(self, hour: int, tables: Iterator[pa.Table]) -> LakeFile:
        """Add an hour of history that never went through the log. Each table is later by vehicle
        than the one before it."""
        with self._tending:
            file = self._write(Level.WHOLE, hour, (sorted_unique(t) for t in tables))
            self._replace([], [file])
            return file

    def expire(self, before_hour: int) -> int:
        """Forget all hours before one; the number of files removed."""
        with self._tending:
            old = [
                f
                for hour, files in self._journal.manifest.hours().items()
                if hour < before_hour
                for f in files
            ]
            self._replace(old, [])
            return len(old)

    def remove_left(self) -> None:
        """Delete the files whose grace is over."""
        now = time.monotonic()
        while self._leaving and self._leaving[0][0] <= now:
            (self.root / self._leaving.pop(0)[1]).unlink(missing_ok=True)

    def close(self) -> None:
        self._journal.close()

    def _read(self, file: LakeFile) -> pa.Table:
        return pq.read_table(self.root / file.path, partitioning=None)

    def _write(self, level: Level, hour: int, tables: Iterator[pa.Table]) -> LakeFile:
        path = f"{hour_directory(hour)}/{level}-{secrets.token_hex(6)}.parquet"
        return parquet.write(self.root, path, level, tables)

    def _replace(self, old: list[LakeFile], new: list[LakeFile]) -> None:
        if not old and not new:
            return
        try:
            self._journal.change(add=new, remove=[f.path for f in old])
        except LogError:
            for file in new:
                (self.root / file.path).unlink(missing_ok=True)
            raise
        gone_at = time.monotonic() + GRACE_S
        self._leaving += [(gone_at, f.path) for f in old]
        self.remove_left()

    def _merged(self, files: list[LakeFile]) -> Iterator[pa.Table]:
        """Sorted files as one, vehicle by vehicle, holding about MERGE_ROWS rows at a time."""
        with contextlib.ExitStack() as opened:
            inputs = [opened.enter_context(pq.ParquetFile(self.root / f.path)) for f in files]
            groups = sorted(_row_groups(inputs))
            cuts: list[int] = []
            rows = 0
            for lowest, _, _, _, count in groups:
                if rows >= MERGE_ROWS and (not cuts or lowest > cuts[-1]):
                    cuts.append(lowest)
                    rows = 0
                rows += count
            for low, high in zip([-(1 << 62), *cuts], [*cuts, 1 << 62], strict=True):
                wanted: dict[int, list[int]] = {}
                for lowest, highest, number, group, _ in groups:
                    if lowest < high and highest >= low:
                        wanted.setdefault(number, []).append(group)
                table = pa.concat_tables(inputs[n].read_row_groups(g) for n, g in wanted.items())
                vehicle = table["vehicle_id"]
                inside = pc.and_(pc.greater_equal(vehicle, low), pc.less(vehicle, high))
                yield sorted_unique(table.filter(inside))

    def _sweep(self) -> None:
        """Remove what the manifest does not name."""
        known = self._journal.manifest.files
        for path in [*self.root.glob("open/*"), *self.root.glob("day=*/hour=*/*")]:
            if str(path.relative_to(self.root)) not in known:
                logger.info("lake_leftover_removed", path=str(path))
                path.unlink(missing_ok=True)


def _portions(files: list[LakeFile]) -> Iterator[list[LakeFile]]:
    """Files in the order of the log, as many at once as fit in SEAL_ROWS."""
    portion: list[LakeFile] = []
    for file in sorted(files, key=lambda f: f.path):
        if portion and sum(f.rows for f in portion) + file.rows > SEAL_ROWS:
            yield portion
            portion = []
        portion.append(file)
    if portion:
        yield portion


def _row_groups(inputs: list[pq.ParquetFile]) -> Iterator[tuple[int, int, int, int, int]]:
    """(smallest vehicle, largest vehicle, number of input, row group, rows)."""
    for number, file in enumerate(inputs):
        column = file.schema_arrow.get_field_index("vehicle_id")
        for group in range(file.num_row_groups):
            said = file.metadata.row_group(group)
            extent = said.column(column).statistics
            yield extent.min, extent.max, number, group, said.num_rows
