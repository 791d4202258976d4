"""Local backend: segment files of one machine, `root/<topic>/<writer>/`. No server."""

import contextlib
import threading
import time
from pathlib import Path

import numpy as np

from qintong.stream.log import Blobs, Log, LogError, LogFull, LogLocked, Reader, Start
from qintong.stream.log.partition import LOCK_FILE, Partition, Retention
from qintong.stream.log.reader import LocalReader
from qintong.stream.topics import TOPICS, Topic

SEGMENT_SIZE = 256 << 20
MAX_PENDING = 64 << 20
"""Bytes that may wait for a commit; beyond them `append` refuses."""


class LocalLog:
    """One process's log. See `Log` for the contract.

    Opening it for a writer repairs that writer's partitions; `writer=None` reads only.
    """

    def __init__(
        self,
        root: Path,
        writer: str | None,
        segment_size: int = SEGMENT_SIZE,
        retention: Retention | None = None,
    ) -> None:
        self.root, self.writer = Path(root), writer
        self._segment_size, self._retention = segment_size, retention or Retention()
        self._partitions: dict[str, Partition] = {}
        self._pending: dict[str, list[tuple[np.ndarray, Blobs | None]]] = {}
        self._pending_bytes = 0
        self._appending, self._committing = threading.Lock(), threading.Lock()
        try:
            for topic in TOPICS.values() if writer else ():
                if (self.root / topic.name / str(writer)).is_dir():
                    self._partition(topic)
        except LogError:
            self.close()
            raise

    def append(self, topic: Topic, rows: np.ndarray, blobs: Blobs | None = None) -> None:
        if rows.dtype != topic.dtype:
            raise LogError(f"{topic.name}: rows have other columns than the topic")
        if topic.has_blob and blobs is None:
            blobs = Blobs.empty(len(rows))
        if (blobs is not None) != topic.has_blob or (blobs and len(blobs) != len(rows)):
            raise LogError(f"{topic.name}: {len(rows)} rows need as many byte strings, or none")
        if not len(rows):
            return
        size = rows.nbytes + (blobs.data.nbytes + blobs.offsets.nbytes if blobs else 0)
        copy = blobs and Blobs(blobs.offsets.copy(), blobs.data.copy())
        with self._appending:
            if self._pending_bytes + size > MAX_PENDING:
                raise LogFull(f"{self._pending_bytes} bytes wait for a commit already")
            self._pending.setdefault(topic.name, []).append((rows.copy(), copy))
            self._pending_bytes += size

    def commit(self) -> None:
        with self._committing:
            for name in list(self._pending):
                with self._appending:
                    waiting = self._pending.pop(name)
                try:
                    parts = [blobs for _, blobs in waiting if blobs is not None]
                    partition = self._partition(TOPICS[name])
                    partition.write(
                        [rows for rows, _ in waiting], Blobs.join(parts) if parts else None
                    )
                except LogError:
                    with self._appending:
                        self._pending[name] = waiting + self._pending.get(name, [])
                    raise
                with self._appending:
                    self._pending_bytes -= sum(
                        rows.nbytes + (b.data.nbytes + b.offsets.nbytes if b else 0)
                        for rows, b in waiting
                    )

    def reader(self, topic: Topic, consumer: str, start: Start | None = None) -> Reader:
        return LocalReader(self.root / topic.name, topic, consumer, start)

    def expire(self) -> int:
        """Apply retention to this writer's partitions; the number of segments deleted."""
        now = time.time_ns() // 1_000_000
        with self._committing:
            return sum(len(p.expire(now)) for p in self._partitions.values())

    def close(self) -> None:
        with self._committing:
            for partition in self._partitions.values():
                partition.close()
            self._partitions.clear()

    def _partition(self, topic: Topic) -> Partition:
        if topic.name not in self._partitions:
            if not self.writer:
                raise LogError(f"{topic.name}: opened for reading only")
            self._partitions[topic.name] = Partition(
                self.root / topic.name / self.writer,
                topic,
                self.writer,
                self._segment_size,
                self._retention,
            )
        return self._partitions[topic.name]


def repair(root: Path) -> None:
    """Open and close every partition that nobody writes: after a power cut its `end` may lie before
    rows that were acknowledged, and its writer may never come back to say so."""
    for topic in TOPICS.values():
        for lock in (root / topic.name).glob(f"*/{LOCK_FILE}"):
            with contextlib.suppress(LogLocked):
                directory = lock.parent
                Partition(
                    directory, topic, directory.name, SEGMENT_SIZE, Retention(), patience_s=0
                ).close()


def open_log(root: Path, writer: str | None) -> Log:
    """The log of this installation. `writer` names the process; None = reading only."""
    return LocalLog(root, writer)
