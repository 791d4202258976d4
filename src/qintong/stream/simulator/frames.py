"""Frames of JT/T 808 as a terminal writes and reads them: header, check byte, escape."""

from collections.abc import Iterator
from functools import reduce
from operator import xor
from struct import Struct

_HEADER = Struct(">HH")
_SERIAL = Struct(">H")
LINK_VERSION = b"\x01"


def encode(message_id: int, identity: bytes, serial: int, body: bytes) -> bytes:
    """One frame. The 2019 header is written when the identity has 10 bytes."""
    is_2019 = len(identity) == 10
    attributes = len(body) | (0x4000 if is_2019 else 0)
    content = b"".join(
        (
            _HEADER.pack(message_id, attributes),
            LINK_VERSION if is_2019 else b"",
            identity,
            _SERIAL.pack(serial),
            body,
        )
    )
    content += bytes((check_byte(content),))
    return b"\x7e" + content.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02") + b"\x7e"


def check_byte(content: bytes) -> int:
    """XOR of all bytes. Folding one large integer is several times faster than a loop."""
    width = 1 << (len(content) - 1).bit_length()
    number = int.from_bytes(content, "big")
    while width > 1:
        width //= 2
        bits = width * 8
        number = (number >> bits) ^ (number & ((1 << bits) - 1))
    return number


def decode(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(message id, body) of every whole frame of the platform in `data`; damaged ones are skipped."""
    for piece in data.split(b"\x7e"):
        content = piece.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")
        if len(content) < 13 or reduce(xor, content):
            continue
        message_id, attributes = _HEADER.unpack_from(content)
        start = 17 if attributes & 0x4000 else 12
        yield message_id, content[start : start + (attributes & 0x3FF)]
