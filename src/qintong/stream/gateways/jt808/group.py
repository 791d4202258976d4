"""Commit group: what was received since the last commit, and the answers that wait for it.

A gateway has two groups: one fills while the other is made durable. When both are taken it stops
reading, which is all the back-pressure there is: memory is bounded and nothing is dropped.
"""

import numpy as np

from qintong.stream.gateways.jt808.positions import Position
from qintong.stream.log import Blobs, Log
from qintong.stream.quality import Quality
from qintong.stream.topics import POSITION, Topic

INBOX_SIZE = 1 << 20
"""Bytes received in one round."""
MIN_REPORT = 30
"""Least bytes that make a row: an item of 0x0704."""
MIN_FRAME = 14
"""Least bytes that make an answer: a heartbeat after a shared delimiter."""
MAX_ACK = 48
"""Most bytes of an answer 0x8001: 23 of 2019, all escaped, and two delimiters."""

ROWS = 3 * INBOX_SIZE // MIN_REPORT
ARENA = 2 * (INBOX_SIZE // MIN_FRAME) * MAX_ACK
ENTRIES = 1 << 17

ENTRY = np.dtype([("descriptor", "i4"), ("length", "i4"), ("connection_id", "i8"), ("start", "i8")])
SIZES = 4
"""Places of `Group.sizes`: rows, bytes of blobs, bytes of the arena, entries."""


def position_row(position: Position, quality: Quality, **known: int) -> tuple:
    """Row of POSITION that the plain decoder made; `known` are the columns that it cannot know.

    `quality` is added to what the decoder judged.
    """
    values = {name: getattr(position, name) for name in Position.__slots__} | known
    values["quality"] = int(position.quality | quality)
    return tuple(values[field.name] for field in POSITION.fields)


class Group:
    """Rows, their raw items, other topics' rows, and an arena of answers with one entry each link.

    `sizes` holds how much of each array is used; the kernel fills them in place.
    """

    def __init__(self) -> None:
        self.rows = np.zeros(ROWS, POSITION.dtype)
        self.blob_offsets = np.zeros(ROWS + 1, "<u4")
        self.blob_data = np.empty(3 * INBOX_SIZE, np.uint8)
        self.arena = np.empty(ARENA, np.uint8)
        self.entries = np.zeros(ENTRIES, ENTRY)
        self.sizes = np.zeros(SIZES, np.int64)
        self.opened_ns = 0
        self._others: dict[str, tuple[Topic, list[tuple], list[bytes]]] = {}
        self._other_bytes = 0

    @property
    def is_empty(self) -> bool:
        return not self.sizes.any() and not self._others

    @property
    def size(self) -> int:
        """Bytes that the commit will write, about."""
        rows, blobs = int(self.sizes[0]), int(self.sizes[1])
        return rows * POSITION.dtype.itemsize + blobs + self._other_bytes

    @property
    def has_room(self) -> bool:
        """Whether whatever one round can receive fits."""
        rows, blobs, arena, entries = self.sizes.tolist()
        return (
            rows + INBOX_SIZE // MIN_REPORT <= ROWS
            and blobs + INBOX_SIZE <= len(self.blob_data)
            and arena + len(self.arena) // 2 <= len(self.arena)
            and entries + INBOX_SIZE // MIN_FRAME <= ENTRIES
            and self._other_bytes < 4 * INBOX_SIZE
        )

    def reply(self, descriptor: int, connection_id: int, frame: bytes) -> None:
        """Send a frame once the group is durable."""
        start, place = int(self.sizes[2]), int(self.sizes[3])
        self.arena[start : start + len(frame)] = np.frombuffer(frame, np.uint8)
        self.entries[place] = (descriptor, len(frame), connection_id, start)
        self.sizes[2] += len(frame)
        self.sizes[3] += 1

    def add(self, topic: Topic, row: tuple, blob: bytes) -> None:
        """A row that did not come from the kernel."""
        _, rows, blobs = self._others.setdefault(topic.name, (topic, [], []))
        rows.append(row)
        blobs.append(blob)
        self._other_bytes += topic.dtype.itemsize + len(blob)

    def append_to(self, log: Log) -> None:
        """Hand all rows to the log, which copies them."""
        rows, blobs = int(self.sizes[0]), int(self.sizes[1])
        if rows:
            log.append(
                POSITION,
                self.rows[:rows],
                Blobs(self.blob_offsets[: rows + 1], self.blob_data[:blobs]),
            )
        for topic, values, strings in self._others.values():
            log.append(topic, np.array(values, topic.dtype), Blobs.of(strings))

    def clear(self) -> None:
        self.sizes[:] = 0
        self._others.clear()
        self._other_bytes = 0
        self.opened_ns = 0
