"""A terminal that remembers what it was promised: every report acknowledged, and no other."""

import socket
import threading
import time
from datetime import UTC, datetime, timedelta

from qintong.stream.gateways.jt808.frame import FrameError, Splitter, pack, unpack
from qintong.stream.roster import Entry

WINDOW = 40
"""Reports on their way at once."""
REPORT, ACKNOWLEDGEMENT = 0x0200, 0x8001
Key = tuple[int, int, int]
"""Terminal, device time (ms), serial."""


class Terminal(threading.Thread):
    """Reports until told to stop; what is not acknowledged is sent again on the next link, as
    JT/T 808 clause 6.1.2 wants it. Its clock runs ahead from a while ago until it is right."""

    def __init__(
        self, entry: Entry, port: int, begin: datetime, pause_s: float, is_fast: bool
    ) -> None:
        super().__init__(name=f"terminal-{entry.terminal_id}", daemon=True)
        self.entry, self.is_fast = entry, is_fast
        self.acknowledged: set[Key] = set()
        self._port, self._begin, self._pause_s = port, begin, pause_s
        self._speed_kmh = int(entry.speed_limit_kmh) + (30 if is_fast else -20)
        self._serial = 0
        self._waiting: dict[int, tuple[bytes, Key]] = {}
        self._stopping = threading.Event()
        self._abandoned = threading.Event()

    @property
    def sent(self) -> int:
        return self._serial

    def stop(self) -> None:
        """Send nothing new, and end when everything sent is acknowledged."""
        self._stopping.set()

    def abandon(self) -> None:
        """End at once."""
        self._abandoned.set()

    def run(self) -> None:
        while not self._abandoned.is_set() and not self._is_done():
            try:
                with socket.create_connection(("127.0.0.1", self._port), timeout=1) as link:
                    link.sendall(b"".join(frame for frame, _ in self._waiting.values()))
                    self._talk(link)
            except OSError:
                time.sleep(0.05)

    def _talk(self, link: socket.socket) -> None:
        splitter = Splitter()
        link.settimeout(self._pause_s)
        while not self._abandoned.is_set() and not self._is_done():
            if not self._stopping.is_set() and len(self._waiting) < WINDOW:
                link.sendall(self._next())
            try:
                data = link.recv(65536)
            except TimeoutError:
                continue
            if not data:
                raise ConnectionResetError
            for content in splitter.feed(data)[0]:
                self._take(content)

    def _take(self, content: bytes) -> None:
        try:
            message = unpack(content)
        except FrameError as error:
            raise AssertionError(f"the gateway sent a damaged frame: {content.hex()}") from error
        body = message[12:]
        answers = int.from_bytes(body[2:4], "big")
        if int.from_bytes(message[:2], "big") == ACKNOWLEDGEMENT and answers == REPORT:
            assert body[4] == 0, f"refused with {body[4]}"
            promised = self._waiting.pop(int.from_bytes(body[:2], "big"), None)
            if promised is not None:
                self.acknowledged.add(promised[1])

    def _next(self) -> bytes:
        serial = self._serial
        self._serial += 1
        now = datetime.now(UTC).replace(microsecond=0)
        at = min(self._begin + timedelta(seconds=serial), now)
        clock = bytes.fromhex(f"{at + timedelta(hours=8):%y%m%d%H%M%S}")
        place = (34_264_987 + serial).to_bytes(4, "big") + (108_944_340).to_bytes(4, "big")
        motion = b"".join(n.to_bytes(2, "big") for n in (412, self._speed_kmh * 10, 90))
        body = bytes(4) + (3).to_bytes(4, "big") + place + motion + clock
        head = REPORT.to_bytes(2, "big") + len(body).to_bytes(2, "big")
        frame = pack(head + self.entry.identity[-6:] + serial.to_bytes(2, "big") + body)
        self._waiting[serial] = (
            frame,
            (self.entry.terminal_id, int(at.timestamp() * 1000), serial),
        )
        return frame

    def _is_done(self) -> bool:
        return self._stopping.is_set() and not self._waiting


def five_minutes_ago() -> datetime:
    """Whole seconds, so that the wire's clock and the ledger's agree."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
