"""Fills the lake from the log, and tends it in a second thread."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import structlog

from qintong.stream.lake.schema import hour_number
from qintong.stream.lake.writer import SEAL_ROWS, LakeWriter
from qintong.stream.log import Batch
from qintong.stream.topics import POSITION

logger = structlog.get_logger()

FLUSH_EVERY_MS = 3_000
FLUSH_ROWS = 500_000
SEAL_EVERY_MS = 60_000


class LakeConsumer:
    """Positions into open files every few seconds, open files into hours every few minutes.

    The manifest names the offset each change reaches, so a restart goes on at exactly the row behind
    the last visible one, whatever offset the log remembers.
    """

    name, topic = "lake", POSITION

    def __init__(self, root: Path, keep_days: int | None = None) -> None:
        """`keep_days` = None keeps everything."""
        self._lake = LakeWriter(root)
        self._keep_days = keep_days
        self._waiting: dict[str, list[Batch]] = {}
        self._waiting_rows = 0
        self._flushed_at_ms = self._tended_at_ms = time.time_ns() // 1_000_000
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="lake-tending")
        self._tending: Future[None] | None = None

    def start(self, partition: str) -> int | None:
        return self._lake.offsets.get(partition, 0)

    def take(self, batch: Batch) -> None:
        self._waiting.setdefault(batch.partition, []).append(batch)
        self._waiting_rows += len(batch.rows)

    def caught_up(self, now_ms: int) -> None:
        pass

    def settle(self, now_ms: int, is_last: bool) -> bool:
        self._tend(now_ms, is_last)
        is_due = not 0 <= now_ms - self._flushed_at_ms < FLUSH_EVERY_MS
        if not (is_last or is_due or self._waiting_rows >= FLUSH_ROWS):
            return False
        for partition in list(self._waiting):
            self._lake.add(self._waiting[partition])
            self._waiting_rows -= sum(len(b.rows) for b in self._waiting.pop(partition))
        self._flushed_at_ms = now_ms
        return True

    def close(self) -> None:
        self._pool.shutdown()
        self._lake.close()

    def _tend(self, now_ms: int, is_last: bool) -> None:
        """Start sealing and merging when it is time and none is running; raise what went wrong."""
        if self._tending is not None and (is_last or self._tending.done()):
            ended, self._tending = self._tending, None
            ended.result()
        is_due = not 0 <= now_ms - self._tended_at_ms < SEAL_EVERY_MS
        is_many = self._lake.open_rows >= SEAL_ROWS
        if self._tending is None and not is_last and (is_due or is_many):
            self._tended_at_ms = now_ms
            self._tending = self._pool.submit(self._seal_and_merge, now_ms)

    def _seal_and_merge(self, now_ms: int) -> None:
        began = time.monotonic()
        sealed, merged = self._lake.seal(), self._lake.merge(now_ms)
        if self._keep_days is not None:
            self._lake.expire(hour_number(now_ms) - 24 * self._keep_days)
        self._lake.remove_left()
        seconds = round(time.monotonic() - began, 3)
        logger.info("lake_tended", rows_sealed=sealed, hours_merged=merged, seconds=seconds)
