"""The log: the commit point of everything in motion. What it has committed is never lost.

A topic is split into partitions, one for each writing process; an offset counts the rows of one
partition. Delivery is at least once: a consumer that must not act twice keeps its offset together
with its effect and names it in `start`. Backends hold to one contract (`tests/test_contract.py`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from qintong.stream.topics import Topic


class LogError(Exception):
    """The log cannot do what was asked. Whatever was not committed must not be acknowledged."""


class LogFull(LogError):
    """No room (disk, quota, or too much waiting to be committed). Nothing is lost: the rows stay
    pending and `commit` may be called again later."""


class LogLocked(LogError):
    """Another process writes this partition."""


@dataclass(frozen=True, slots=True)
class Blobs:
    """One byte string a row: string i is data[offsets[i]:offsets[i + 1]]."""

    offsets: np.ndarray
    """uint32[n + 1], offsets[0] = 0, ascending."""
    data: np.ndarray
    """uint8[offsets[n]]."""

    @classmethod
    def of(cls, strings: Sequence[bytes]) -> Self:
        offsets = np.zeros(len(strings) + 1, "<u4")
        np.cumsum([len(s) for s in strings], out=offsets[1:])
        return cls(offsets, np.frombuffer(b"".join(strings), np.uint8))

    @classmethod
    def empty(cls, rows: int) -> Self:
        return cls(np.zeros(rows + 1, "<u4"), np.zeros(0, np.uint8))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> bytes:
        return self.data[self.offsets[index] : self.offsets[index + 1]].tobytes()

    def tail(self, first: int) -> "Blobs":
        """The strings from `first` on."""
        begin = self.offsets[first]
        return Blobs(self.offsets[first:] - begin, self.data[begin:])

    @staticmethod
    def join(parts: Sequence["Blobs"]) -> "Blobs":
        if len(parts) == 1:
            return parts[0]
        offsets, base = [np.zeros(1, "<u4")], 0
        for part in parts:
            offsets.append((part.offsets[1:] + np.uint32(base)).astype("<u4"))
            base += int(part.offsets[-1])
        return Blobs(np.concatenate(offsets), np.concatenate([p.data for p in parts]))


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive committed rows of one partition. Arrays are read-only views where possible."""

    rows: np.ndarray
    blobs: Blobs | None
    partition: str
    first_offset: int
    next_offset: int
    committed_at_ms: int
    """Clock of the writer at the commit of the last row."""


class Reader(Protocol):
    """Reads every partition of a topic, those that appear later included. Not thread-safe."""

    def read(self, max_rows: int = 65536, timeout_s: float = 0.0) -> Batch | None:
        """Next rows of one partition, partitions in turn; None when nothing came in time.

        Only rows that are durable. A batch holds whole commits, so it may exceed `max_rows` by
        less than one of them.
        """

    def commit(self, batch: Batch) -> None:
        """Record durably that this consumer needs nothing before `batch.next_offset`."""

    def lag(self) -> int:
        """Committed rows not yet read."""

    def close(self) -> None: ...


Start = Callable[[str], int | None]
"""Offset at which a consumer's own effect says to go on in a partition; None = committed offset."""


class Log(Protocol):
    """`append` may be called while another thread is in `commit`."""

    def append(self, topic: Topic, rows: np.ndarray, blobs: Blobs | None = None) -> None:
        """Take rows of `topic.dtype` (copied). Order is kept. Raises LogFull when too much waits."""

    def commit(self) -> None:
        """Return when every row appended before the call is durable.

        Raises LogFull (retry later) or LogError; then no row may be acknowledged.
        """

    def reader(self, topic: Topic, consumer: str, start: Start | None = None) -> Reader:
        """A consumer begins at its committed offset, a new one at the oldest row kept.

        The name is registered: rows are kept until it has committed them.
        """

    def close(self) -> None:
        """Give up the partitions. Rows never committed are dropped."""
