"""One simulated terminal: its link, its token, what it has sent and what it still keeps."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import cast

from qintong.stream.roster import Entry
from qintong.stream.simulator import reports
from qintong.stream.simulator.frames import decode, encode

KEPT_REPORTS = 2_000
"""A terminal's memory; the oldest are overwritten."""
BATCH_REPORTS = 18
"""Reports in one 0x0704, which must stay under 1,023 bytes."""
BACK_OFF_S = (1.0, 2.0, 6.0, 24.0, 60.0)
"""T(n+1) = T(n) x (n+1), JT/T 808 on repeated attempts, bounded."""

PLATFORM_REPLY, REGISTRATION_REPLY = 0x8001, 0x8100
REGISTERED_ALREADY = (1, 3)


@dataclass(slots=True)
class Tally:
    """Counts of the whole fleet."""

    connected: int = 0
    online: int = 0
    sent: int = 0
    kept: int = 0
    acknowledged: int = 0
    refused: int = 0
    lost_links: int = 0
    unanswered_calls: int = 0


class Terminal(asyncio.Protocol):
    """Registers once, authenticates on every link, then reports. Reports that were not acknowledged
    when a link was lost are sent again as backfill, as the standard wants."""

    __slots__ = (
        "attempts",
        "edition",
        "entry",
        "held",
        "kept",
        "online",
        "serial",
        "tally",
        "token",
        "transport",
        "unanswered",
    )

    def __init__(self, entry: Entry, edition: int, tally: Tally) -> None:
        self.entry = entry
        self.edition = edition
        self.tally = tally
        self.token = b""
        self.serial = 0
        self.attempts = 0
        self.online = False
        self.held = False
        self.transport: asyncio.Transport | None = None
        self.unanswered: dict[int, list[bytes]] = {}
        self.kept: deque[bytes] = deque(maxlen=KEPT_REPORTS)

    @property
    def linked(self) -> bool:
        return self.transport is not None

    def back_off(self) -> float:
        """Seconds until the next attempt; longer with each that fails."""
        wait = BACK_OFF_S[min(self.attempts, len(BACK_OFF_S) - 1)]
        self.attempts += 1
        return wait

    def report(self, body: bytes) -> None:
        """Sends a 0x0200, or keeps it while that cannot be done. Before admission nothing is kept."""
        if not self.token:
            return
        if self.online and not self.held:
            self.unanswered[self._send(reports.POSITION, body)] = [body]
            self.tally.sent += 1
        else:
            self.kept.append(body)
            self.tally.kept += 1

    def heartbeat(self) -> None:
        if self.online and not self.held:
            self._send(reports.HEARTBEAT)

    def hang_up(self) -> None:
        """Loses the link without a word, as in a valley without signal."""
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.tally.connected += 1
        if self.token:
            self._authenticate()
        else:
            entry = self.entry
            body = reports.registration(
                self.edition, entry.device_number, entry.plate_number, entry.plate_colour
            )
            self._send(reports.REGISTER, body)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self.held = False
        self.tally.connected -= 1
        self.tally.lost_links += 1
        self.tally.online -= self.online
        self.online = False
        for bodies in self.unanswered.values():
            self.kept.extend(bodies)
        self.unanswered.clear()

    def pause_writing(self) -> None:
        self.held = True

    def resume_writing(self) -> None:
        self.held = False
        if self.online:
            self._send_kept()

    def data_received(self, data: bytes) -> None:
        for message_id, body in decode(data):
            if message_id == PLATFORM_REPLY and len(body) == 5:
                self._answered(
                    int.from_bytes(body[:2], "big"), int.from_bytes(body[2:4], "big"), body[4]
                )
            elif message_id == REGISTRATION_REPLY and len(body) >= 3:
                self._registered(body[2], body[3:])

    def _registered(self, result: int, token: bytes) -> None:
        if result == 0:
            self.token = token.rstrip(b"\0")
        elif result in REGISTERED_ALREADY:
            self.token = self.entry.token.encode("gbk")
        if self.token:
            self._authenticate()
        else:
            self.tally.refused += 1
            self.hang_up()

    def _authenticate(self) -> None:
        self._send(
            reports.AUTHENTICATE,
            reports.authentication(self.edition, self.token, self.entry.device_number),
        )

    def _answered(self, serial: int, message_id: int, result: int) -> None:
        if message_id in (reports.POSITION, reports.BATCH):
            self.tally.acknowledged += len(self.unanswered.pop(serial, ()))
        elif message_id == reports.AUTHENTICATE and result == 0 and not self.online:
            self.online = True
            self.attempts = 0
            self.tally.online += 1
            self._send_kept()
        elif message_id == reports.AUTHENTICATE and result != 0:
            self.token = b""
            self.tally.refused += 1
            self.hang_up()

    def _send_kept(self) -> None:
        while self.kept and not self.held:
            batch = [self.kept.popleft() for _ in range(min(BATCH_REPORTS, len(self.kept)))]
            self.unanswered[self._send(reports.BATCH, reports.backfill(batch))] = batch
            self.tally.sent += len(batch)

    def _send(self, message_id: int, body: bytes = b"") -> int:
        assert self.transport is not None
        self.serial = serial = (self.serial + 1) & 0xFFFF
        self.transport.write(encode(message_id, self.entry.identity, serial, body))
        return serial
