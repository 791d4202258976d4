"""The one process that moves positions."""

import fcntl
import mmap
import os
import time
from pathlib import Path

import numpy as np

from qintong.stream.log import LogLocked
from qintong.stream.quality import NO_PLACE, NO_TIME
from qintong.stream.state import layout

CLOCK_TOLERANCE_MS = 10 * 60 * 1000
"""A stored time further ahead of the receive time than this came from a wrong clock: it yields."""
HEARD_TOLERANCE_MS = 5 * 60 * 1000
"""A receive time further behind the last one than this is a clock set back: it is believed."""
_COPIED = [
    "lon_e6",
    "lat_e6",
    "terminal_id",
    "received_at_ms",
    "odometer_m",
    "speed_kmh",
    "alarm_bits",
    "status_bits",
    "altitude_m",
    "heading_deg",
    "quality",
    "edition",
]


class StateWriter:
    """Opens or makes the file; raises LogLocked when another process writes it.

    After a kill the rows caught half-written are emptied: the caller replays the log from its last
    committed offset, which holds the reports they were being given.
    """

    def __init__(self, path: Path, capacity: int = 4096) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._file)
            raise LogLocked(f"{path}: written by another process") from None
        head = np.frombuffer(os.pread(self._file, 48, 0).ljust(48, b"\0"), "<u8")
        is_new = head[0] != layout.MAGIC or head[1] != layout.FORMAT
        if is_new:
            os.ftruncate(self._file, 0)
        self._map(capacity if is_new else int(head[layout.CAPACITY]))
        if is_new:
            self._header[1], self._header[5] = layout.FORMAT, layout.RING
            self._header[layout.COUNTER] = int(time.time()) << 20
            self._header[0] = layout.MAGIC
        torn = np.flatnonzero(self._rows["version"][: self.count] & 1)
        self._rows["device_at_ms"][torn] = 0
        self._rows["version"][torn] += 1
        self._ids = np.zeros(0, np.int64)
        self._slots = np.zeros(0, np.int64)
        self._sort()

    @property
    def count(self) -> int:
        return int(self._header[layout.COUNT])

    def apply(self, rows: np.ndarray) -> int:
        """Take rows of POSITION in the order of the log; the number of vehicles that moved.

        A vehicle moves only to a later device time with a place; a late or repeated report changes
        nothing. Every report, placed or not, counts as hearing from the vehicle.
        """
        rows = rows[rows["vehicle_id"] > 0]
        if not len(rows):
            return 0
        slots = self._slots_of(rows["vehicle_id"])
        self._hear(slots, rows["received_at_ms"])
        quality = rows["quality"]
        is_placed = (quality & np.uint16(NO_PLACE)) == 0
        rows, slots = rows[is_placed], slots[is_placed]
        has_no_time = (rows["quality"] & np.uint16(NO_TIME)) != 0
        at = np.where(has_no_time, rows["received_at_ms"], rows["device_at_ms"])
        stored = self._rows["device_at_ms"][slots]
        is_later = (at > stored) | (stored > rows["received_at_ms"] + CLOCK_TOLERANCE_MS)
        rows, slots, at = rows[is_later], slots[is_later], at[is_later]
        if not len(rows):
            return 0
        order = np.lexsort((at, slots))
        is_last = np.append(slots[order][1:] != slots[order][:-1], True)
        winners = order[is_last]
        self._move(slots[winners], at[winners], rows[winners])
        return len(winners)

    def flush(self) -> None:
        """Bring the file to the disk: before the log's offset is committed."""
        self._mapped.flush()

    def close(self) -> None:
        """Give the file up. (The mapping holds a descriptor of its own, so the lock is released.)"""
        self.flush()
        fcntl.flock(self._file, fcntl.LOCK_UN)
        os.close(self._file)

    def _hear(self, slots: np.ndarray, received: np.ndarray) -> None:
        heard = self._rows["heard_at_ms"]
        latest = np.full(len(slots), 0, np.int64)
        latest[:] = heard[slots]
        takes = (received > latest) | (latest - received > HEARD_TOLERANCE_MS)
        heard[slots[takes]] = received[takes]

    def _move(self, slots: np.ndarray, at: np.ndarray, rows: np.ndarray) -> None:
        """The seqlock's three steps are separate calls, so no compiler can merge or reorder them."""
        number = int(self._header[layout.COUNTER])
        changes = np.arange(number, number + len(slots), dtype=np.uint64)
        self._rows["version"][slots] += 1
        for name in _COPIED:
            self._rows[name][slots] = rows[name]
        self._rows["device_at_ms"][slots] = at
        self._rows["change"][slots] = changes
        self._rows["version"][slots] += 1
        self._ring[changes % layout.RING] = slots
        self._header[layout.COUNTER] = number + len(slots)

    def _slots_of(self, vehicle_ids: np.ndarray) -> np.ndarray:
        """Slot of each vehicle; new vehicles are given one."""
        places = np.searchsorted(self._ids, vehicle_ids)
        is_known = places < len(self._ids)
        is_known[is_known] = self._ids[places[is_known]] == vehicle_ids[is_known]
        if not is_known.all():
            self._admit(np.unique(vehicle_ids[~is_known]))
            places = np.searchsorted(self._ids, vehicle_ids)
        return self._slots[places]

    def _admit(self, vehicle_ids: np.ndarray) -> None:
        first, count = self.count, self.count + len(vehicle_ids)
        capacity = len(self._rows)
        if count > capacity:
            self._map(max(count, 2 * capacity))
        self._rows[first:count] = 0
        self._rows["vehicle_id"][first:count] = vehicle_ids
        self._header[layout.COUNT] = count
        self._sort()

    def _sort(self) -> None:
        ids = self._rows["vehicle_id"][: self.count]
        order = np.argsort(ids)
        self._ids, self._slots = ids[order], order

    def _map(self, capacity: int) -> None:
        """Room is allocated, not merely claimed: a full disk is an error here, not a bus error."""
        size = layout.file_size(capacity)
        os.posix_fallocate(self._file, 0, size)
        self._mapped = mmap.mmap(self._file, size)
        self._header, self._ring, self._rows = layout.views(self._mapped, capacity)
        self._header[layout.CAPACITY] = capacity
