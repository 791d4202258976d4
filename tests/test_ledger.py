"""Kill anything at any moment: what was acknowledged is in the lake, exactly once."""

import itertools
import random
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from qintong.stream.lake import Lake, lake_path
from qintong.stream.log.local import LocalLog
from qintong.stream.rules import Rule
from qintong.stream.state import State, state_path
from qintong.stream.topics import ALARM
from tests.ledger import Key, Terminal, five_minutes_ago
from tests.plant import FullPlant, Plant


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    plant = Plant(tmp_path)
    yield plant
    plant.stop()


@pytest.fixture
def full_plant(tmp_path: Path) -> Iterator[FullPlant]:
    plant = FullPlant(tmp_path)
    yield plant
    plant.remove()


def test_what_was_acknowledged_is_in_the_lake_exactly_once(plant: Plant):
    terminals = report_and_kill(plant, count=8, seconds=2, pause_s=0.02, calm_s=(0.3, 1.5))

    assert plant.stop() == {"gateway": 0, "consume": 0}, plant.said()
    judge(plant, terminals)


@pytest.mark.slow
def test_long_load_with_database_and_web_killed_too(full_plant: FullPlant):
    plant = full_plant
    terminals = report_and_kill(plant, count=40, seconds=90, pause_s=0.01, calm_s=(0.1, 4.0))

    keys = incidents(plant)
    wait(lambda: len(recorded(plant)) >= len(keys), 60, plant)
    wait(lambda: serves(plant), 60, plant)
    assert recorded(plant) == dict.fromkeys(keys, 1)
    codes = plant.stop()
    assert codes.pop("web") in {0, -signal.SIGTERM}  # uvicorn ends by the signal it was given
    assert set(codes.values()) == {0}, plant.said()
    judge(plant, terminals)


def report_and_kill(
    plant: Plant, count: int, seconds: float, pause_s: float, calm_s: tuple[float, float]
) -> list[Terminal]:
    """Terminals report while one process after another is killed; then every report gets through."""
    entries = plant.admit(count)
    begin = five_minutes_ago()
    terminals = [
        Terminal(entry, plant.port, begin, pause_s, is_fast=bool(number % 2))
        for number, entry in enumerate(entries)
    ]
    for name in plant.commands:
        plant.start(name)
    for terminal in terminals:
        terminal.start()
    wait(lambda: all(t.acknowledged for t in terminals), 60, plant)

    chance = random.Random()
    until = time.monotonic() + seconds
    for victim in itertools.cycle(plant.victims):
        time.sleep(chance.uniform(*calm_s))
        plant.kill(victim)
        if time.monotonic() > until and victim == plant.victims[-1]:
            break
    for terminal in terminals:
        terminal.stop()
    for terminal in terminals:
        terminal.join(60)
        terminal.abandon()
    ledger = acknowledged(terminals)
    assert len(ledger) == sum(t.sent for t in terminals), plant.said()
    wait(lambda: reports_in_lake(plant) >= len(ledger), 60, plant)
    return terminals


def judge(plant: Plant, terminals: list[Terminal]) -> None:
    """Ledger, lake, state and alarms agree, before and after the lake is sealed."""
    ledger = acknowledged(terminals)
    lake = Lake(lake_path(plant.var))
    assert reports_of(lake) == dict.fromkeys(ledger, 1)
    assert "rows sealed" in plant.run("lake", "seal")
    assert reports_of(lake) == dict.fromkeys(ledger, 1)
    assert " 0 faults" in plant.run("lake", "verify")

    state = State.open_read(state_path(plant.var))
    for terminal in terminals:
        last = max(at for _, at, _ in terminal.acknowledged)
        assert state.get(terminal.entry.vehicle_id)["device_at_ms"] == last
    assert len(incidents(plant)) == sum(t.is_fast for t in terminals)


def acknowledged(terminals: list[Terminal]) -> set[Key]:
    return set().union(*(t.acknowledged for t in terminals))


def reports_of(lake: Lake) -> dict[Key, int]:
    """How often each report is in the lake."""
    table = lake.query(
        "select terminal_id, device_at_ms, serial, count(*) from position group by all"
    )
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return {(terminal, at, serial): times for terminal, at, serial, times in rows}


def reports_in_lake(plant: Plant) -> int:
    return len(reports_of(Lake(lake_path(plant.var))))


def incidents(plant: Plant) -> set[int]:
    """Keys of the overspeed alarms in the log."""
    found: set[int] = set()
    reader = LocalLog(plant.var / "log", None).reader(ALARM, f"test-{time.monotonic_ns()}")
    while (batch := reader.read()) is not None:
        found |= set(batch.rows["incident_key"][batch.rows["rule"] == Rule.OVERSPEED].tolist())
    return found


def recorded(plant: FullPlant) -> dict[int, int]:
    """How often each overspeed alarm is on the duty desk."""
    with psycopg.connect(plant.cluster.url) as connection:
        return dict(
            connection.execute(
                "select incident_key, count(*) from command_alarm where rule = %s group by 1",
                [int(Rule.OVERSPEED)],
            ).fetchall()
        )


def serves(plant: FullPlant) -> bool:
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{plant.web_port}/health/", timeout=5
        ) as page:
            return page.status == 200
    except OSError:
        return False


def wait(until: Callable[[], bool], seconds: float, plant: Plant) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, plant.said()
        time.sleep(0.2)
