"""What a gateway must survive: clients that are broken, slow, greedy or malicious."""

import os
import random
import time
from contextlib import suppress

import pytest

from qintong.stream.gateways.jt808 import server
from qintong.stream.gateways.jt808.frame import Splitter
from qintong.stream.gateways.jt808.policy import Policy
from qintong.stream.gateways.jt808.tests.conftest import (
    PHONE,
    REPORT,
    WIDE_PHONE,
    Stage,
    Start,
    message,
)
from qintong.stream.gateways.reasons import Reason
from qintong.stream.sessions import Reason as SessionReason
from qintong.stream.topics import POSITION, RAW, REGISTRATION, SESSION


def wide_reports(first: int, count: int) -> list[bytes]:
    """The neighbour's reports, told apart by their serials."""
    return [message(0x0200, REPORT, serial, WIDE_PHONE) for serial in range(first, first + count)]


def mutate(rng: random.Random, data: bytes) -> bytes:
    """One of the ways frames are damaged on their way."""
    place = rng.randrange(len(data))
    match rng.randrange(7):
        case 0:
            return data[:place] + bytes([rng.randrange(256)]) + data[place + 1 :]
        case 1:
            return data[:place] + data[place + 1 :]
        case 2:
            return data[:place] + rng.randbytes(rng.randrange(1, 9)) + data[place:]
        case 3:
            return data[:place]
        case 4:
            return data[place:]
        case 5:
            return data + data[: rng.randrange(len(data))]
        case _:
            return data.replace(b"\x7e", b"", rng.randrange(3))


def fuzz(stage: Stage, frames: int) -> None:
    """Mutated frames on one link, every tenth intact; a neighbour reports all the while."""
    rng = random.Random(808)
    attacker, neighbour = stage.terminal(), stage.terminal("127.0.0.2")
    models = [
        message(0x0200, REPORT),
        message(0x0002),
        message(0x0704, b"\0\2\0" + (len(REPORT).to_bytes(2, "big") + REPORT) * 2),
        message(0x0100, bytes(60)),
        message(0x0102, b"token-1"),
        message(0x0801, bytes(200)),
        message(0x0F7E, b"\x7d\x7e" * 20),
    ]
    sent = 0
    serial = 0
    while sent < frames:
        chunk = b"".join(mutate(rng, rng.choice(models)) for _ in range(250))
        attacker.send(chunk)
        attacker.link.setblocking(False)
        with suppress(BlockingIOError):
            while attacker.link.recv(1 << 16):
                pass
        attacker.link.setblocking(True)
        sent += 250
        for data in wide_reports(serial, 2):
            assert neighbour.result(data) == 0
        serial += 2

    attacker.send(b"\x7e" + message(0x0002, serial=0x5AA5))
    patience = time.monotonic() + 60
    while True:
        head, body = attacker.answer(60)
        if head.message_id == 0x8001 and body[:4] == bytes.fromhex("5AA50002"):
            break
        assert time.monotonic() < patience
    stage.stop()
    rows = stage.rows(POSITION)[0]
    theirs = rows[rows["terminal_id"] == 2]
    assert theirs["serial"].tolist() == list(range(serial))
    assert (theirs["lat_e6"] == 34_264_987).all()
    assert set(rows["terminal_id"].tolist()) <= {1, 2}
    assert not stage.gateway.tally.reasons[Reason.FAULT]


def test_mutated_frames_hurt_neither_the_gateway_nor_a_neighbour(start: Start):
    fuzz(start(), 20_000)


@pytest.mark.slow
def test_a_million_mutated_frames(start: Start):
    fuzz(start(), 1_000_000)


def test_frames_that_share_a_delimiter_empty_frames_and_garbage(stage: Stage):
    terminal = stage.terminal()
    one, two, three = (message(0x0200, REPORT, serial) for serial in (1, 2, 3))

    terminal.send(b"(*noise*)" + b"\x7e\x7e" + one[:-1] + two + b"\x7e\x7e" + b"xx" + three)

    serials = [int.from_bytes(terminal.answer()[1][:2], "big") for _ in range(3)]
    assert serials == [1, 2, 3]
    assert stage.gateway.tally.reasons == {Reason.GARBAGE: 9, Reason.TOO_SHORT: 1}


def test_a_device_that_gets_one_checksum_in_sixteen_wrong_keeps_its_link(stage: Stage):
    terminal = stage.terminal()
    good = [message(0x0200, REPORT, serial) for serial in range(160)]
    sent = [
        data if serial % 16 else data[:-2] + bytes([data[-2] ^ 0x11]) + b"\x7e"
        for serial, data in enumerate(good)
    ]

    terminal.send(b"".join(sent))

    answered = [int.from_bytes(terminal.answer()[1][:2], "big") for _ in range(150)]
    assert answered == [serial for serial in range(160) if serial % 16]
    assert stage.gateway.tally.reasons[Reason.BAD_CHECKSUM] == 10
    stage.stop()
    assert stage.rows(RAW)[0]["reason"].tolist() == [Reason.BAD_CHECKSUM] * 10


def test_one_byte_at_a_time(stage: Stage):
    slow, fast = stage.terminal(), stage.terminal()

    for byte in message(0x0200, REPORT):
        slow.send(bytes([byte]))
        assert fast.result(message(0x0002, identity=WIDE_PHONE)) == 0

    assert slow.answer()[1][4] == 0


