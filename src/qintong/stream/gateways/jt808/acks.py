"""Messages of the platform. Each copies version and phone bytes of the terminal as received."""

from datetime import UTC, datetime
from enum import IntEnum

from qintong.stream.gateways.jt808 import frame, header
from qintong.stream.gateways.jt808.header import VERSION_BIT, Header


class Result(IntEnum):
    """Result of 0x8001 (JT/T 808-2019 table 5)."""

    DONE = 0
    FAILED = 1
    MALFORMED = 2
    UNSUPPORTED = 3
    ALARM_CONFIRMED = 4


class Registration(IntEnum):
    """Result of 0x8100 (JT/T 808-2019 table 8)."""

    DONE = 0
    VEHICLE_REGISTERED = 1
    NO_SUCH_VEHICLE = 2
    TERMINAL_REGISTERED = 3
    NO_SUCH_TERMINAL = 4


def message(to: Header, message_id: int, serial: int, body: bytes) -> bytes:
    """Frame of a platform message to the sender of `to`."""
    reply = Header(message_id, to.attribute & VERSION_BIT, to.version, to.identity, serial)
    return frame.pack(header.build(reply, body))


def general_reply(to: Header, serial: int, result: Result) -> bytes:
    """0x8001."""
    body = to.serial.to_bytes(2, "big") + to.message_id.to_bytes(2, "big") + bytes([result])
    return message(to, 0x8001, serial, body)


def registration_reply(to: Header, serial: int, result: Registration, token: str) -> bytes:
    """0x8100; the token is present only if the result is DONE."""
    body = to.serial.to_bytes(2, "big") + bytes([result])
    if result == Registration.DONE:
        body += token.encode("gbk", "replace")
    return message(to, 0x8100, serial, body)


def server_time(to: Header, serial: int, now: datetime) -> bytes:
    """0x8004, the only time of the protocol in UTC; `now` is aware."""
    bcd = bytes.fromhex(now.astimezone(UTC).strftime("%y%m%d%H%M%S"))
    return message(to, 0x8004, serial, bcd)


def resend_request(to: Header, serial: int, first_serial: int, missing: list[int]) -> bytes:
    """0x8003: the packets still missing; the count is one byte until 2013 and two in 2019."""
    asked = missing[:125]
    body = first_serial.to_bytes(2, "big") + len(asked).to_bytes(2 if to.is_wide else 1, "big")
    body += b"".join(index.to_bytes(2, "big") for index in asked)
    return message(to, 0x8003, serial, body)


def media_reply(to: Header, serial: int, media_id: int) -> bytes:
    """0x8800 after all packets of 0x0801 have come: nothing to send again."""
    return message(to, 0x8800, serial, media_id.to_bytes(4, "big"))
