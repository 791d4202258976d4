"""The kernel is held to the plain decoder: every column, every raw item, every byte of an answer."""

from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from qintong.stream.gateways.jt808 import frame, header
from qintong.stream.gateways.jt808.header import VERSION_BIT, Header
from qintong.stream.gateways.jt808.tests.plain import FIRST, KernelLinks, PlainLink, bound_links

SHORT = bytes.fromhex("013900001234")
WIDE = bytes.fromhex("00000000013900001235")
NOT_BCD = bytes.fromhex("7E7D00FFAB01")
IDENTITIES = (SHORT, WIDE, NOT_BCD)
NOW_MS = 1_793_505_600_000
"""2026-11-01 12:00 GMT+8."""

u16 = st.integers(0, 0xFFFF)
touchy = st.sampled_from(b"\x00\x01\x02\x7c\x7d\x7e\x7f\xff")
some_bytes = st.binary(max_size=12) | st.lists(touchy, max_size=12).map(bytes)
times = (
    st.datetimes(
        min_value=datetime(2000, 1, 1),
        max_value=datetime(2099, 12, 31),
    ).map(lambda at: bytes.fromhex(at.strftime("%y%m%d%H%M%S")))
    | st.just(bytes.fromhex("261101120000"))
    | st.binary(min_size=6, max_size=6)
)
coordinates = st.integers(0, 0xFFFFFFFF) | st.integers(0, 181_000_000) | st.just(0)
item_ids = st.sampled_from([0x01, 0x02, 0x03, 0x30, 0x31, 0x25, 0xE1, 0x7E]) | st.integers(0, 255)
exact = {0x01: 4, 0x02: 2, 0x03: 2, 0x30: 1, 0x31: 1}


@st.composite
def items(draw: st.DrawFn) -> bytes:
    item_id = draw(item_ids)
    value = draw(some_bytes)
    if item_id in exact and draw(st.booleans()):
        value = draw(st.binary(min_size=exact[item_id], max_size=exact[item_id]))
    return bytes([item_id, len(value)]) + value


@st.composite
def reports(draw: st.DrawFn) -> bytes:
    status = draw(st.integers(0, 0xFFFFFFFF) | st.integers(0, 63))
    basic = draw(st.binary(min_size=4, max_size=4)) + status.to_bytes(4, "big")
    basic += b"".join(draw(coordinates).to_bytes(4, "big") for _ in range(2))
    basic += b"".join(draw(u16 | st.integers(0, 400)).to_bytes(2, "big") for _ in range(3))
    basic += draw(times) + b"".join(draw(st.lists(items(), max_size=6)))
    return basic[: draw(st.integers(0, len(basic)))] if draw(st.integers(0, 9)) == 0 else basic


@st.composite
def bodies(draw: st.DrawFn) -> tuple[int, bytes]:
    match draw(st.integers(0, 9)):
        case 0:
            return 0x0002, draw(st.just(b"") | some_bytes)
        case 1 | 2:
            parts = draw(st.lists(reports(), max_size=4))
            body = len(parts).to_bytes(2, "big") + bytes([draw(st.integers(0, 2))])
            body += b"".join(len(part).to_bytes(2, "big") + part for part in parts)
            return 0x0704, body + draw(st.just(b"") | some_bytes)
        case 3:
            return draw(u16), draw(some_bytes)
        case _:
            return 0x0200, draw(reports())


@st.composite
def frames(draw: st.DrawFn, identity: bytes) -> bytes:
    """Mostly what the terminal of the link sends; some of it damaged or from another terminal."""
    message_id, body = draw(bodies())
    is_wide = len(identity) == 10
    flag = VERSION_BIT if is_wide and draw(st.integers(0, 4)) else 0
    if draw(st.integers(0, 19)) == 0:
        flag |= draw(st.sampled_from([0x0400, 0x2000, 0x4000, 0x8000]))
    speaker = identity if draw(st.integers(0, 19)) else draw(st.sampled_from(IDENTITIES))
    head = Header(message_id, flag, draw(st.integers(0, 255)), speaker, draw(u16), 1, 1)
    message = header.build(head, body[:1000])
    data = frame.pack(message)
    match draw(st.integers(0, 15)):
        case 0:
            place = draw(st.integers(0, len(data) - 1))
            return data[:place] + draw(st.binary(min_size=1, max_size=1)) + data[place + 1 :]
        case 1:
            return data[: draw(st.integers(0, len(data)))]
        case 2:
            return draw(some_bytes) + data
        case 3:
            return data[:-1]
        case 4:
            return frame.pack(message + draw(some_bytes))
        case _:
            return data


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_rows_and_answers_are_those_of_the_plain_decoder(data: st.DataObject):
    links = bound_links(*IDENTITIES)
    streams = {
        FIRST + place: b"".join(data.draw(st.lists(frames(identity), max_size=5)))
        for place, identity in enumerate(IDENTITIES)
    }
    expected = {descriptor: PlainLink(links, descriptor) for descriptor in streams}
    kernel_links = KernelLinks(links)

    while any(streams.values()):
        chunks = []
        for descriptor, stream in streams.items():
            size = data.draw(st.integers(1, len(stream))) if stream else 0
            streams[descriptor] = stream[size:]
            if size:
                chunks.append((descriptor, stream[:size]))
                expected[descriptor].feed(stream[:size], NOW_MS)
        kernel_links.feed(chunks, NOW_MS)

    counts: dict[int, int] = {}
    for descriptor, plain in expected.items():
        found = kernel_links.outcomes[descriptor]
        assert found.rows == plain.outcome.rows
        assert found.blobs == plain.outcome.blobs
        assert found.answers == plain.outcome.answers
        assert found.left == plain.outcome.left
        for reason, amount in plain.outcome.counts.items():
            counts[reason] = counts.get(reason, 0) + amount
    assert kernel_links.reasons() == counts


def test_every_serial_gives_the_answer_of_the_plain_path():
    """0x8001 with all 65,536 serials: its checksum must be escaped in one of 128."""
    links = bound_links(SHORT)
    expected = PlainLink(links, FIRST)
    kernel_links = KernelLinks(links)

    for start in range(0, 65536, 4096):
        data = b"".join(
            frame.pack(header.build(Header(0x0002, 0, 0, SHORT, serial), b""))
            for serial in range(start, start + 4096)
        )
        expected.feed(data, NOW_MS)
        kernel_links.feed([(FIRST, data)], NOW_MS)

    assert kernel_links.outcomes[FIRST].answers == expected.outcome.answers
    assert links.table[FIRST]["serial"] == 0x7D7D


def test_more_than_8_kib_without_a_delimiter_is_cut():
    links = bound_links(SHORT)
    expected = PlainLink(links, FIRST)
    kernel_links = KernelLinks(links)
    heartbeat = frame.pack(header.build(Header(0x0002, 0, 0, SHORT, 7), b""))

    for chunk in (b"\x7e" + b"a" * 5000, b"b" * 5000, b"c" * 100, heartbeat + b"\x7e" * 3):
        expected.feed(chunk, NOW_MS)
        kernel_links.feed([(FIRST, chunk)], NOW_MS)

    assert kernel_links.reasons() == expected.outcome.counts
    assert kernel_links.outcomes[FIRST].answers == expected.outcome.answers != b""
