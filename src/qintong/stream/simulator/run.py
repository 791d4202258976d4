"""Keeps a simulated fleet on the road: opens links, moves everybody, sends what is due."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import structlog

from qintong.stream.roster import Roster
from qintong.stream.simulator.fleet import Behaviour, Fleet
from qintong.stream.simulator.reports import positions
from qintong.stream.simulator.roads import Roads
from qintong.stream.simulator.terminal import Tally, Terminal

TICK_S = 0.1
STEP_S = 0.5
HEARTBEAT_S = 60.0
LINKS_PER_TICK = 30
"""New links in one tick: 300 a second, within what a gateway grants one address."""
REPORT_EVERY_S = 10.0
OLD_EDITION_SHARE = 0.35
"""Of the terminals with six identity bytes, those that speak 2011."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """`rate`: position reports a second of the whole fleet."""

    vehicles: int
    rate: float
    host: str
    port: int
    seed: int = 1


async def wait_for_roster(path: Path) -> Roster:
    """The roster, as soon as it names a terminal."""
    told = False
    while not len(roster := Roster.load(path)):
        if not told:
            log.info("waiting_for_roster", path=str(path))
            told = True
        await asyncio.sleep(1)
    return roster


class Run:
    """A fleet on its way to one gateway. `tally` counts what happened."""

    def __init__(
        self, plan: Plan, roster: Roster, roads: Roads, behaviour: Behaviour | None = None
    ) -> None:
        self.plan = plan
        self.tally = Tally()
        self.random = np.random.default_rng(plan.seed)
        entries = [roster.entry(place) for place in range(min(plan.vehicles, len(roster)))]
        if len(entries) < plan.vehicles:
            log.warning("roster_is_smaller", asked=plan.vehicles, terminals=len(entries))
        count = len(entries)
        self.terminals = [
            Terminal(entry, self._edition(entry.edition_pinned, len(entry.identity)), self.tally)
            for entry in entries
        ]
        self.fleet = Fleet(roads, roster.speed_limit_kmh[:count], plan.seed, behaviour)
        self.period_s = plan.vehicles / plan.rate
        self.report_at = self.random.random(count) * self.period_s
        self.heartbeat_at = self.random.random(count) * HEARTBEAT_S
        self.call_at = np.zeros(count)
        self._calls: set[asyncio.Task[None]] = set()

    async def drive(self, seconds: float = float("inf")) -> None:
        """Runs until the time is over or the task is cancelled; hangs up at the end."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        moved, told = 0.0, 0.0
        try:
            while (now := loop.time() - began) < seconds:
                if now - moved >= STEP_S:
                    self.fleet.step(now - moved)
                    moved = now
                self._lose_links()
                self._call(now)
                self._report(now)
                if now - told >= REPORT_EVERY_S:
                    log.info("fleet", **{n: getattr(self.tally, n) for n in Tally.__slots__})
                    told = now
                await asyncio.sleep(max(0.0, began + now + TICK_S - loop.time()))
        finally:
            for call in self._calls:
                call.cancel()
            for terminal in self.terminals:
                terminal.hang_up()

    def _edition(self, pinned: int, identity_length: int) -> int:
        if identity_length == 10:
            return 19
        if pinned:
            return pinned
        return 11 if self.random.random() < OLD_EDITION_SHARE else 13

    def _lose_links(self) -> None:
        for who in np.flatnonzero(self.fleet.dark):
            self.terminals[who].hang_up()

    def _call(self, now: float) -> None:
        """Opens links for terminals without one whose wait is over."""
        waiting = np.flatnonzero((self.call_at <= now) & ~self.fleet.dark)
        opened = 0
        for who in waiting:
            terminal = self.terminals[who]
            if terminal.linked:
                continue
            if opened == LINKS_PER_TICK:
                break
            opened += 1
            self.call_at[who] = now + terminal.back_off() * self.random.uniform(0.8, 1.2)
            call = asyncio.ensure_future(self._open(terminal))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    async def _open(self, terminal: Terminal) -> None:
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: terminal, self.plan.host, self.plan.port
            )
        except OSError:
            self.tally.unanswered_calls += 1

    def _report(self, now: float) -> None:
        due = np.flatnonzero(self.report_at <= now)
        if due.size:
            self.report_at[due] += self.period_s * np.ceil(
                (now - self.report_at[due]) / self.period_s + 1e-9
            )
            bodies = positions(self.fleet, due, datetime.now(UTC), self.random)
            width, data = bodies.dtype.itemsize, bodies.tobytes()
            for index, who in enumerate(due):
                self.terminals[who].report(data[index * width : (index + 1) * width])
        for who in np.flatnonzero(self.heartbeat_at <= now):
            self.terminals[who].heartbeat()
            self.heartbeat_at[who] = now + HEARTBEAT_S
