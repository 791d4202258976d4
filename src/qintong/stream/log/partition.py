"""The writing side of one partition: a directory with segments, the durable end and a lock."""

import fcntl
import mmap
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog

from qintong.stream.log import Blobs, LogError, LogLocked, durable, offsets, segment
from qintong.stream.topics import Topic

logger = structlog.get_logger()

END_FILE = "end"
LOCK_FILE = "lock"
LOCK_PATIENCE_S = 3.0
INDEX_EVERY = 256 * 1024


@dataclass(frozen=True, slots=True)
class Retention:
    """What may be deleted: whole segments, never the one being written.

    A segment goes when every consumer of the topic has committed it and it is older than `age_s` or
    the partition is larger than `size`. A topic without consumers is kept by age and size alone.
    Beyond `hard_size` the oldest go unread: set it only where
    a full disk is worse than a loss.
    """

    age_s: float = 7 * 86400
    size: int = 8 << 30
    hard_size: int | None = None


class End:
    """Offset behind the last durable row, shared with readers through a mapped file.

    Written only after fdatasync, so that no reader acts on a row that a power cut can take back.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        flags = os.O_RDWR | (os.O_CREAT if create else 0)
        descriptor = os.open(path, flags if create else os.O_RDONLY, 0o640)
        try:
            if create and os.fstat(descriptor).st_size < 8:
                os.pwrite(descriptor, bytes(8), 0)
            access = mmap.ACCESS_WRITE if create else mmap.ACCESS_READ
            self._map = mmap.mmap(descriptor, 8, access=access)
        finally:
            os.close(descriptor)
        self._value = np.frombuffer(self._map, "<u8")

    @property
    def offset(self) -> int:
        return int(self._value[0])

    @offset.setter
    def offset(self, value: int) -> None:
        self._value[0] = value


def segments(directory: Path) -> list[int]:
    """First offsets of the segments, ascending."""
    return sorted(
        int(p.name.removesuffix(segment.SUFFIX)) for p in directory.glob("[0-9]*.segment")
    )


class Partition:
    """One writer's rows of one topic. Opening it repairs what a crash left."""

    def __init__(
        self,
        directory: Path,
        topic: Topic,
        writer: str,
        segment_size: int,
        retention: Retention,
        patience_s: float = LOCK_PATIENCE_S,
    ) -> None:
        self.directory, self.topic, self.writer = directory, topic, writer
        self._segment_size, self._retention = segment_size, retention
        self._file, self._size, self._indexed_at, self._path = -1, 0, 0, directory
        self._is_broken = False
        try:
            if not directory.exists():
                directory.mkdir(parents=True)
                durable.sync_directory(directory.parent)
                durable.sync_directory(directory.parent.parent)
            self._lock = _lock(directory, patience_s)
        except OSError as error:
            raise durable.refusal(error, str(directory)) from error
        try:
            self._end = End(directory / END_FILE, create=True)
            self.next_offset = self._recover()
        except OSError as error:
            self.close()
            raise durable.refusal(error, str(directory)) from error
        except LogError:
            self.close()
            raise
        self._end.offset = self.next_offset

    def write(self, rows: list[np.ndarray], blobs: Blobs | None) -> None:
        """Make one record of the rows and return when it is durable. On an error nothing of it
        stays: neither in the segment nor in sight of a reader."""
        if self._is_broken:
            raise LogError(f"{self.directory}: in doubt after a failed sync, open it again")
        now = time.time_ns() // 1_000_000
        pieces = segment.pack_record(self.next_offset, now, rows, blobs)
        try:
            if self._file < 0 or self._size >= self._segment_size:
                self._roll(now)
            before = self._size
            try:
                written = _write_all(self._file, pieces)
                os.fdatasync(self._file)
            except OSError:
                self._take_back(before)
                raise
        except OSError as error:
            raise durable.refusal(error, str(self.directory)) from error
        self._size += written
        if before >= self._indexed_at:
            self._index(self.next_offset, now, before)
        self.next_offset += sum(len(r) for r in rows)
        self._end.offset = self.next_offset

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        os.close(self._lock)
        self._file = -1

    def expire(self, now_ms: int) -> list[int]:
        """Delete the segments that retention no longer keeps; their first offsets."""
        bases = segments(self.directory)
        sizes = [(self.directory / segment.file_name(b)).stat() for b in bases]
        total = sum(s.st_size for s in sizes)
        needed = self._needed()
        gone = []
        for base, following, stat in zip(bases, bases[1:], sizes, strict=False):
            old = now_ms - stat.st_mtime * 1000 > self._retention.age_s * 1000
            forced = self._retention.hard_size is not None and total > self._retention.hard_size
            if not forced and (following > needed or not (old or total > self._retention.size)):
                break
            if following > needed:
                logger.error(
                    "log_rows_deleted_unread", partition=str(self.directory), first_offset=base
                )
            path = self.directory / segment.file_name(base)
            path.unlink()
            path.with_suffix(".index").unlink(missing_ok=True)
            total -= stat.st_size
            gone.append(base)
        return gone

    def _needed(self) -> int:
        """Offset before which no consumer needs anything. One that reads another partition of the
        topic will come to this one too, and needs it from the beginning."""
        committed = offsets.registered(self.directory)
        names = {
            path.name.removesuffix(offsets.SUFFIX) for path in offsets.files(self.directory.parent)
        }
        return min((committed.get(name, 0) for name in names), default=self.next_offset)

    def _take_back(self, size: int) -> None:
        """Cut a record that did not become durable. When even that fails nothing is written any
        more: only recovery, at the next opening, may decide what the segment holds."""
        try:
            os.ftruncate(self._file, size)
            os.fdatasync(self._file)
            os.lseek(self._file, size, os.SEEK_SET)
        except OSError:
            self._is_broken = True

    def _roll(self, now_ms: int) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
            self.expire(now_ms)
        path = self.directory / segment.file_name(self.next_offset)
        header = segment.pack_header(self.topic, self.writer, self.next_offset, now_ms)
        temporary = path.with_suffix(".new")
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o640)
        try:
            _write_all(descriptor, [memoryview(header)])
            os.fdatasync(descriptor)
            os.replace(temporary, path)
            durable.sync_directory(self.directory)
        except OSError:
            os.close(descriptor)
            temporary.unlink(missing_ok=True)
            raise
        self._file, self._size, self._indexed_at, self._path = descriptor, len(header), 0, path

    def _index(self, offset: int, at_ms: int, position: int) -> None:
        """Sparse index beside the segment: (offset, commit time, byte). A hint that readers check,
        so it is not synced and a failure to write it does not matter."""
        path = self._path.with_suffix(".index")
        try:
            with path.open("ab") as file:
                file.write(np.array([offset, at_ms, position], "<u8").tobytes())
        except OSError as error:
            logger.warning("log_index_not_written", path=str(path), error=str(error))
        self._indexed_at = position + INDEX_EVERY

    def _recover(self) -> int:
        """Cut a torn tail, make the rest durable, and return the next offset.

        An offset that was ever given out is not given to other rows, even where the medium lost it.
        """
        for leftover in self.directory.glob("*.new"):
            leftover.unlink()
        bases = segments(self.directory)
        promised = max([self._end.offset, *offsets.registered(self.directory).values()])
        if not bases:
            return promised
        path = self._path = self.directory / segment.file_name(bases[-1])
        self._file = os.open(path, os.O_RDWR)
        size = os.fstat(self._file).st_size
        next_offset, good = bases[-1], 0
        with (
            mmap.mmap(self._file, size, access=mmap.ACCESS_READ) as mapped,
            memoryview(mapped) as view,
        ):
            header = segment.Header.parse(view, path)
            good = header.size
            for record in segment.scan(view, header.size):
                if record.position > good:
                    logger.error(
                        "log_damage_stepped_over",
                        path=str(path),
                        position=good,
                        bytes=record.position - good,
                    )
                next_offset, good = record.next_offset, record.end
        if good != size:
            logger.warning("log_torn_tail_cut", path=str(path), position=good, bytes=size - good)
            os.ftruncate(self._file, good)
        os.fdatasync(self._file)
        self._size = os.lseek(self._file, good, os.SEEK_SET)
        self._indexed_at = self._size
        if header.dtype != self.topic.dtype:
            os.close(self._file)
            self._file = -1
        if promised > next_offset:
            logger.error("log_rows_missing", path=str(path), rows=promised - next_offset)
        return max(next_offset, promised)


def _lock(directory: Path, patience_s: float) -> int:
    descriptor = os.open(directory / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o640)
    patience = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() < patience:
                time.sleep(0.05)
                continue
            owner = os.pread(descriptor, 20, 0).decode("ascii", "replace") or "?"
            os.close(descriptor)
            raise LogLocked(f"{directory}: written by process {owner}") from None
    os.pwrite(descriptor, f"{os.getpid():<20}".encode(), 0)
    return descriptor


def _write_all(descriptor: int, pieces: list[memoryview]) -> int:
    """writev until nothing is left; a short write is followed by the error that explains it."""
    pieces = [p for p in pieces if p.nbytes]
    total = sum(p.nbytes for p in pieces)
    while pieces:
        count = os.writev(descriptor, pieces[:512])
        while pieces and count >= pieces[0].nbytes:
            count -= pieces.pop(0).nbytes
        if count:
            pieces[0] = pieces[0][count:]
    return total
