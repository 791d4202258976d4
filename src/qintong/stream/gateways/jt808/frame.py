"""Framing of JT/T 808-2019 clause 4.4: delimiter, escape and checksum. The plain, slow version."""

from qintong.stream.gateways.reasons import Reason

DELIMITER = 0x7E
ESCAPE = 0x7D
CONTENT_LIMIT = 8192
"""Bytes without a delimiter after which the sender's data is cut."""


class FrameError(Exception):
    """Bytes that are no frame, with the reason under which they are counted."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.name)
        self.reason = reason


def checksum(data: bytes) -> int:
    """XOR of all bytes. Folding one large integer in halves is several times faster than a loop."""
    number, width = int.from_bytes(data, "big"), len(data)
    while width > 1:
        half = (width + 1) // 2
        number = (number >> (half * 8)) ^ (number & ((1 << (half * 8)) - 1))
        width = half
    return number


def escape(data: bytes) -> bytes:
    return data.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")


def unescape(content: bytes) -> bytes:
    """Content between two delimiters without its escapes.

    Raises FrameError(BAD_ESCAPE) for 7D at the end or before a byte other than 01 and 02.
    """
    head, *rest = content.split(b"\x7d")
    parts = [head]
    for part in rest:
        if part[:1] == b"\x01":
            parts.append(b"\x7d")
        elif part[:1] == b"\x02":
            parts.append(b"\x7e")
        else:
            raise FrameError(Reason.BAD_ESCAPE)
        parts.append(part[1:])
    return b"".join(parts)


def pack(message: bytes) -> bytes:
    """Frame of a message (header and body): checksum, escape, delimiters."""
    return b"\x7e" + escape(message + bytes([checksum(message)])) + b"\x7e"


def unpack(content: bytes) -> bytes:
    """Message (header and body) of the content between two delimiters.

    Raises FrameError with BAD_ESCAPE, TOO_SHORT or BAD_CHECKSUM.
    """
    plain = unescape(content)
    if len(plain) < 13:
        raise FrameError(Reason.TOO_SHORT)
    if checksum(plain) != 0:
        raise FrameError(Reason.BAD_CHECKSUM)
    return plain[:-1]


class Splitter:
    """Cuts one connection's bytes at the delimiters.

    Every non-empty run between two delimiters is a candidate, so frames that share one 7E, empty
    frames (7E 7E) and garbage between frames never cost a neighbour.
    """

    def __init__(self) -> None:
        self._is_open = False
        self._held = b""

    def feed(self, data: bytes) -> tuple[list[bytes], int, int]:
        """Complete contents, bytes of garbage outside delimiters, number of cuts for length."""
        *closed, rest = data.split(b"\x7e")
        contents: list[bytes] = []
        garbage = cuts = 0
        for part in closed:
            content = self._held + part
            self._held = b""
            if not self._is_open:
                garbage += len(content)
                self._is_open = True
            elif len(content) > CONTENT_LIMIT:
                cuts += 1
            elif content:
                contents.append(content)
        if not self._is_open:
            garbage += len(rest)
        elif len(self._held) + len(rest) > CONTENT_LIMIT:
            cuts += 1
            self._held = b""
            self._is_open = False
        else:
            self._held += rest
        return contents, garbage, cuts
