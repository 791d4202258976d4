from datetime import UTC, datetime

import numpy as np
import pytest

from qintong.stream.simulator import reports
from qintong.stream.simulator.fleet import Fleet
from qintong.stream.simulator.frames import decode, encode
from qintong.stream.simulator.terminal import BATCH_REPORTS

PHONE, PHONE_2019 = bytes.fromhex("013900001234"), bytes.fromhex("00000000013900001234")


@pytest.mark.parametrize(
    ("identity", "serial", "frame"),
    [
        (PHONE, 0x7E, "7E 00 02 00 00 01 39 00 00 12 34 00 7D 02 62 7E"),
        (
            PHONE_2019,
            0x7E,
            "7E 00 02 40 00 01 00 00 00 00 01 39 00 00 12 34 00 7D 02 23 7E",
        ),
    ],
)
def test_heartbeats_are_the_worked_frames_of_the_standard(identity, serial, frame):
    assert encode(reports.HEARTBEAT, identity, serial, b"") == bytes.fromhex(frame)


def test_a_damaged_reply_is_skipped_and_the_next_one_read():
    good = encode(0x8001, PHONE, 1, b"\0\x7e\x02\0\0")
    damaged = good.replace(b"\x80", b"\x81")

    assert list(decode(damaged + good)) == [(0x8001, b"\0\x7e\x02\0\0")]


def test_position_bodies_carry_the_columns_of_the_fleet(roads):
    fleet = Fleet(roads, np.full(3, 80.0), 5)
    for _ in range(60):
        fleet.step(1.0)
    fleet.calling_until[1] = fleet.now + 10

    bodies = reports.positions(
        fleet, np.arange(3), datetime(2026, 11, 1, 4, tzinfo=UTC), np.random.default_rng(1)
    )

    assert bodies.dtype.itemsize == 48
    assert bodies["alarm"][1] & reports.SOS
    assert bodies["time"][0].tobytes() == bytes.fromhex("261101120000")
    assert np.allclose(bodies["lon"] / 1e6, fleet.lon, atol=3e-4)
    assert np.allclose(bodies["recorder_speed"] / 10, fleet.speed_kmh, atol=0.06)


@pytest.mark.parametrize(("edition", "width"), [(11, 25), (13, 37), (19, 76)])
def test_registration_has_the_widths_of_its_edition(edition, width):
    body = reports.registration(edition, "QT00001", "陕A12345", 2)

    assert len(body) == width + len("陕A12345".encode("gbk"))
    assert body[width - 1] == 2


def test_a_full_batch_fits_one_packet():
    assert len(reports.backfill([b"\0" * 48] * BATCH_REPORTS)) <= 1023
