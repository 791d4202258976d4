"""Bodies of the terminal's messages beside positions: one plain decoder each, found by message id.

A decoder takes the header and the body and raises FrameError(SHORT_BODY) if the body cannot be read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from qintong.stream.gateways.jt808 import positions
from qintong.stream.gateways.jt808.frame import FrameError
from qintong.stream.gateways.jt808.header import Header
from qintong.stream.gateways.reasons import Reason

Decoder = Callable[[Header, bytes], object]
D = TypeVar("D", bound=Decoder)

DECODERS: dict[int, Decoder] = {}

KNOWN = frozenset(
    {
        # JT/T 808; messages removed in 2019 are still accepted
        *(0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0100, 0x0102, 0x0104, 0x0107, 0x0108),
        *(0x0200, 0x0201, 0x0301, 0x0302, 0x0303, 0x0500, 0x0608, 0x0700, 0x0701, 0x0702),
        *(0x0704, 0x0705, 0x0800, 0x0801, 0x0802, 0x0805, 0x0900, 0x0901, 0x0A00),
        # JT/T 1078, T/JSATL 12
        *(0x1003, 0x1005, 0x1205, 0x1206, 0x1210, 0x1211, 0x1212),
    }
)
"""Messages a terminal may send. 0x8000 and above are the platform's."""

PLATE_COLOURS = frozenset([0, 1, 2, 3, 4, 5, 9, 91, 92, 93, 94])
"""JT/T 697.7; 0 = not yet licensed, the plate field then holds the VIN."""


def decodes(message_id: int) -> Callable[[D], D]:
    """Register the decoder of a message. Refuses a second one."""

    def register(decoder: D) -> D:
        if message_id in DECODERS:
            raise ValueError(f"0x{message_id:04X} has a decoder")
        DECODERS[message_id] = decoder
        return decoder

    return register


def text(data: bytes) -> str:
    """STRING of the standard: GBK, read by its superset, padding removed."""
    return data.decode("gb18030", "replace").strip("\0 ")


def number(data: bytes, at: int, length: int) -> int:
    """Unsigned integer at a place. Raises FrameError(SHORT_BODY) beyond the end."""
    if at + length > len(data):
        raise FrameError(Reason.SHORT_BODY)
    return int.from_bytes(data[at : at + length], "big")


@dataclass(frozen=True, slots=True)
class GeneralReply:
    serial: int
    message_id: int
    result: int


@decodes(0x0001)
def general_reply(header: Header, body: bytes) -> GeneralReply:
    return GeneralReply(number(body, 0, 2), number(body, 2, 2), number(body, 4, 1))


@dataclass(frozen=True, slots=True)
class RegistrationRequest:
    edition: int
    """11, 13 or 19: the length of the model field tells 2011 from 2013."""
    province_code: int
    city_code: int
    maker: str
    model: str
    device_number: str
    plate_colour: int
    plate_number: str
    """The VIN if the colour is 0."""


@decodes(0x0100)
def registration(header: Header, body: bytes) -> RegistrationRequest:
    """JT/T 808-2019 table 7; 2013 table 7 with 20 bytes of model, 2011 table 7 with 8."""
    if header.is_wide:
        edition, maker, model, device = 19, 11, 30, 30
    elif len(body) >= 37 and body[36] in PLATE_COLOURS:
        edition, maker, model, device = 13, 5, 20, 7
    else:
        edition, maker, model, device = 11, 5, 8, 7
    model_at = 4 + maker
    device_at = model_at + model
    colour_at = device_at + device
    return RegistrationRequest(
        edition=edition,
        province_code=number(body, 0, 2),
        city_code=number(body, 2, 2),
        maker=text(body[4:model_at]),
        model=text(body[model_at:device_at]),
        device_number=text(body[device_at:colour_at]),
        plate_colour=number(body, colour_at, 1),
        plate_number=text(body[colour_at + 1 :]),
    )


@dataclass(frozen=True, slots=True)
class Authentication:
    token: str
    imei: str = ""
    software: str = ""


@decodes(0x0102)
def authentication(header: Header, body: bytes) -> Authentication:
    """2011 and 2013: the token alone. 2019: length, token, IMEI[15], software[20].

    The offsets printed in 2019's table 9 (n, n+1, n+9) are wrong; meant are 1, 1+n, 16+n.
    """
    if header.is_wide:
        end = 1 + number(body, 0, 1)
        if end <= len(body):
            return Authentication(
                text(body[1:end]), text(body[end : end + 15]), text(body[end + 15 :])
            )
    return Authentication(text(body))


@dataclass(frozen=True, slots=True)
class Parameters:
    serial: int
    values: dict[int, bytes]


@decodes(0x0104)
def parameters(header: Header, body: bytes) -> Parameters:
    """Answer to a query of parameters; values raw by id."""
    count = number(body, 2, 1)
    values: dict[int, bytes] = {}
    at = 3
    for _ in range(count):
        end = at + 5 + number(body, at + 4, 1)
        if end > len(body):
            raise FrameError(Reason.SHORT_BODY)
        values[number(body, at, 4)] = body[at + 5 : end]
        at = end
    return Parameters(number(body, 0, 2), values)


@dataclass(frozen=True, slots=True)
class QueriedPosition:
    serial: int
    report: bytes
    """A body as of 0x0200."""


@decodes(0x0201)
@decodes(0x0500)
def queried_position(header: Header, body: bytes) -> QueriedPosition:
    if len(body) < 2 + positions.BASIC_LENGTH:
        raise FrameError(Reason.SHORT_BODY)
    return QueriedPosition(number(body, 0, 2), body[2:])


@dataclass(frozen=True, slots=True)
class DriverCard:
    """0x0702 of 2013 and 2019; the name and what follows are present only if the card was read."""

    is_inserted: bool
    at: str
    """BCD of GMT+8 as digits."""
    read_result: int
    name: str
    licence_number: str
    organisation: str
    expiry: str
    id_number: str


@decodes(0x0702)
def driver_card(header: Header, body: bytes) -> DriverCard:
    state, result = number(body, 0, 1), 0
    name = licence = organisation = expiry = id_number = ""
    if state == 1:
        result = number(body, 7, 1)
        if result == 0:
            name_end = 9 + number(body, 8, 1)
            licence_end = name_end + 20
            organisation_end = licence_end + 1 + number(body, licence_end, 1)
            number(body, organisation_end, 4)
            name = text(body[9:name_end])
            licence = text(body[name_end:licence_end])
            organisation = text(body[licence_end + 1 : organisation_end])
            expiry = body[organisation_end : organisation_end + 4].hex()
            id_number = text(body[organisation_end + 4 :])
    at = number(body, 1, 6)
    return DriverCard(
        state == 1, f"{at:012x}", result, name, licence, organisation, expiry, id_number
    )


@dataclass(frozen=True, slots=True)
class Media:
    media_id: int
    kind: int
    format: int
    event: int
    channel: int


@decodes(0x0800)
def media_event(header: Header, body: bytes) -> Media:
    return Media(number(body, 0, 4), *(number(body, at, 1) for at in (4, 5, 6, 7)))


@decodes(0x0801)
def media_data(header: Header, body: bytes) -> Media:
    """The first 8 bytes; a report of 28 bytes and the data follow, in 2011 the data alone."""
    return Media(number(body, 0, 4), *(number(body, at, 1) for at in (4, 5, 6, 7)))


@dataclass(frozen=True, slots=True)
class PassThrough:
    kind: int
    data: bytes


@decodes(0x0900)
def pass_through(header: Header, body: bytes) -> PassThrough:
    return PassThrough(number(body, 0, 1), body[1:])
