"""The simulated fleet against the real gateway: real sockets, real log."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from qintong.conf.bootstrap.places import SEED_DIR
from qintong.stream.gateways.jt808.tests.conftest import Start, start  # noqa: F401 - a fixture
from qintong.stream.roster import Entry, Roster
from qintong.stream.simulator.fleet import Behaviour
from qintong.stream.simulator.roads import read_roads
from qintong.stream.simulator.run import Plan, Run
from qintong.stream.topics import POSITION, SESSION

FLEET = 12


def entries() -> list[Entry]:
    """Half with the 6-byte identity of 2011 and 2013, half with the 10 bytes of 2019."""
    numbers = [f"9000000{n:05d}" for n in range(FLEET)]
    return [
        Entry(
            n + 1,
            n + 101,
            bytes.fromhex(number if n % 2 else number.rjust(20, "0")),
            f"QT{n:05d}",
            f"陕A{n:05d}",
            2,
            f"token-{n}",
            80.0,
            600,
        )
        for n, number in enumerate(numbers)
    ]


def drive(port: int, roster: Path, seconds: float, behaviour: Behaviour) -> Run:
    plan = Plan(FLEET, FLEET * 5.0, "127.0.0.1", port, seed=4)
    run = Run(plan, Roster.load(roster), read_roads(SEED_DIR), behaviour)
    with ThreadPoolExecutor(1) as own_loop:  # a browser test of the same worker may hold a loop
        own_loop.submit(asyncio.run, run.drive(seconds)).result()
    return run


def test_every_acknowledged_report_of_the_fleet_is_in_the_log(start: Start) -> None:  # noqa: F811
    stage = start(entries=entries())
    calm = Behaviour(outage_per_hour=0)

    run = drive(stage.port, stage.var / "roster.arrow", 4.0, calm)

    rows, _ = stage.rows(POSITION)
    assert run.tally.refused == 0
    assert run.tally.acknowledged > FLEET * 5
    assert len(rows) >= run.tally.acknowledged
    assert set(rows["vehicle_id"]) == {e.vehicle_id for e in entries()}
    assert {13, 19} <= set(rows["edition"].tolist())
    assert not np.isnan(rows["recorder_speed_kmh"]).any()
    assert (rows["odometer_m"] > 0).all()


def test_what_was_kept_without_a_link_comes_as_backfill(start: Start) -> None:  # noqa: F811
    stage = start(entries=entries())
    patchy = Behaviour(outage_per_hour=3600 * 6, outage_s=(0.5, 1.0))

    run = drive(stage.port, stage.var / "roster.arrow", 6.0, patchy)

    rows, _ = stage.rows(POSITION)
    sessions, _ = stage.rows(SESSION)
    assert run.tally.lost_links > FLEET
    assert rows["is_backfill"].any()
    assert (rows["message_id"][rows["is_backfill"] == 1] == 0x0704).all()
    assert (sessions["is_online"] == 0).any()
