"""Links: the table of open connections, one row per file descriptor, shared with the kernels."""

import numpy as np

from qintong.stream.gateways.jt808.frame import CONTENT_LIMIT
from qintong.stream.quality import Quality

LINK = np.dtype(
    [
        ("connection_id", "i8"),  # 0 = no connection; never used twice in a process
        ("terminal_id", "i8"),  # 0 = no terminal bound
        ("vehicle_id", "i8"),
        ("last_seen_ms", "i8"),  # last valid message
        ("held", "i4"),  # bytes of an unfinished frame
        ("serial", "u2"),  # next serial of the platform
        ("quality", "u2"),  # quality bits that every report of the link has
        ("is_open", "u1"),  # a delimiter was seen, a frame may follow
        ("is_served", "u1"),  # the kernel may answer this link's plain messages
        ("is_blocked", "u1"),  # answers wait in the outbox
        ("edition", "u1"),  # 11 or 13 pinned; a wide header is 19 whatever is pinned
        ("identity_length", "u1"),
        ("faults", "i4"),  # weight of what was refused since the last message served
        ("identity", "u1", (10,)),
    ],
    align=True,
)


class Links:
    """Rows are found by descriptor. `held` touches memory only for links with unfinished frames."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.table = np.zeros(capacity, LINK)
        self.held = np.empty((capacity, CONTENT_LIMIT), np.uint8)
        self.peers: dict[int, str] = {}
        self._next_connection_id = 1

    def __len__(self) -> int:
        return len(self.peers)

    def open(self, descriptor: int, peer: str, now_ms: int) -> int:
        """Enter a new connection; its id."""
        link = self.table[descriptor]
        link["connection_id"] = connection_id = self._next_connection_id
        link["last_seen_ms"] = now_ms
        self._next_connection_id += 1
        self.peers[descriptor] = peer
        return connection_id

    def close(self, descriptor: int) -> None:
        self.table[descriptor] = np.zeros((), LINK)
        self.peers.pop(descriptor, None)

    def identity(self, descriptor: int) -> bytes:
        link = self.table[descriptor]
        return link["identity"][: link["identity_length"]].tobytes()

    def bind(
        self,
        descriptor: int,
        terminal_id: int,
        vehicle_id: int,
        identity: bytes,
        edition: int,
        is_authenticated: bool,
    ) -> None:
        """From now on the kernel serves this identity on this link."""
        link = self.table[descriptor]
        link["terminal_id"] = terminal_id
        link["vehicle_id"] = vehicle_id
        link["identity"] = np.frombuffer(identity.ljust(10, b"\0"), np.uint8)
        link["identity_length"] = len(identity)
        link["edition"] = edition
        link["quality"] = standing(identity, is_authenticated)
        link["is_served"] = 1

    def unbind(self, descriptor: int) -> None:
        """The link stays open and belongs to no terminal."""
        link = self.table[descriptor]
        for name in ("terminal_id", "vehicle_id", "identity_length", "is_served", "quality"):
            link[name] = 0

    def next_serial(self, descriptor: int) -> int:
        """Serial of the platform's next message on the link; wraps after 65535."""
        link = self.table[descriptor]
        serial = int(link["serial"])
        link["serial"] = (serial + 1) & 0xFFFF
        return serial

    def silent_since(self, limit_ms: int) -> np.ndarray:
        """Descriptors of links without a valid message since a time."""
        table = self.table
        return np.nonzero((table["connection_id"] != 0) & (table["last_seen_ms"] < limit_ms))[0]

    def forgive(self, now_ms: int) -> None:
        """Begin all time-outs anew: while the gateway does not read, silence is not the terminals'."""
        self.table["last_seen_ms"][self.table["connection_id"] != 0] = now_ms


def standing(identity: bytes, is_authenticated: bool) -> Quality:
    """Quality bits that follow from who speaks, not from what is said."""
    quality = Quality(0)
    if not identity.hex().isdecimal():
        quality |= Quality.IDENTITY_NOT_BCD
    if not is_authenticated:
        quality |= Quality.NOT_AUTHENTICATED
    return quality
