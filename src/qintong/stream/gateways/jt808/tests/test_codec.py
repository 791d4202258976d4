"""Frames, headers and bodies: the worked examples of the standard and of the field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qintong.stream.gateways.jt808 import acks, frame, header, items, messages, positions
from qintong.stream.gateways.jt808.frame import FrameError, Splitter
from qintong.stream.gateways.jt808.header import Header
from qintong.stream.gateways.reasons import Reason
from qintong.stream.quality import Quality

HEARTBEAT_2013 = "7E 00 02 00 00 01 39 00 00 12 34 00 7D 02 62 7E"
HEARTBEAT_2019 = "7E 00 02 40 00 01 00 00 00 00 01 39 00 00 12 34 00 7D 02 23 7E"
REPORT_2013 = (
    "7E 02 00 00 28 01 39 00 00 12 34 00 10 00 00 00 00 00 00 00 03 02 0A D7 9B 06 7D 02 5B D4 "
    "01 9C 02 5D 00 5A 26 11 01 12 00 00 01 04 00 01 E2 40 30 01 18 31 01 0C 9B 7E"
)


def parse(text: str) -> tuple[Header, bytes]:
    (content,), garbage, cuts = Splitter().feed(bytes.fromhex(text))
    assert garbage == cuts == 0
    return header.parse(frame.unpack(content))


def test_escape_example_of_the_standard():
    raw = bytes.fromhex("307E087D55")

    escaped = frame.escape(raw)

    assert escaped == bytes.fromhex("307D02087D0155")
    assert frame.unescape(escaped) == raw


@given(st.binary(min_size=12, max_size=1100))
def test_what_is_packed_is_unpacked(message: bytes):
    (content,), _, _ = Splitter().feed(frame.pack(message))

    assert frame.unpack(content) == message


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x00" * 20 + b"\x7d", Reason.BAD_ESCAPE),
        (b"\x00" * 20 + b"\x7d\x03", Reason.BAD_ESCAPE),
        (b"\x00" * 12, Reason.TOO_SHORT),
        (b"\x00" * 19 + b"\x01", Reason.BAD_CHECKSUM),
    ],
)
def test_what_is_no_frame_has_a_named_reason(content: bytes, reason: Reason):
    with pytest.raises(FrameError) as error:
        frame.unpack(content)

    assert error.value.reason is reason


@pytest.mark.parametrize(
    ("heartbeat", "answer"),
    [
        (
            HEARTBEAT_2013,
            "7E 80 01 00 05 01 39 00 00 12 34 00 01 00 7D 02 00 02 00 E7 7E",
        ),
        (
            HEARTBEAT_2019,
            "7E 80 01 40 05 01 00 00 00 00 01 39 00 00 12 34 00 01 00 7D 02 00 02 00 A6 7E",
        ),
    ],
)
def test_general_reply_copies_version_and_identity(heartbeat: str, answer: str):
    to, body = parse(heartbeat)

    reply = acks.general_reply(to, 1, acks.Result.DONE)

    assert body == b"" and to.serial == 0x7E
    assert reply == bytes.fromhex(answer)


def test_the_checksum_of_an_answer_is_escaped_too():
    to = Header(0x0200, 0, 0, bytes.fromhex("013900001234"), 0x0010)

    reply = acks.general_reply(to, 0x00F6, acks.Result.DONE)

    assert reply == bytes.fromhex("7E 80 01 00 05 01 39 00 00 12 34 00 F6 00 10 02 00 00 7D 02 7E")


def test_the_worked_report():
    to, body = parse(REPORT_2013)

    report = positions.decode(body, received_at_ms=1_793_505_601_000)

    assert (to.message_id, to.serial, to.identity.hex()) == (0x0200, 0x10, "013900001234")
    assert (report.lat_e6, report.lon_e6) == (34_264_987, 108_944_340)
    assert (report.altitude_m, report.speed_kmh, report.heading_deg) == (412, 60.5, 90)
    assert report.device_at_ms == 1_793_505_600_000  # 2026-11-01 04:00 UTC
    assert (report.odometer_m, report.signal_strength, report.satellites) == (12_345_600, 24, 12)
    assert report.status_bits == 3 and report.alarm_bits == 0
    assert report.quality == 0 and report.raw_items == b""


def test_the_sign_stands_in_the_status_bits():
    _, body = parse(REPORT_2013)
    south_west = body[:4] + (0b1111).to_bytes(4, "big") + body[8:]

    report = positions.decode(south_west, 1_793_505_600_000)

    assert (report.lat_e6, report.lon_e6) == (-34_264_987, -108_944_340)


def test_a_phone_of_ten_bytes_without_the_version_flag_is_found_by_its_length():
    identity = bytes.fromhex("00000000013900005678")
    body = bytes(28)
    sent = Header(0x0200, 0, 1, identity, 9)

    to, found = header.parse(header.build(sent, body))

    assert to.is_wide and to.identity == identity and found == body
    reply = acks.general_reply(to, 0, acks.Result.DONE)
    assert reply[1:5].hex() == "80010005"  # the flag stays off, as received
    assert identity in reply


@pytest.mark.parametrize(
    ("bcd", "judged"),
    [
        ("000000000000", Quality.TIME_INVALID),
        ("26130112000F", Quality.TIME_INVALID),
        ("260230120000", Quality.TIME_INVALID),
        ("261101121500", Quality.TIME_FUTURE),
        ("261031110000", Quality.TIME_OLD),
        ("070318120000", Quality.TIME_ROLLOVER),  # 1024 weeks before 2026-11-01
        ("460617120000", Quality.TIME_ROLLOVER),
        ("261101120000", Quality(0)),
    ],
)
def test_device_time_is_judged_and_never_a_ground_to_reject(bcd: str, judged: Quality):
    _, body = parse(REPORT_2013)
    received_at_ms = 1_793_505_600_000

    report = positions.decode(body[:22] + bytes.fromhex(bcd) + body[28:], received_at_ms)

    assert report.quality == judged
    assert report.lat_e6 == 34_264_987
    if judged is Quality.TIME_INVALID:
        assert report.device_at_ms == received_at_ms


@pytest.mark.parametrize(
    ("data", "raw", "quality", "values"),
    [
        ("010400000064", "", 0, {1: 100}),
        ("0104000000", "0104000000", Quality.ITEM_OVERRUN, {}),
        ("01", "01", Quality.ITEM_OVERRUN, {}),
        ("0102000A300118", "0102000A", Quality.ITEM_LENGTH, {0x30: 24}),
        ("300118300119", "300119", Quality.ITEM_REPEATED, {0x30: 24}),
        ("02028064", "02028064", 0, {}),  # b15: a percentage, no litres
        ("E10412345678310109", "E10412345678", 0, {0x31: 9}),
    ],
)
def test_items_are_read_within_bounds_and_nothing_of_them_is_lost(
    data: str, raw: str, quality: int, values: dict[int, int]
):
    found = items.parse(bytes.fromhex(data))

    assert found.raw == bytes.fromhex(raw)
    assert found.quality == quality
    assert found.values == values


@pytest.mark.parametrize(("model", "edition"), [(8, 11), (20, 13)])
@pytest.mark.parametrize(("colour", "plate"), [(2, "陕A12345"), (0, "LSGJA52U9FS000000")])
def test_the_registration_body_tells_2011_from_2013(
    model: int, edition: int, colour: int, plate: str
):
    body = bytes.fromhex("003D0064") + b"MAKER" + b"M1".ljust(model, b"\0") + b"A000001"
    to = Header(0x0100, 0, 0, bytes(6), 1)

    asked = messages.registration(to, body + bytes([colour]) + plate.encode("gbk"))

    assert asked.edition == edition
    assert (asked.device_number, asked.plate_colour, asked.plate_number) == (
        "A000001",
        colour,
        plate,
    )


def test_registration_of_2019():
    body = bytes.fromhex("003D0064") + b"MAKER".ljust(11, b"\0") + b"M1".ljust(30, b"\0")
    body += b"B000002".ljust(30, b"\0") + bytes([1]) + "陕A67890".encode("gbk")
    to = Header(0x0100, 0x4000, 1, bytes(10), 1)

    asked = messages.registration(to, body)

    assert (asked.edition, asked.maker, asked.model) == (19, "MAKER", "M1")
    assert (asked.device_number, asked.plate_number) == ("B000002", "陕A67890")


def test_authentication_of_2013_is_the_token_alone_and_of_2019_has_a_length():
    short, wide = Header(0x0102, 0, 0, bytes(6), 1), Header(0x0102, 0x4000, 1, bytes(10), 1)

    old = messages.authentication(short, b"token-1")
    new = messages.authentication(wide, b"\x07token-2" + b"8" * 15 + b"V1".ljust(20, b"\0"))

    assert old.token == "token-1"
    assert (new.token, new.imei, new.software) == ("token-2", "8" * 15, "V1")


def test_resend_request_counts_in_one_byte_until_2013_and_in_two_in_2019():
    short, wide = Header(0x0704, 0, 0, bytes(6), 1), Header(0x0704, 0x4000, 1, bytes(10), 1)

    bodies = [
        parse(acks.resend_request(to, 5, 0x1234, [2, 4]).hex())[1].hex() for to in (short, wide)
    ]

    assert bodies == ["12340200020004", "1234000200020004"]
