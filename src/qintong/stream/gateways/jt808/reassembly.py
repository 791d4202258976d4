"""Messages in sub-packages (JT/T 808-2019 clause 4.4.3): collected, asked for again, given up."""

from dataclasses import dataclass, field
from enum import Enum, auto

from qintong.stream.gateways.jt808.header import Header

ASK_AFTER_MS = 5_000
"""Silence after which the missing packets are asked for."""
ASK_TIMES = 3
GIVE_UP_MS = 60_000
TERMINAL_LIMIT = 1 << 20
TOTAL_LIMIT = 16 << 20
MAX_PACKETS = 4096


class Outcome(Enum):
    PENDING = auto()
    REPEATED = auto()
    COMPLETE = auto()
    INVALID = auto()
    OVERFLOW = auto()


@dataclass(slots=True)
class Parts:
    """One message in the making."""

    first: Header
    """Header of the packet that came first, for the answers."""
    first_serial: int
    total: int
    descriptor: int
    seen_ms: int
    started_ms: int
    asked: int = 0
    size: int = 0
    bodies: dict[int, bytes] = field(default_factory=dict)

    @property
    def missing(self) -> list[int]:
        return [index for index in range(1, self.total + 1) if index not in self.bodies]


class Reassembly:
    """Key of a message: identity, message id, serial of its first packet (serials wrap)."""

    def __init__(self) -> None:
        self._parts: dict[tuple[bytes, int, int], Parts] = {}
        self._sizes: dict[bytes, int] = {}
        self._total_size = 0

    def __len__(self) -> int:
        return len(self._parts)

    def add(
        self, header: Header, body: bytes, descriptor: int, now_ms: int
    ) -> tuple[Outcome, bytes]:
        """Take a packet; the whole body when it was the last one missing."""
        if not 1 <= header.index <= header.total <= MAX_PACKETS:
            return Outcome.INVALID, b""
        first_serial = (header.serial - header.index + 1) & 0xFFFF
        key = (header.identity, header.message_id, first_serial)
        parts = self._parts.get(key)
        if parts is None:
            parts = Parts(header, first_serial, header.total, descriptor, now_ms, now_ms)
        if parts.total != header.total:
            return Outcome.INVALID, b""
        if header.index in parts.bodies:
            return Outcome.REPEATED, b""
        used = self._sizes.get(header.identity, 0)
        if used + len(body) > TERMINAL_LIMIT or self._total_size + len(body) > TOTAL_LIMIT:
            return Outcome.OVERFLOW, b""
        self._parts[key] = parts
        parts.bodies[header.index] = body
        parts.size += len(body)
        parts.seen_ms, parts.descriptor = now_ms, descriptor
        self._grow(header.identity, len(body))
        if len(parts.bodies) < parts.total:
            return Outcome.PENDING, b""
        self._drop(key)
        return Outcome.COMPLETE, b"".join(parts.bodies[i] for i in range(1, parts.total + 1))

    def due(self, now_ms: int) -> tuple[list[Parts], list[Parts]]:
        """Messages whose missing packets are to be asked for now, and those given up."""
        asking, given_up = [], []
        for key, parts in list(self._parts.items()):
            if now_ms - parts.started_ms > GIVE_UP_MS:
                self._drop(key)
                given_up.append(parts)
            elif now_ms - parts.seen_ms > ASK_AFTER_MS and parts.asked < ASK_TIMES:
                parts.asked += 1
                parts.seen_ms = now_ms
                asking.append(parts)
        return asking, given_up

    def _drop(self, key: tuple[bytes, int, int]) -> None:
        parts = self._parts.pop(key)
        self._grow(key[0], -parts.size)

    def _grow(self, identity: bytes, size: int) -> None:
        self._total_size += size
        self._sizes[identity] = self._sizes.get(identity, 0) + size
        if not self._sizes[identity]:
            del self._sizes[identity]
