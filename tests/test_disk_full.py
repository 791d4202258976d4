"""A full disk stops acknowledgements and nothing else; with room again everything gets through."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ledger import Terminal, five_minutes_ago
from tests.plant import Plant
from tests.test_ledger import acknowledged, judge, reports_in_lake, wait

SIZE_MIB = 48


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(["mount", *options], check=False).returncode != 0:
        pytest.skip("a small file system can be mounted by root only, where containers allow it")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.slow
def test_full_disk_stops_acknowledgements_and_loses_nothing(disk: Path, tmp_path: Path):
    plant = Plant(disk, output=tmp_path)
    entries = plant.admit(6)
    begin = five_minutes_ago()
    terminals = [
        Terminal(entry, plant.port, begin, 0.02, is_fast=bool(number % 2))
        for number, entry in enumerate(entries)
    ]
    for name in plant.commands:
        plant.start(name)
    for terminal in terminals:
        terminal.start()
    wait(lambda: all(t.acknowledged for t in terminals), 60, plant)
    time.sleep(3.5)

    fill(disk / "filler")
    wait(lambda: not progresses(terminals), 30, plant)
    for name in plant.commands:
        plant.kill(name)
    time.sleep(4)
    during = progresses(terminals)
    (disk / "filler").unlink()
    wait(lambda: progresses(terminals), 60, plant)
    for terminal in terminals:
        terminal.stop()
    for terminal in terminals:
        terminal.join(60)
        terminal.abandon()

    assert not during
    assert len(acknowledged(terminals)) == sum(t.sent for t in terminals), plant.said()
    wait(lambda: reports_in_lake(plant) >= len(acknowledged(terminals)), 60, plant)
    assert plant.stop() == {"gateway": 0, "consume": 0}, plant.said()
    judge(plant, terminals)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue


def progresses(terminals: list[Terminal]) -> bool:
    before = len(acknowledged(terminals))
    time.sleep(1)
    return len(acknowledged(terminals)) > before
