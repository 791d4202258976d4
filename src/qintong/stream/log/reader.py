"""The reading side of the local log: any number of processes, by offset, while it is written."""

import bisect
import os
import time
from pathlib import Path

import numpy as np
import structlog

from qintong.stream.log import Batch, Blobs, LogError, LogFull, Start, offsets, segment
from qintong.stream.log.partition import END_FILE, End, segments
from qintong.stream.topics import Topic

logger = structlog.get_logger()

CHUNK = 4 << 20
SHORTEST_WAIT_S, LONGEST_WAIT_S = 0.001, 0.02
DISCOVERY_S = 1.0


class _Tail:
    """Place in one partition."""

    def __init__(self, directory: Path, topic: Topic, offset: int) -> None:
        self.directory, self.topic, self.offset = directory, topic, offset
        self.end = End(directory / END_FILE)
        self._file, self._base, self._position = -1, -1, 0
        self._dtype = topic.dtype
        self._buffer, self._buffer_at, self._buffered_end = memoryview(b""), 0, 0

    def read(self, max_rows: int) -> Batch | None:
        """Rows up to the durable end; None when there are none yet."""
        durable_end = self.end.offset
        rows: list[np.ndarray] = []
        blobs: list[Blobs] = []
        first, count, at_ms = self.offset, 0, 0
        while self.offset < durable_end and count < max_rows:
            if self._file < 0 and not self._open(self.offset):
                break
            record = self._record(durable_end)
            if record is None:
                if not self._step_over():
                    break
                continue
            if record.next_offset > durable_end:
                break
            if record.next_offset <= self.offset:
                self._position = record.end
                continue
            if record.base_offset > self.offset:
                if count:
                    break
                logger.error(
                    "log_rows_missing",
                    partition=str(self.directory),
                    offset=self.offset,
                    rows=record.base_offset - self.offset,
                )
                first = self.offset = record.base_offset
                continue
            data, index = self._buffer, self._position - self._buffer_at
            found, strings = segment.unpack(data, index, record, self._dtype)
            skip = self.offset - record.base_offset
            rows.append(segment.to_current(found, self.topic.dtype)[skip:])
            if strings is not None:
                blobs.append(strings.tail(skip) if skip else strings)
            self._position, self.offset, at_ms = record.end, record.next_offset, record.at_ms
            count += len(rows[-1])
        if not count:
            return None
        whole = rows[0] if len(rows) == 1 else np.concatenate(rows)
        strings = Blobs.join(blobs) if blobs else None
        return Batch(whole, strings, self.directory.name, first, self.offset, at_ms)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def _open(self, offset: int) -> bool:
        """Find the segment that holds `offset`; when retention took it, the oldest there is."""
        bases = segments(self.directory)
        if not bases:
            return False
        self._base = bases[max(bisect.bisect_right(bases, offset) - 1, 0)]
        path = self.directory / segment.file_name(self._base)
        try:
            self._file = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return self._open(offset)
        header = segment.Header.parse(os.pread(self._file, 1 << 16, 0), path)
        if header.topic != self.topic.number:
            raise LogError(f"{path}: holds topic {header.topic}, not {self.topic.number}")
        self._dtype, self._position = header.dtype, header.size
        self._buffer, self._buffer_at = memoryview(b""), 0
        self._position = max(self._position, self._hint(path, offset))
        return True

    def _hint(self, path: Path, offset: int) -> int:
        """Byte of a record at or before `offset`, from the index; 0 when the index cannot tell."""
        try:
            data = path.with_suffix(".index").read_bytes()
        except FileNotFoundError:
            return 0
        entries = np.frombuffer(data[: len(data) // 24 * 24], "<u8").reshape(-1, 3)
        place = int(np.searchsorted(entries[:, 0], offset, side="right")) - 1
        if place < 0:
            return 0
        position = int(entries[place, 2])
        head = os.pread(self._file, segment.RECORD.size, position)
        sound = segment.record_size(head) is not None
        matches = sound and segment.RECORD.unpack(head)[2] == int(entries[place, 0])
        return position if matches else 0

    def _record(self, durable_end: int) -> segment.Record | None:
        """The record at the current position; the buffer then holds it whole.

        Bytes buffered before their record was durable are read again: the writer may have taken
        them back after a failed sync and put others in their place.
        """
        index = self._position - self._buffer_at
        size = segment.record_size(self._buffer[index : index + segment.RECORD.size])
        is_stale = self.offset >= self._buffered_end
        if is_stale or size is None or index + size > len(self._buffer):
            head = os.pread(self._file, segment.RECORD.size, self._position)
            size = segment.record_size(head)
            if size is None:
                return None
            data = os.pread(self._file, max(size, CHUNK), self._position)
            self._buffer, self._buffer_at, index = memoryview(data), self._position, 0
            self._buffered_end = durable_end
        return segment.record_at(self._buffer, index, self._position)

    def _step_over(self) -> bool:
        """Nothing sound here though rows are due: go on in the next segment, or behind the damage."""
        following = [b for b in segments(self.directory) if b > self._base]
        size = os.fstat(self._file).st_size
        if self._position < size:
            data = os.pread(self._file, size - self._position, self._position)
            for record in segment.scan(memoryview(data), 1):
                logger.error(
                    "log_damage_stepped_over",
                    partition=str(self.directory),
                    segment=self._base,
                    position=self._position,
                    bytes=record.position,
                )
                self._position += record.position
                self._buffer, self._buffer_at = memoryview(b""), 0
                return True
        if not following:
            return False
        self.close()
        return self._open(max(self.offset, following[0]))


class LocalReader:
    """All partitions of a topic for one consumer. See `Reader` for the contract."""

    def __init__(self, directory: Path, topic: Topic, consumer: str, start: Start | None) -> None:
        self._directory, self._topic = directory, topic
        self._consumer, self._start = consumer, start
        self._tails: dict[str, _Tail] = {}
        self._turn = 0
        self._discovered_at = -DISCOVERY_S
        self._discover()

    def read(self, max_rows: int = 65536, timeout_s: float = 0.0) -> Batch | None:
        deadline = time.monotonic() + timeout_s
        wait = SHORTEST_WAIT_S
        while True:
            self._discover()
            tails = list(self._tails.values())
            for step in range(len(tails)):
                batch = tails[(self._turn + step) % len(tails)].read(max_rows)
                if batch is not None:
                    self._turn = (self._turn + step + 1) % len(tails)
                    return batch
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            time.sleep(min(wait, left))
            wait = min(wait * 2, LONGEST_WAIT_S)

    def commit(self, batch: Batch) -> None:
        offsets.write(self._directory / batch.partition, self._consumer, batch.next_offset)

    def lag(self) -> int:
        return sum(max(tail.end.offset - tail.offset, 0) for tail in self._tails.values())

    def positions(self) -> dict[str, int]:
        """Next offset to read in each partition."""
        return {name: tail.offset for name, tail in self._tails.items()}

    def close(self) -> None:
        for tail in self._tails.values():
            tail.close()
        self._tails.clear()

    def _discover(self) -> None:
        """Take up partitions that have appeared, registering the consumer in them. Without room for
        that a partition is left for later: unregistered, its rows could be deleted unread."""
        now = time.monotonic()
        if now - self._discovered_at < DISCOVERY_S:
            return
        self._discovered_at = now
        for end in sorted(self._directory.glob(f"*/{END_FILE}")):
            partition = end.parent
            if partition.name in self._tails or end.stat().st_size < 8:
                continue
            committed = offsets.read(partition, self._consumer)
            own = self._start(partition.name) if self._start else None
            if committed is None:
                committed = next(iter(segments(partition)), 0)
                try:
                    offsets.write(partition, self._consumer, committed)
                except LogFull as full:
                    logger.warning("log_consumer_waits_for_room", reason=str(full))
                    continue
            self._tails[partition.name] = _Tail(
                partition, self._topic, committed if own is None else own
            )
