"""Reading positions from any process, without locks and without ever seeing half a row."""

import mmap
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qintong.stream.state import layout

_NOTHING = np.zeros(0, layout.ROW)
_RECHECK_S = 1.0
_RING_MARGIN = 1 << 17
_ATTEMPTS = 100


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows changed since a counter; each vehicle once, as it is now."""

    rows: np.ndarray
    counter: int
    """To be given to the next call."""
    is_complete: bool
    """True: the counter was too old or of another file, and `rows` is every vehicle."""


class State:
    """Positions of all vehicles. A file that does not exist yet is empty and picked up later."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inode, self._checked_at = 0, -_RECHECK_S
        self._header = np.zeros(layout.HEADER_SIZE // 8, "<u8")
        self._ring = np.zeros(layout.RING, "<u4")
        self._rows = _NOTHING
        self._slots: dict[int, int] = {}
        self._refresh()

    @classmethod
    def open_read(cls, path: Path) -> "State":
        return cls(path)

    @property
    def counter(self) -> int:
        """Number of the next change."""
        self._refresh()
        return int(self._header[layout.COUNTER])

    def __len__(self) -> int:
        self._refresh()
        return int(self._header[layout.COUNT])

    def rows(self) -> np.ndarray:
        """A copy of every vehicle heard, those without a position included (device_at_ms = 0)."""
        return self._copy(np.arange(len(self)))

    def get(self, vehicle_id: int) -> np.void | None:
        """The row of one vehicle; None when it was never heard."""
        rows = self.get_many([vehicle_id])
        return rows[0] if len(rows) else None

    def get_many(self, vehicle_ids: list[int]) -> np.ndarray:
        """Rows of the vehicles that were heard, in the order asked."""
        count = len(self)
        if count > len(self._slots):
            ids = self._rows["vehicle_id"][len(self._slots) : count].tolist()
            self._slots.update(zip(ids, range(len(self._slots), count), strict=True))
        slots = [self._slots[v] for v in vehicle_ids if v in self._slots]
        return self._copy(np.array(slots, np.int64))

    def changes_since(self, counter: int, limit: int = 65536) -> Changes:
        """What moved after `counter` (from an earlier call, or 0), at most `limit` changes."""
        now = self.counter
        if counter <= 0 or counter > now or now - counter > layout.RING - _RING_MARGIN:
            return Changes(self.rows(), now, is_complete=True)
        until = min(now, counter + limit)
        slots = self._ring[np.arange(counter, until) % layout.RING]
        if int(self._header[layout.COUNTER]) - counter > layout.RING:
            return Changes(self.rows(), now, is_complete=True)
        return Changes(self._copy(np.unique(slots)), until, is_complete=False)

    def _copy(self, slots: np.ndarray) -> np.ndarray:
        """Rows as a whole: those the writer was at are read again. One that it died at has no
        position (device_at_ms = 0) until it is back."""
        rows = np.empty(len(slots), layout.ROW)
        todo = np.arange(len(slots))
        for _ in range(_ATTEMPTS):
            wanted = slots[todo]
            before = self._rows["version"][wanted]
            rows[todo] = self._rows[wanted]
            after = self._rows["version"][wanted]
            todo = todo[(before != after) | (before & 1 == 1)]
            if not len(todo):
                break
            time.sleep(0.0005)
        rows["device_at_ms"][todo] = 0
        return rows

    def _refresh(self) -> None:
        """Map again when the file has grown, or another has taken its place."""
        now = time.monotonic()
        has_grown = int(self._header[layout.CAPACITY]) > len(self._rows)
        if not has_grown and now - self._checked_at < _RECHECK_S:
            return
        self._checked_at = now
        try:
            file = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return
        try:
            inode = os.fstat(file).st_ino
            if inode == self._inode and not has_grown:
                return
            head = np.frombuffer(os.pread(file, 48, 0).ljust(48, b"\0"), "<u8")
            if head[0] != layout.MAGIC or head[1] != layout.FORMAT:
                return
            capacity = int(head[layout.CAPACITY])
            mapped = mmap.mmap(file, layout.file_size(capacity), access=mmap.ACCESS_READ)
        finally:
            os.close(file)
        if inode != self._inode:
            self._slots = {}
        self._header, self._ring, self._rows = layout.views(mapped, capacity)
        self._inode = inode
