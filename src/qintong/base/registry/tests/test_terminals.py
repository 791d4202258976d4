"""Terminals: strangers are held, decisions reach the roster, sessions become the state on line."""

from pathlib import Path

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.test import RequestFactory

from qintong.base.registry.feeds import take_registrations, take_sessions
from qintong.base.registry.models import Terminal
from qintong.base.registry.roster import publish_changed_roster
from qintong.base.registry.terminal_acts import admit_terminal, refuse_terminal, retire_terminal
from qintong.base.registry.terminals import identity_bytes, terminal_number
from qintong.stream.log import Batch, Blobs
from qintong.stream.roster import Roster
from qintong.stream.topics import REGISTRATION, SESSION
from tests.province import Province, plate, vehicle

NOW_MS = 1_780_000_000_000


@pytest.fixture
def var(settings: object, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path  # type: ignore[attr-defined]
    return tmp_path


def registration_body(plate_number: str, colour: int = 2) -> bytes:
    """0x0100 of 2013: province, city, maker, model, device id, colour, plate."""
    head = (61).to_bytes(2, "big") + (116).to_bytes(2, "big")
    fixed = b"MAKER" + b"MODEL-1".ljust(20, b"\0") + b"DEV0001"
    return head + fixed + bytes([colour]) + plate_number.encode("gbk")


def registrations(*rows: tuple[bytes, bytes]) -> Batch:
    array = np.zeros(len(rows), REGISTRATION.dtype)
    for place, (identity, _body) in enumerate(rows):
        array[place]["at_ms"], array[place]["edition"] = NOW_MS, 13
        array[place]["message_id"] = 0x0100
        array[place]["identity"] = np.void(identity.ljust(10, b"\0"))
        array[place]["identity_length"] = len(identity)
    blobs = Blobs.of([body for _identity, body in rows])
    return Batch(array, blobs, "gateway-1", 0, len(rows), NOW_MS)


def sessions(terminal_id: int, *states: tuple[int, bool]) -> Batch:
    array = np.zeros(len(states), SESSION.dtype)
    for place, (at_ms, is_online) in enumerate(states):
        array[place]["terminal_id"], array[place]["at_ms"] = terminal_id, at_ms
        array[place]["is_online"], array[place]["edition"] = is_online, 13
    blobs = Blobs.of([b""] * len(states))
    return Batch(array, blobs, "gateway-1", 0, len(states), NOW_MS)


def request_of(province: Province) -> object:
    request = RequestFactory().post("/")
    request.user = province.chief
    return request


def test_a_stranger_is_held_once_with_what_it_says(province: Province) -> None:
    batch = registrations((identity_bytes("13912345678"), registration_body(plate(1))))

    take_registrations(batch)
    take_registrations(batch)

    held = Terminal.objects.get()
    assert (held.terminal_number, held.state) == ("13912345678", "pending")
    assert (held.maker, held.device_number) == ("MAKER", "DEV0001")
    assert (held.claimed_plate_number, held.claimed_plate_colour) == (plate(1), 2)
    assert held.region == province.changan


def test_six_and_ten_bytes_of_one_number_are_one_terminal(province: Province) -> None:
    short, wide = identity_bytes("13912345678"), bytes.fromhex("13912345678".rjust(20, "0"))

    take_registrations(registrations((short, b""), (wide, b"")))

    assert terminal_number(short) == terminal_number(wide)
    assert Terminal.objects.count() == 1


def test_hostile_text_from_the_wire_is_kept_harmless(province: Province) -> None:
    body = registration_body("\x00<script>\x1b[31m")

    take_registrations(registrations((identity_bytes("13900000001"), body)))

    assert Terminal.objects.get().claimed_plate_number == "<script>[31m"


def test_the_last_session_row_is_the_state_and_an_old_batch_changes_nothing(
    province: Province,
) -> None:
    terminal = Terminal.objects.create(terminal_number="1", region=province.changan)
    late = sessions(terminal.pk, (NOW_MS, True), (NOW_MS + 5000, False))
    early = sessions(terminal.pk, (NOW_MS, True))

    take_sessions(late)
    take_sessions(early)

    terminal.refresh_from_db()
    assert not terminal.is_online
    assert terminal.last_seen_at is not None
    assert terminal.last_seen_at.timestamp() * 1000 == NOW_MS + 5000


def test_admitting_takes_the_claimed_vehicle_and_reaches_the_roster(
    province: Province, var: Path
) -> None:
    car = vehicle(province, 1)
    take_registrations(
        registrations((identity_bytes("13912345678"), registration_body(car.plate_number)))
    )

    admit_terminal(request_of(province), Terminal.objects.all())
    publish_changed_roster()

    entry = Roster.load(var / "roster.arrow").find(identity_bytes("13912345678"))
    assert entry is not None and entry.vehicle_id == car.pk
    assert entry.speed_limit_kmh == 80 and entry.token


def test_a_terminal_without_a_vehicle_is_not_admitted(province: Province) -> None:
    take_registrations(
        registrations((identity_bytes("13912345678"), registration_body("陕A00009")))
    )

    with pytest.raises(ValidationError, match="没有对应车辆"):
        admit_terminal(request_of(province), Terminal.objects.all())

    assert Terminal.objects.get().state == "pending"


def test_a_second_terminal_is_not_admitted_for_the_same_vehicle(province: Province) -> None:
    car = vehicle(province, 1)
    rows = [(identity_bytes(n), registration_body(car.plate_number)) for n in ("139001", "139002")]
    take_registrations(registrations(*rows))
    first, second = Terminal.objects.order_by("terminal_number")
    admit_terminal(request_of(province), Terminal.objects.filter(pk=first.pk))

    with pytest.raises(ValidationError, match="已装终端 139001"):
        admit_terminal(request_of(province), Terminal.objects.filter(pk=second.pk))


def test_a_retired_terminal_leaves_the_roster_and_gives_its_vehicle_back(
    province: Province, var: Path
) -> None:
    car = vehicle(province, 1)
    Terminal.objects.create(
        terminal_number="1", region=province.changan, vehicle=car, state="admitted", token="t"
    )
    publish_changed_roster()

    retire_terminal(request_of(province), Terminal.objects.all(), "换装")
    publish_changed_roster()

    assert len(Roster.load(var / "roster.arrow")) == 0
    assert Terminal.objects.get().vehicle is None


def test_a_known_terminal_that_registers_again_does_not_rewrite_the_roster(
    province: Province, var: Path
) -> None:
    terminal = Terminal.objects.create(
        terminal_number="1", region=province.changan, vehicle=vehicle(province, 1), state="admitted"
    )
    publish_changed_roster()
    again = registrations((bytes(terminal.identity), registration_body(plate(1))))
    again.rows["terminal_id"] = terminal.pk

    take_registrations(again)
    take_sessions(sessions(terminal.pk, (NOW_MS, True)))

    assert not publish_changed_roster()


def test_refusing_keeps_the_reason(province: Province) -> None:
    take_registrations(registrations((identity_bytes("139001"), registration_body("陕A00009"))))

    refuse_terminal(request_of(province), Terminal.objects.all(), "不是本省车辆")

    assert Terminal.objects.get().note == "不是本省车辆"


def test_a_change_of_limits_in_bulk_reaches_the_roster(province: Province, var: Path) -> None:
    car = vehicle(province, 1)
    Terminal.objects.create(
        terminal_number="1", region=province.changan, vehicle=car, state="admitted", token="t"
    )
    assert publish_changed_roster()
    assert not publish_changed_roster()

    type(province.freight).objects.update(speed_limit_kmh=60)

    assert publish_changed_roster()
    assert Roster.load(var / "roster.arrow").entry(0).speed_limit_kmh == 60
