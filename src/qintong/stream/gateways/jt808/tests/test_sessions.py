"""Registration, authentication and sessions over real sockets (JT/T 808-2019 clauses 5.2, 5.3, 8)."""

import time

import pytest

from qintong.stream.gateways.jt808.policy import Policy
from qintong.stream.gateways.jt808.tests.conftest import (
    PHONE,
    REPORT,
    STRANGER,
    TERMINALS,
    WIDE_PHONE,
    Stage,
    Start,
    message,
)
from qintong.stream.gateways.reasons import Reason
from qintong.stream.quality import Quality
from qintong.stream.sessions import Reason as SessionReason
from qintong.stream.topics import POSITION, RAW, REGISTRATION, SESSION

AUTHENTICATION_2019 = b"\x07token-2" + b"8" * 15 + b"V1".ljust(20, b"\0")


def registration(plate: str, device: bytes, colour: int = 2, model: int = 20) -> bytes:
    body = bytes.fromhex("003D0064") + b"MAKER" + b"M1".ljust(model, b"\0")
    return body + device.ljust(7, b"\0") + bytes([colour]) + plate.encode("gbk")


@pytest.mark.parametrize(
    ("identity", "plate", "colour", "device", "result"),
    [
        (PHONE, "陕A12345", 2, b"A000001", 0),
        (PHONE, "陕A12345", 2, b"OTHER", 1),  # the vehicle has another terminal
        (PHONE, "陕A99999", 2, b"A000001", 2),  # no such vehicle
        (PHONE, "陕A67890", 1, b"A000001", 3),  # the plate of another terminal's vehicle
        (STRANGER, "陕A12345", 2, b"A000001", 4),
    ],
)
def test_registration_is_judged_by_the_roster(
    stage: Stage, identity: bytes, plate: str, colour: int, device: bytes, result: int
):
    terminal = stage.terminal()

    head, body = terminal.ask(message(0x0100, registration(plate, device, colour), 7, identity))

    assert head.message_id == 0x8100
    assert body == bytes([0, 7, result]) + (b"token-1" if result == 0 else b"")
    stage.stop()
    rows, blobs = stage.rows(REGISTRATION)
    assert rows["result"].tolist() == [result]
    assert rows["identity"][0].tobytes()[:6] == identity
    assert blobs is not None and blobs[0] == registration(plate, device, colour)


def test_registering_again_gives_the_same_token(stage: Stage):
    terminal = stage.terminal()
    request = message(0x0100, registration("陕A12345", b"A000001"))

    answers = [terminal.ask(request)[1][2:] for _ in range(2)]

    assert answers == [b"\x00token-1"] * 2


def test_a_2011_registration_pins_the_edition_of_the_reports(stage: Stage):
    terminal = stage.terminal()

    terminal.ask(message(0x0100, registration("陕A12345", b"A000001", model=8)))
    terminal.result(message(0x0102, b"token-1"))
    terminal.result(message(0x0200, REPORT))

    stage.stop()
    assert stage.rows(POSITION)[0]["edition"].tolist() == [11]


def test_authentication_puts_the_terminal_on_line(stage: Stage):
    short, wide = stage.terminal(), stage.terminal()

    assert short.result(message(0x0102, b"token-1")) == 0
    assert wide.result(message(0x0102, AUTHENTICATION_2019, identity=WIDE_PHONE)) == 0
    assert short.result(message(0x0102, b"token-2")) == 1

    stage.stop()
    rows, peers = stage.rows(SESSION)
    assert rows["terminal_id"].tolist()[:2] == [1, 2]
    assert rows["vehicle_id"].tolist()[:2] == [11, 22]
    assert rows["edition"].tolist()[:2] == [13, 19]
    assert rows["reason"].tolist()[:2] == [SessionReason.AUTHENTICATED] * 2
    assert rows["is_online"].tolist() == [1, 1, 0, 0]
    assert peers is not None and peers[0].startswith(b"127.0.0.1:")
    assert stage.gateway.tally.reasons[Reason.WRONG_TOKEN] == 1


def test_an_admitted_terminal_is_served_before_authentication_and_marked(stage: Stage):
    terminal = stage.terminal()

    before = terminal.result(message(0x0200, REPORT))
    terminal.result(message(0x0102, b"token-1"))
    after = terminal.result(message(0x0200, REPORT, 2))

    assert before == after == 0
    stage.stop()
    marks = stage.rows(POSITION)[0]["quality"] & Quality.NOT_AUTHENTICATED
    assert (marks != 0).tolist() == [True, False]


def test_a_strict_gateway_serves_nothing_before_authentication(start: Start):
    stage = start(Policy(requires_authentication=True))
    terminal = stage.terminal()

    assert terminal.result(message(0x0200, REPORT)) == 1
    assert terminal.result(message(0x0102, b"token-1")) == 0
    assert terminal.result(message(0x0200, REPORT)) == 0

    stage.stop()
    assert len(stage.rows(POSITION)[0]) == 1
    assert stage.rows(RAW)[0]["reason"].tolist() == [Reason.NOT_AUTHENTICATED]


