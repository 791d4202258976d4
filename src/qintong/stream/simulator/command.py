"""`qintong simulate`: a labelled, invented fleet on real links."""

import argparse
import asyncio
import contextlib
import os
import resource
import signal
import sys
from pathlib import Path

import uvloop

from qintong.stream.simulator.roads import RoadsError, read_roads
from qintong.stream.simulator.run import Plan, Run, wait_for_roster

DESCRIPTORS_BESIDE_LINKS = 64


def main(argv: list[str], *, roster: Path, roads: Path) -> int:
    """Runs until interrupted. `roster`: snapshot of the terminals; `roads`: directory of the seed."""
    parser = argparse.ArgumentParser(
        prog="qintong simulate", description="Opens N links and drives N vehicles (演示数据)."
    )
    parser.add_argument("--vehicles", type=int, default=500, metavar="N")
    parser.add_argument(
        "--rate", type=float, default=50.0, metavar="S", help="reports a second of the whole fleet"
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--port", type=int, default=int(os.environ.get("QINTONG_JT808_PORT", "6808"))
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same journeys")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    chosen = parser.parse_args(argv)
    if chosen.vehicles < 1 or chosen.rate <= 0:
        parser.error("--vehicles and --rate must be positive")
    if (limit := _raise_descriptor_limit()) < chosen.vehicles + DESCRIPTORS_BESIDE_LINKS:
        parser.error(
            f"{chosen.vehicles} links need more open files than the {limit} allowed; "
            "raise `ulimit -n` or start several with fewer vehicles"
        )
    plan = Plan(chosen.vehicles, chosen.rate, chosen.host, chosen.port, chosen.seed)
    try:
        ways = read_roads(roads)
    except RoadsError as error:
        print(f"qintong simulate: {error}", file=sys.stderr)  # noqa: T201 - command line
        return 1

    async def run() -> None:
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        await Run(plan, await wait_for_roster(roster), ways).drive(chosen.seconds)

    with contextlib.suppress(asyncio.CancelledError):
        uvloop.run(run())
    return 0


def _raise_descriptor_limit() -> int:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
