"""Outbox: answers on their way to the links, and what a slow link has not taken yet."""

import os
import select

import numpy as np

from qintong.stream.gateways.jt808 import sockets
from qintong.stream.gateways.jt808.group import ENTRIES, Group
from qintong.stream.gateways.jt808.links import Links


class Outbox:
    """Nothing waits here longer than its link lives, nor more than `limit` bytes for one link."""

    def __init__(self, links: Links, epoll: select.epoll, limit: int) -> None:
        self._links, self._epoll, self._limit = links, epoll, limit
        self._waiting: dict[int, bytearray] = {}
        self._unsent = np.zeros((ENTRIES, 3), np.int64)

    def deliver(self, group: Group) -> tuple[list[int], list[int]]:
        """Send the answers of a durable group; descriptors that are broken, and that do not read."""
        broken, slow = [], []
        table = self._links.table
        entries = int(group.sizes[3])
        unsent = sockets.deliver(table, group.arena, group.entries, entries, self._unsent)
        for place, sent, is_broken in self._unsent[:unsent].tolist():
            descriptor, length, _, start = group.entries[place].tolist()
            if is_broken:
                broken.append(descriptor)
                continue
            waiting = self._waiting.get(descriptor)
            if waiting is None:
                waiting = self._waiting[descriptor] = bytearray()
                self._epoll.modify(descriptor, select.EPOLLIN | select.EPOLLOUT)
            waiting += group.arena[start + sent : start + length].tobytes()
            if len(waiting) > self._limit:
                slow.append(descriptor)
        return broken, slow

    def send_waiting(self, descriptor: int) -> None:
        """The link takes bytes again. Raises OSError if it is broken."""
        waiting = self._waiting.get(descriptor)
        if waiting is None:
            return
        try:
            del waiting[: os.write(descriptor, waiting)]
        except BlockingIOError:
            return
        if not waiting:
            self.forget(descriptor)
            self._links.table[descriptor]["is_blocked"] = 0
            self._epoll.modify(descriptor, select.EPOLLIN)

    def forget(self, descriptor: int) -> None:
        self._waiting.pop(descriptor, None)
