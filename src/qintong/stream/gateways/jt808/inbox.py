"""Inbox: one round of received bytes, and the arrays in which the kernels decode it."""

import select
from collections.abc import Iterator

import numpy as np

from qintong.stream.gateways.jt808 import kernel, sockets
from qintong.stream.gateways.jt808.frame import CONTENT_LIMIT
from qintong.stream.gateways.jt808.group import INBOX_SIZE, MIN_FRAME, Group
from qintong.stream.gateways.jt808.links import Links
from qintong.stream.gateways.jt808.tally import Tally
from qintong.stream.gateways.reasons import Reason

EVENTS = 1024

Left = tuple[int, bytes, Reason | None]
"""Descriptor and content of what the kernel leaves to the plain path; with a reason it is no frame."""


class Inbox:
    def __init__(self, links: Links) -> None:
        self._links = links
        self._bytes = np.zeros(INBOX_SIZE, np.uint8)
        self._nothing = np.zeros(0, np.uint8)
        self._plain = np.zeros(CONTENT_LIMIT + 2, np.uint8)
        self._seen = np.zeros(257, np.int64)
        self._events = np.zeros(EVENTS, sockets.EVENT)
        self._segments = np.zeros(EVENTS, kernel.SEGMENT)
        self._signals = np.zeros(2 * EVENTS, sockets.SIGNAL)
        self._left = np.zeros(INBOX_SIZE // MIN_FRAME + 1, kernel.LEFT)
        self._counts = np.zeros(kernel.COUNTS, np.int64)
        self._n_segments = 0

    def receive(
        self, epoll: select.epoll, patience_ms: int, is_reading: bool
    ) -> list[tuple[int, int]]:
        """Wait, then read all ready links, or none of them; (descriptor, kind) of the signals."""
        self._n_segments, signals = sockets.receive(
            epoll.fileno(),
            patience_ms,
            self._events,
            self._links.table,
            self._links.held,
            self._bytes if is_reading else self._nothing,
            self._segments,
            self._signals,
        )
        found: list[tuple[int, int]] = self._signals[:signals].tolist()
        return found

    @property
    def descriptors(self) -> np.ndarray:
        """Links that sent something in this round."""
        descriptors: np.ndarray = self._segments["descriptor"][: self._n_segments]
        return descriptors

    def decode(self, group: Group, now_ms: int, tick_ms: int, tally: Tally) -> Iterator[Left]:
        """Rows and answers into the group, counts into the tally; what is left, in its order."""
        n_left = kernel.decode(
            self._bytes,
            self._segments[: self._n_segments],
            self._links.table,
            self._links.held,
            now_ms,
            tick_ms,
            self._plain,
            self._seen,
            group.rows,
            group.blob_offsets,
            group.blob_data,
            group.arena,
            group.entries,
            group.sizes,
            self._left,
            self._counts,
        )
        self._count_into(tally)
        for descriptor, start, end, reason in self._left[:n_left].tolist():
            content = self._bytes[start:end].tobytes()
            yield descriptor, content, Reason(reason) if reason else None

    def _count_into(self, tally: Tally) -> None:
        for place in np.nonzero(self._counts)[0].tolist():
            amount = int(self._counts[place])
            if place == kernel.FRAMES:
                tally.messages += amount
                tally.answers += amount
            elif place == kernel.REPORTS:
                tally.positions += amount
            else:
                tally.count(Reason(place), amount)
        self._counts[:] = 0
