"""The vehicles of the simulated fleet as columns; one step moves all of them.

Nothing here knows of frames or sockets. Times are seconds since the start of the run.
"""

from dataclasses import dataclass

import numpy as np

from qintong.stream.simulator.roads import Roads

FOLLOWED_JUNCTION = 0.25
STOP_AT_SERVICE_AREA = 0.08
METRES_PER_SECOND = 1 / 3.6
UNLIMITED_KMH = 120.0
ACCELERATION_KMH_PER_S = 2.5
BRAKING_KMH_PER_S = 6.0
ALTITUDES = ((31.7, 33.0, 33.9, 34.3, 35.2, 37.5, 39.5), (520, 640, 1400, 400, 950, 1150, 1250))
"""Latitude and metres: the river valley between the mountains, the plateau in the north."""


MET_AFTER_S = 600.0
"""The fleet is met in the middle of its day: what happened in so many seconds before has begun."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What happens in the fleet, as events an hour for the whole of it, so that a larger fleet does
    not drown the duty desk."""

    overspeed_per_hour: float = 24.0
    sos_per_hour: float = 3.0
    outage_per_hour: float = 30.0
    overspeed_s: tuple[float, float] = (40.0, 180.0)
    sos_s: tuple[float, float] = (20.0, 60.0)
    outage_s: tuple[float, float] = (30.0, 900.0)
    rest_s: tuple[float, float] = (300.0, 1800.0)


class Fleet:
    """`legal_kmh`: the limit of each vehicle; 0 = none. All columns have its length."""

    def __init__(
        self, roads: Roads, legal_kmh: np.ndarray, seed: int, behaviour: Behaviour | None = None
    ) -> None:
        self.roads = roads
        self.behaviour = behaviour or Behaviour()
        self.random = random = np.random.default_rng(seed)
        self.count = count = len(legal_kmh)
        self.now = 0.0
        self.legal_kmh = np.where(legal_kmh > 0, legal_kmh, UNLIMITED_KMH).astype(float)

        length = roads.end - roads.start
        self.route = random.choice(len(length), count, p=length / length.sum())
        self.at = roads.start[self.route] + random.random(count) * length[self.route]
        self.forward = random.choice((-1.0, 1.0), count)
        self.temper = random.uniform(0.78, 0.97, count)
        self.speed_kmh = np.zeros(count)
        self.resting_until = np.where(
            random.random(count) < 0.12, random.uniform(0, 1200, count), 0
        )
        self.hurrying_until = np.zeros(count)
        self.hurry = np.ones(count)
        self.calling_until = np.zeros(count)
        self.dark_until = np.zeros(count)
        self.odometer_m = random.uniform(8e6, 6e8, count)
        self.fuel_l = random.uniform(60, 380, count)
        self.fixed = np.ones(count, bool)
        self.lon, self.lat = roads.place(self.at)
        self.heading = np.zeros(count)
        self._look_around()
        self._happen(MET_AFTER_S)

    @property
    def dark(self) -> np.ndarray:
        """True: without a link just now; reports are kept."""
        return self.dark_until > self.now

    @property
    def calling(self) -> np.ndarray:
        """True: the SOS button is held down."""
        return self.calling_until > self.now

    @property
    def running(self) -> np.ndarray:
        """True: ignition on."""
        return self.resting_until <= self.now

    @property
    def altitude_m(self) -> np.ndarray:
        return np.interp(self.lat, *ALTITUDES)

    def step(self, seconds: float) -> None:
        """Moves the fleet on. Steps longer than a few seconds make coarse tracks, nothing worse."""
        self.now += seconds
        self._happen(seconds)
        self._accelerate(seconds)
        moved_m = self.speed_kmh * METRES_PER_SECOND * seconds
        before = self.at
        self.at = before + self.forward * moved_m
        self.odometer_m += moved_m
        self.fuel_l = np.where(self.fuel_l < 20, 350, self.fuel_l - moved_m * 3.2e-4)
        self._rest(before)
        self._follow_junctions(before)
        self._turn_round()
        self._look_around()

    def _happen(self, seconds: float) -> None:
        """Draws what begins in this step: haste, calls for help, lost links."""
        kinds = (
            (self.behaviour.overspeed_per_hour, self.behaviour.overspeed_s, self.hurrying_until),
            (self.behaviour.sos_per_hour, self.behaviour.sos_s, self.calling_until),
            (self.behaviour.outage_per_hour, self.behaviour.outage_s, self.dark_until),
        )
        for per_hour, span, until in kinds:
            for _ in range(self.random.poisson(per_hour * seconds / 3600)):
                who = int(self.random.integers(self.count))
                until[who] = self.now + self.random.uniform(*span)
                if until is self.hurrying_until:
                    self.hurry[who] = self.random.uniform(1.08, 1.35)

    def _accelerate(self, seconds: float) -> None:
        design = self.roads.design_speed_kmh[self.route]
        wanted = np.minimum(self.legal_kmh, design) * self.temper
        wanted = np.where(self.hurrying_until > self.now, self.legal_kmh * self.hurry, wanted)
        wanted = np.where(self.running, wanted, 0.0)
        wanted += np.where(wanted > 0, self.random.normal(0, 1.5, self.count), 0)
        change = np.clip(
            wanted - self.speed_kmh, -BRAKING_KMH_PER_S * seconds, ACCELERATION_KMH_PER_S * seconds
        )
        self.speed_kmh = np.maximum(self.speed_kmh + change, 0.0)

    def _rest(self, before: np.ndarray) -> None:
        """Some stop where they pass a service area."""
        passed = self._passed(self.roads.service_at, before) >= 0
        stops = passed & (self.random.random(self.count) < STOP_AT_SERVICE_AREA)
        span = self.random.uniform(*self.behaviour.rest_s, self.count)
        self.resting_until = np.where(stops, self.now + span, self.resting_until)

    def _follow_junctions(self, before: np.ndarray) -> None:
        """Some change to the other route where two meet, and go either way on it."""
        passed = self._passed(self.roads.junction_at, before)
        follows = (passed >= 0) & (self.random.random(self.count) < FOLLOWED_JUNCTION)
        who = np.flatnonzero(follows)
        if who.size:
            self.at[who] = self.roads.junction_to[passed[who]]
            self.route[who] = self.roads.junction_route[passed[who]]
            self.forward[who] = self.random.choice((-1.0, 1.0), who.size)

    def _passed(self, marks: np.ndarray, before: np.ndarray) -> np.ndarray:
        """Index of one mark that lies between the positions before and now, or -1."""
        low, high = np.minimum(before, self.at), np.maximum(before, self.at)
        first, after = np.searchsorted(marks, low, "right"), np.searchsorted(marks, high, "right")
        pick = first + (self.random.random(self.count) * (after - first)).astype(np.int64)
        return np.where(after > first, pick, -1)

    def _turn_round(self) -> None:
        start, end = self.roads.start[self.route], self.roads.end[self.route]
        beyond = (self.at <= start) | (self.at >= end)
        self.at = np.clip(self.at, start, end)
        self.forward = np.where(beyond, -self.forward, self.forward)

    def _look_around(self) -> None:
        """Position and heading as the receiver sees them: in a tunnel the last fix stands."""
        self.fixed = ~self.roads.in_tunnel(self.at)
        lon, lat = self.roads.place(self.at)
        bearing = (self.roads.bearing(self.at) + np.where(self.forward > 0, 0, 180)) % 360
        self.lon = np.where(self.fixed, lon, self.lon)
        self.lat = np.where(self.fixed, lat, self.lat)
        self.heading = np.where(self.fixed, bearing, self.heading)
