"""Kill anything at any moment: what was acknowledged is in the lake, exactly once."""

import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qintong.conf.bootstrap.places import VAR_DIR
from qintong.stream import roster
from qintong.stream.lake import Lake, lake_path
from qintong.stream.log.local import LocalLog
from qintong.stream.rules import Rule
from qintong.stream.state import State, state_path
from qintong.stream.topics import ALARM
from tests.ledger import Key, Terminal, five_minutes_ago

QINTONG = [sys.executable, "-c", "import sys; from qintong.conf.cli import main; sys.exit(main())"]
LIMIT_KMH, FAST_KMH, SLOW_KMH = 80, 110, 60


class Plant:
    """A gateway and its consumers as processes of their own, in a directory of their own."""

    def __init__(self, var: Path) -> None:
        self.var = var
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._commands = {
            "gateway": ["gateway", "--host", "127.0.0.1", "--port", str(self.port)],
            "consume": ["consume", "state", "lake", "rules"],
        }
        self._running: dict[str, subprocess.Popen] = {}

    def start(self, name: str) -> None:
        compiled = os.environ.get("NUMBA_CACHE_DIR", str(VAR_DIR.parent / "numba"))
        self._running[name] = subprocess.Popen(
            [*QINTONG, *self._commands[name]],
            env=os.environ | {"QINTONG_VAR": str(self.var), "NUMBA_CACHE_DIR": compiled},
            stdout=(self.var / f"{name}.out").open("ab"),
            stderr=subprocess.STDOUT,
        )

    def kill(self, name: str) -> None:
        """kill -9, and start it again."""
        self._running[name].send_signal(signal.SIGKILL)
        self._running[name].wait()
        self.start(name)

    def stop(self) -> dict[str, int]:
        """As the supervisor does; the exit codes."""
        for process in self._running.values():
            process.terminate()
        codes = {}
        for name, process in self._running.items():
            try:
                codes[name] = process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                codes[name] = process.wait()
        self._running.clear()
        return codes

    def said(self) -> str:
        return "\n".join(p.read_text()[-3000:] for p in sorted(self.var.glob("*.out")))


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    plant = Plant(tmp_path)
    yield plant
    plant.stop()


def admit(plant: Plant, terminals: list[Terminal]) -> None:
    entries = [
        roster.Entry(
            t.number, t.number, t.identity, speed_limit_kmh=LIMIT_KMH, offline_limit_s=3600
        )
        for t in terminals
    ]
    roster.write(plant.var / "roster.arrow", entries)


def reports_of(lake: Lake) -> dict[Key, int]:
    """How often each report is in the lake, asked in the way that hides no repetition."""
    table = lake.query(
        "select terminal_id, device_at_ms, serial, count(*) from position group by all"
    )
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return {(terminal, at, serial): times for terminal, at, serial, times in rows}


def run(
    plant: Plant, count: int, seconds: float, pause_s: float, calm_s: tuple[float, float]
) -> None:
    begin = five_minutes_ago()
    terminals = [
        Terminal(n, plant.port, begin, pause_s, FAST_KMH if n % 2 else SLOW_KMH)
        for n in range(1, count + 1)
    ]
    admit(plant, terminals)
    for name in ("gateway", "consume"):
        plant.start(name)
    for terminal in terminals:
        terminal.start()
    _wait(lambda: all(t.acknowledged for t in terminals), 60, plant)

    chance = random.Random()
    until = time.monotonic() + seconds
    for victim in itertools.cycle(["gateway", "consume"]):
        time.sleep(chance.uniform(*calm_s))
        plant.kill(victim)
        if time.monotonic() > until and victim == "consume":
            break
    for terminal in terminals:
        terminal.stop()
    for terminal in terminals:
        terminal.join(60)
        terminal.abandon()
    acknowledged = set().union(*(t.acknowledged for t in terminals))
    assert len(acknowledged) == sum(t.sent for t in terminals), plant.said()

    lake = Lake(lake_path(plant.var))
    _wait(lambda: len(reports_of(lake)) >= len(acknowledged), 60, plant)
    codes = plant.stop()
    assert reports_of(lake) == dict.fromkeys(acknowledged, 1)
    assert codes == {"gateway": 0, "consume": 0}, plant.said()

    sealed = subprocess.run(
        [*QINTONG, "lake", "seal"],
        env=os.environ | {"QINTONG_VAR": str(plant.var)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert "rows sealed" in sealed.stdout
    assert reports_of(lake) == dict.fromkeys(acknowledged, 1)

    state = State.open_read(state_path(plant.var))
    for terminal in terminals:
        last = max(at for number, at, _ in acknowledged if number == terminal.number)
        assert state.get(terminal.number)["device_at_ms"] == last
    assert _overspeeding(plant) == {t.number: 1 for t in terminals if t.number % 2}


def _overspeeding(plant: Plant) -> dict[int, int]:
    """Number of different overspeed incidents of each vehicle."""
    found: dict[int, set[int]] = {}
    reader = LocalLog(plant.var / "log", None).reader(ALARM, "test")
    while (batch := reader.read()) is not None:
        for alarm in batch.rows[batch.rows["rule"] == Rule.OVERSPEED]:
            found.setdefault(int(alarm["vehicle_id"]), set()).add(int(alarm["incident_key"]))
    return {vehicle: len(keys) for vehicle, keys in found.items()}


def _wait(until, seconds: float, plant: Plant) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, plant.said()
        time.sleep(0.1)


def test_what_was_acknowledged_is_in_the_lake_exactly_once(plant: Plant):
    run(plant, count=8, seconds=3, pause_s=0.02, calm_s=(0.3, 2.0))


@pytest.mark.slow
def test_what_was_acknowledged_is_in_the_lake_exactly_once_under_long_load(plant: Plant):
    run(plant, count=40, seconds=90, pause_s=0.005, calm_s=(0.1, 4.0))
