"""Message header of JT/T 808: clause 4.4.3 of 2019 (table 2), clause 4.4.3 of 2011 and 2013."""

from dataclasses import dataclass

from qintong.stream.gateways.jt808.frame import FrameError
from qintong.stream.gateways.reasons import Reason

LENGTH_BITS = 0x03FF
ENCRYPTION_BITS = 0x1C00
SUBPACKAGE_BIT = 0x2000
VERSION_BIT = 0x4000


@dataclass(frozen=True, slots=True)
class Header:
    message_id: int
    attribute: int
    version: int
    """Protocol version byte of 2019; 0 in the short header of 2011 and 2013."""
    identity: bytes
    """Phone field as received: 6 raw bytes, or 10 in the wide header of 2019."""
    serial: int
    total: int = 0
    """Packets of the message; 0 = it is not in packets."""
    index: int = 0
    """This packet's number, from 1."""

    @property
    def is_wide(self) -> bool:
        """The header of 2019: version byte and 10 bytes of phone."""
        return len(self.identity) == 10

    @property
    def body_length(self) -> int:
        """Length of the body as declared."""
        return self.attribute & LENGTH_BITS

    @property
    def is_encrypted(self) -> bool:
        return bool(self.attribute & ENCRYPTION_BITS)


def has_wide_header(attribute: int, length: int) -> bool:
    """Whether a message of `length` bytes has the header of 2019.

    Some terminals send 10 bytes of phone without the version flag: if only the wide layout gives
    the declared length, the layout is wide.
    """
    if attribute & VERSION_BIT:
        return True
    declared = (attribute & LENGTH_BITS) + (4 if attribute & SUBPACKAGE_BIT else 0)
    return length == 17 + declared


def parse(message: bytes) -> tuple[Header, bytes]:
    """Header and body as it is there; the body's length may differ from the declared one.

    Raises FrameError(TOO_SHORT) if the message is shorter than its header.
    """
    attribute = int.from_bytes(message[2:4], "big")
    is_wide = has_wide_header(attribute, len(message))
    start = 17 if is_wide else 12
    end = start + (4 if attribute & SUBPACKAGE_BIT else 0)
    if len(message) < end:
        raise FrameError(Reason.TOO_SHORT)
    header = Header(
        message_id=int.from_bytes(message[:2], "big"),
        attribute=attribute,
        version=message[4] if is_wide else 0,
        identity=message[5:15] if is_wide else message[4:10],
        serial=int.from_bytes(message[start - 2 : start], "big"),
        total=int.from_bytes(message[start : start + 2], "big") if end > start else 0,
        index=int.from_bytes(message[start + 2 : end], "big") if end > start else 0,
    )
    return header, message[end:]


def build(header: Header, body: bytes) -> bytes:
    """Message of a header; the declared length is the body's."""
    attribute = header.attribute & ~LENGTH_BITS | len(body)
    head = header.message_id.to_bytes(2, "big") + attribute.to_bytes(2, "big")
    if header.is_wide:
        head += bytes([header.version])
    head += header.identity + header.serial.to_bytes(2, "big")
    if attribute & SUBPACKAGE_BIT:
        head += header.total.to_bytes(2, "big") + header.index.to_bytes(2, "big")
    return head + body