def test_a_stranger_is_held_for_admission_and_served_once_admitted(stage: Stage):
    terminal = stage.terminal()
    report = message(0x0200, REPORT, identity=STRANGER)

    refused = [terminal.result(report) for _ in range(3)]
    stage.write_roster([*TERMINALS, type(TERMINALS[0])(3, 33, STRANGER)])
    stage.wait_until(lambda: len(stage.gateway.service.watch.roster) == 3)
    served = terminal.result(report)

    assert refused == [1, 1, 1] and served == 0
    stage.stop()
    assert stage.rows(REGISTRATION)[0]["message_id"].tolist() == [0x0200]
    assert stage.rows(POSITION)[0]["terminal_id"].tolist() == [3]
    assert stage.rows(RAW)[0]["reason"].tolist() == [Reason.UNKNOWN_TERMINAL] * 3


def test_a_terminal_taken_off_the_roster_is_off_line(stage: Stage):
    terminal = stage.terminal()
    terminal.result(message(0x0102, b"token-1"))

    stage.write_roster(TERMINALS[1:])
    stage.wait_until(lambda: len(stage.gateway.service.watch.roster) == 1)

    assert terminal.result(message(0x0200, REPORT)) == 1
    stage.stop()
    assert stage.rows(SESSION)[0]["reason"].tolist()[1] == SessionReason.REVOKED


def test_the_same_identity_on_a_new_link_takes_over(stage: Stage):
    loser, winner = stage.terminal(), stage.terminal("127.0.0.2")
    loser.result(message(0x0102, b"token-1"))

    winner.result(message(0x0102, b"token-1"))

    assert loser.is_closed()
    assert winner.result(message(0x0200, REPORT)) == 0
    session = stage.gateway.service.sessions.of_terminal(1)
    assert session is not None and len(stage.gateway.service.sessions) == 1
    stage.stop()
    rows, peers = stage.rows(SESSION)
    assert rows["reason"].tolist()[:3] == [
        SessionReason.AUTHENTICATED,
        SessionReason.TAKEN_OVER,
        SessionReason.AUTHENTICATED,
    ]
    assert peers is not None and peers[2].startswith(b"127.0.0.2:")


def test_a_thousand_take_overs_leave_one_session_and_one_link(stage: Stage):
    for _ in range(1000):
        stage.terminal().result(message(0x0102, b"token-1"))

    stage.wait_until(lambda: len(stage.gateway.links) == 1)
    assert len(stage.gateway.service.sessions) == 1


def test_an_unauthenticated_link_does_not_take_over_an_authenticated_one(stage: Stage):
    owner, pretender = stage.terminal(), stage.terminal()
    owner.result(message(0x0102, b"token-1"))

    assert pretender.result(message(0x0200, REPORT)) == 1

    assert owner.result(message(0x0200, REPORT)) == 0


def test_a_link_may_change_its_terminal(stage: Stage):
    terminal = stage.terminal()
    terminal.result(message(0x0200, REPORT))

    terminal.result(message(0x0200, REPORT, identity=WIDE_PHONE))

    assert stage.gateway.service.sessions.of_terminal(1) is None
    assert stage.gateway.service.sessions.of_terminal(2) is not None
    stage.stop()
    assert stage.rows(POSITION)[0]["terminal_id"].tolist() == [1, 2]
    assert stage.rows(SESSION)[0]["reason"].tolist()[1] == SessionReason.REBOUND


def test_log_out_ends_the_session_and_keeps_the_link(stage: Stage):
    terminal = stage.terminal()
    terminal.result(message(0x0102, b"token-1"))

    assert terminal.result(message(0x0003)) == 0

    assert len(stage.gateway.service.sessions) == 0
    assert terminal.result(message(0x0102, b"token-1")) == 0


def test_a_silent_link_is_closed_and_any_message_keeps_one_alive(start: Start):
    stage = start(Policy(session_timeout_s=2, greeting_timeout_s=2))
    silent, command_only = stage.terminal(), stage.terminal()
    silent.result(message(0x0102, b"token-1"))
    command_only.result(message(0x0102, AUTHENTICATION_2019, identity=WIDE_PHONE))

    until = time.monotonic() + 4
    while time.monotonic() < until:
        command_only.send(message(0x0001, bytes(5), identity=WIDE_PHONE))
        time.sleep(0.2)

    assert silent.is_closed()
    assert command_only.result(message(0x0002, identity=WIDE_PHONE)) == 0
    stage.stop()
    rows, _ = stage.rows(SESSION)
    timed_out = rows[rows["reason"] == SessionReason.TIMED_OUT]
    assert timed_out["terminal_id"].tolist() == [1]
