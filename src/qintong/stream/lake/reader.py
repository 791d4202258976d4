"""Reading the lake from any process: one vehicle's track, SQL, and what there is."""

import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa

from qintong.stream.lake.manifest import LakeFile, Level, Manifest, ManifestReader
from qintong.stream.lake.order import sorted_unique
from qintong.stream.lake.schema import KEY, SCHEMA, hour_directory
from qintong.stream.lake.track import TrackReader
from qintong.stream.topics import POSITION

T = TypeVar("T")
_ATTEMPTS = 5


def lake_path(var: Path) -> Path:
    """Where an installation keeps its position reports."""
    return var / "lake" / POSITION.name


class Lake:
    """A lake opened for reading. May be used by several threads. An absent lake is empty."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._manifest = ManifestReader(root)
        self._reading = threading.Lock()
        self._tracks = TrackReader(root)
        self._database = duckdb.connect(
            config={"threads": 2, "autoinstall_known_extensions": False}  # nothing is fetched
        )
        self._database.execute("set global parquet_metadata_cache = true")

    def track(
        self, vehicle_id: int, start: datetime, end: datetime, columns: Sequence[str] = ()
    ) -> pa.Table:
        """Reports of one vehicle with start <= device time < end, by time, each once.

        `columns` narrows the table (default: all of the topic and `items`). Reports of every quality
        are in it; `quality` says which.
        """
        first, last = int(start.timestamp() * 1000), int(end.timestamp() * 1000)
        wanted = list(columns or SCHEMA.names)
        needed = list(dict.fromkeys([*wanted, *KEY, "vehicle_id", "received_at_ms"]))

        def read(manifest: Manifest) -> pa.Table:
            found = [
                self._tracks.rows(file, vehicle_id, first, last, needed)
                for file in _overlapping(manifest, first, last)
            ]
            tables = [table for table in found if table is not None]
            return pa.concat_tables([SCHEMA.empty_table().select(needed), *tables])

        return sorted_unique(self._attempt(read)).select(wanted)

    def query(
        self,
        sql: str,
        parameters: Sequence[object] = (),
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> pa.Table:
        """SQL over the view `position`, each report once. `start` and `end` narrow the files read
        (the statement still has to say which times it means). The statement is code: never build
        it from what a user typed.
        """
        first = int(start.timestamp() * 1000) if start else -(1 << 62)
        last = int(end.timestamp() * 1000) if end else 1 << 62

        def read(manifest: Manifest) -> pa.Table:
            cursor = self._database.cursor().register("nothing", SCHEMA.empty_table())
            view = self._view(_overlapping(manifest, first, last))
            statement = f"with position as ({view}) {sql}"
            return cursor.sql(statement, params=list(parameters)).to_arrow_table()

        return self._attempt(read)

    def hours(self) -> list[tuple[str, int, int]]:
        """(directory, rows, bytes) of each sealed hour. Reports sent twice may still be counted
        twice in hours that are not yet whole."""
        with self._reading:
            hours = self._manifest.read().hours()
        return [
            (hour_directory(h), sum(f.rows for f in files), sum(f.size for f in files))
            for h, files in sorted(hours.items())
        ]

    def counts(self) -> dict[str, int]:
        """Rows and bytes on each level, from the manifest alone."""
        with self._reading:
            files = list(self._manifest.read().files.values())
        found = {f"{level}_{what}": 0 for level in Level for what in ("files", "rows", "bytes")}
        for file in files:
            found[f"{file.level}_files"] += 1
            found[f"{file.level}_rows"] += file.rows
            found[f"{file.level}_bytes"] += file.size
        return found

    def close(self) -> None:
        self._database.close()

    def _attempt(self, read: Callable[[Manifest], T]) -> T:
        """With the newest manifest; again when a file went between reading it and reading them."""
        for _ in range(_ATTEMPTS - 1):
            with contextlib.suppress(duckdb.IOException, FileNotFoundError):
                return read(self._newest())
        return read(self._newest())

    def _newest(self) -> Manifest:
        with self._reading:
            return self._manifest.read()

    def _scan(self, files: Iterable[LakeFile]) -> str:
        names = ", ".join("'" + str(self.root / f.path).replace("'", "''") + "'" for f in files)
        return f"read_parquet([{names}], hive_partitioning = false)"

    def _view(self, files: list[LakeFile]) -> str:
        """All columns, each report once. A report may be twice in an open file, which is as the log
        was, and in two files of one hour; a sealed file that has its hour to itself is clean."""
        shares = Counter(hour for file in files for hour in file.hours)
        shared: list[LakeFile] = []
        alone: list[LakeFile] = []
        for file in files:
            is_clean = file.level is not Level.OPEN and shares[file.hours[0]] == 1
            (alone if is_clean else shared).append(file)
        parts = ["select * from nothing"]
        if alone:
            parts.append(f"select * from {self._scan(alone)}")  # noqa: S608
        if shared:
            parts.append(
                f"""select * from {self._scan(shared)} qualify row_number() over (
                    partition by {", ".join(KEY)} order by received_at_ms) = 1"""  # noqa: S608
            )
        return " union all ".join(parts)


def _overlapping(manifest: Manifest, first_ms: int, last_ms: int) -> list[LakeFile]:
    return [
        f for f in manifest.files.values() if f.first_at_ms < last_ms and f.last_at_ms >= first_ms
    ]