def test_a_client_that_never_finishes_a_message_is_closed(start: Start):
    stage = start(Policy(greeting_timeout_s=2))
    terminal = stage.terminal()
    began = time.monotonic()

    for byte in message(0x0200, REPORT)[:-1] * 2:
        try:
            terminal.send(bytes([byte]))
        except OSError:
            break
        time.sleep(0.1)

    assert 1 < time.monotonic() - began < 6
    assert terminal.is_closed()


def test_a_client_that_never_reads_is_dropped_and_its_reports_are_kept(start: Start):
    stage = start(Policy(outbox_limit=4096))
    greedy, other = stage.terminal(), stage.terminal()
    data = b"".join(message(0x0200, REPORT, serial) for serial in range(1000))
    greedy.link.setblocking(True)
    greedy.link.settimeout(20)

    with pytest.raises(OSError):
        for _ in range(2000):
            greedy.send(data)

    assert other.result(message(0x0200, REPORT, 7, WIDE_PHONE)) == 0
    stage.stop()
    assert SessionReason.SLOW_READER in stage.rows(SESSION)[0]["reason"].tolist()
    assert len(stage.rows(POSITION)[0]) > 1000


def test_endless_data_without_a_delimiter_is_cut_counted_and_closed(stage: Stage):
    terminal = stage.terminal()

    with pytest.raises(OSError):
        for _ in range(500):
            terminal.send(b"\x7e" + os.urandom(1).replace(b"\x7e", b"x") * 20_000)
            time.sleep(0.01)

    assert stage.gateway.tally.reasons[Reason.OVERLONG] >= 8
    assert len(stage.gateway.links) == 0


def test_a_flood_of_registrations_is_limited(start: Start):
    policy = Policy(registrations_burst=50, registrations_per_s=1, strangers_burst=10)
    stage = start(policy)
    flood, terminal = stage.terminal("127.0.0.9"), stage.terminal()
    requests = [
        message(0x0100, bytes(50), 1, (1_000_000 + n).to_bytes(6, "big")) for n in range(5000)
    ]

    with suppress(OSError):
        flood.send(b"".join(requests))

    assert flood.is_closed()
    assert terminal.result(message(0x0200, REPORT)) == 0
    stage.stop()
    assert len(stage.rows(REGISTRATION)[0]) < 50
    assert stage.gateway.tally.reasons[Reason.RATE_LIMITED] >= 1024


def test_a_link_of_which_nothing_can_be_served_is_closed(start: Start):
    stage = start(Policy(fault_limit=100))
    terminal, device = stage.terminal(), stage.terminal()
    damaged = message(0x0200, REPORT)[:-2] + b"\x00\x7e"

    for _ in range(60):
        device.send(damaged * 10 + message(0x0002, identity=WIDE_PHONE))
        device.answer()
    with suppress(OSError):
        terminal.send(damaged * 200)

    assert terminal.is_closed()
    assert device.result(message(0x0002, identity=WIDE_PHONE)) == 0


def test_connects_from_one_address_are_limited(start: Start):
    stage = start(Policy(connects_burst=5, connects_per_s=0.001))

    links = [stage.terminal("127.0.0.8") for _ in range(10)]

    assert [link.is_closed(1) for link in links] == [False] * 5 + [True] * 5
    assert stage.terminal("127.0.0.7").result(message(0x0200, REPORT)) == 0


def test_refused_messages_are_kept_within_a_budget_only(start: Start):
    stage = start(Policy(raw_budget_burst=1000, raw_budget_per_s=1))
    terminal = stage.terminal()
    damaged = message(0x0200, REPORT)[:-2] + b"\x00\x7e"

    terminal.send(damaged * 500)
    terminal.result(message(0x0002))

    assert stage.gateway.tally.reasons[Reason.BAD_CHECKSUM] == 500
    stage.stop()
    assert 0 < len(stage.rows(RAW)[0]) < 20


def test_answers_are_whole_frames_however_fast_they_come(stage: Stage):
    terminal = stage.terminal()
    count = 20_000

    terminal.link.setblocking(False)
    pending = b"".join(message(0x0200, REPORT, n & 0xFFFF, PHONE) for n in range(count))
    received = b""
    patience = time.monotonic() + 30
    while received.count(b"\x7e") < 2 * count and time.monotonic() < patience:
        with suppress(BlockingIOError):
            pending = pending[terminal.link.send(pending[: 1 << 16]) :] if pending else pending
        try:
            received += terminal.link.recv(1 << 16)
        except BlockingIOError:
            time.sleep(0.001)

    contents, garbage, _ = Splitter().feed(received)
    assert (len(contents), garbage) == (count, 0)


@pytest.mark.parametrize("jump_ms", [-3_600_000, 86_400_000])
def test_a_clock_that_jumps_costs_no_link_and_no_report(stage: Stage, monkeypatch, jump_ms: int):
    terminal = stage.terminal()
    terminal.result(message(0x0102, b"token-1"))
    terminal.result(message(0x0200, REPORT, 1))
    wall_clock_ms = server.wall_clock_ms

    monkeypatch.setattr(server, "wall_clock_ms", lambda: wall_clock_ms() + jump_ms)
    time.sleep(2.5)

    assert terminal.result(message(0x0200, REPORT, 2)) == 0
    received = stage.rows(POSITION)[0]["received_at_ms"].astype(int)
    assert abs(received[1] - received[0] - jump_ms) < 60_000
    assert len(stage.gateway.service.sessions) == 1
