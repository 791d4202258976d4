"""`qintong lake stats | verify | seal`: what there is, whether it is sound, and tidying by hand."""

import argparse
import sys
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from qintong.stream.lake import Lake, lake_path
from qintong.stream.lake.manifest import Level, Manifest, ManifestReader
from qintong.stream.lake.schema import KEY, SCHEMA
from qintong.stream.lake.writer import LakeWriter
from qintong.stream.log import LogLocked


def main(arguments: list[str], var: Path) -> int:
    parser = argparse.ArgumentParser(prog="qintong lake", description=__doc__)
    parser.add_argument("action", choices=["stats", "verify", "seal"])
    action = parser.parse_args(arguments).action
    root = lake_path(var)
    return {"stats": _stats, "verify": _verify, "seal": _seal}[action](root)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _stats(root: Path) -> int:
    lake = Lake(root)
    for directory, rows, size in lake.hours():
        _say(f"{directory}  {rows:>12,} rows  {size / 2**20:>10,.1f} MiB")
    for name, value in lake.counts().items():
        _say(f"{name:12} {value:>14,}")
    return 0


def _verify(root: Path) -> int:
    """Every file is there, readable to the last value and has the rows it should; no whole hour
    holds a report twice; no file is there that does not count."""
    manifest = ManifestReader(root).read()
    faults = [*_unsound(root, manifest), *_unnamed(root, manifest)]
    for fault in faults:
        _say(fault)
    _say(f"{len(manifest.files)} files, {len(faults)} faults")
    return 1 if faults else 0


def _unsound(root: Path, manifest: Manifest) -> list[str]:
    faults = []
    for file in manifest.files.values():
        try:
            with pq.ParquetFile(root / file.path) as opened:
                rows = sum(batch.num_rows for batch in opened.iter_batches())
                names = opened.schema_arrow.names
        except (OSError, pa.ArrowException) as error:
            faults.append(f"{file.path}: {error}")
            continue
        if rows != file.rows or names != SCHEMA.names:
            faults.append(f"{file.path}: {rows} rows of {file.rows}, columns {names}")
        elif file.level is Level.WHOLE:
            repeated = duckdb.execute(
                f"""select count(*) from (select 1 from read_parquet(?, hive_partitioning = false)
                    group by {", ".join(KEY)} having count(*) > 1)""",  # noqa: S608
                [str(root / file.path)],
            ).fetchone()
            if repeated and repeated[0]:
                faults.append(f"{file.path}: {repeated[0]} reports twice")
    return faults


def _unnamed(root: Path, manifest: Manifest) -> list[str]:
    """Files replaced a moment ago are still there for readers of the old manifest."""
    long_ago = time.time() - 3600
    return [
        f"{path.relative_to(root)}: not in the manifest"
        for path in root.rglob("*.parquet")
        if str(path.relative_to(root)) not in manifest.files and path.stat().st_mtime < long_ago
    ]


def _seal(root: Path) -> int:
    """For a lake that no consumer is writing."""
    try:
        lake = LakeWriter(root)
    except LogLocked:
        _say("The lake is being written by `qintong consume lake`, which seals it itself.")
        return 1
    rows, hours = lake.seal(), lake.merge(time.time_ns() // 1_000_000)
    lake.close()
    _say(f"{rows:,} rows sealed, {hours} hours merged")
    return 0
