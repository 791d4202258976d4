"""What one day's reports of a vehicle say: how far, how long on line, where it stood. Pure."""

from dataclasses import dataclass

import numpy as np

GAP_S = 300
"""Reports farther apart than this are not joined: nobody knows where the vehicle was between them."""
STOP_S = 180
"""Standing shorter than this is traffic, not a stop."""
STANDING_KMH = 3.0
STANDING_RADIUS_M = 60.0

_EARTH_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class Stop:
    """The vehicle stood: from its first to its last report there, in seconds since 1970."""

    start_s: float
    end_s: float
    lon: float
    lat: float

    @property
    def lasts_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class TrackFacts:
    distance_m: float
    online_s: float
    fastest_kmh: float
    """NaN when no report carries a speed."""
    gaps: int
    stops: tuple[Stop, ...]


def steps_m(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Great-circle metres from each place to the next; float64[n-1] of degrees float64[n]."""
    lon, lat = np.radians(lon), np.radians(lat)
    half = (
        np.sin(np.diff(lat) / 2) ** 2
        + np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(np.diff(lon) / 2) ** 2
    )
    return 2 * _EARTH_M * np.arcsin(np.sqrt(half))


def track_facts(
    at_s: np.ndarray, lon: np.ndarray, lat: np.ndarray, speed_kmh: np.ndarray
) -> TrackFacts:
    """Of reports in the order of time. Distance and time on line do not run across gaps."""
    waits = np.diff(at_s)
    is_joined = waits <= GAP_S
    speeds = speed_kmh[~np.isnan(speed_kmh)]
    return TrackFacts(
        distance_m=float(steps_m(lon, lat)[is_joined].sum()),
        online_s=float(waits[is_joined].sum()),
        fastest_kmh=float(speeds.max()) if len(speeds) else float("nan"),
        gaps=int((~is_joined).sum()),
        stops=tuple(_stops(at_s, lon, lat, speed_kmh, is_joined)),
    )


def _stops(
    at_s: np.ndarray,
    lon: np.ndarray,
    lat: np.ndarray,
    speed_kmh: np.ndarray,
    is_joined: np.ndarray,
) -> list[Stop]:
    """Runs of reports that stand, near the run's first one, without a gap."""
    stops: list[Stop] = []
    first = 0
    is_standing = np.nan_to_num(speed_kmh) < STANDING_KMH
    while first < len(at_s):
        last = first
        while (
            is_standing[first]
            and last + 1 < len(at_s)
            and is_standing[last + 1]
            and is_joined[last]
            and steps_m(lon[[first, last + 1]], lat[[first, last + 1]])[0] <= STANDING_RADIUS_M
        ):
            last += 1
        if at_s[last] - at_s[first] >= STOP_S:
            stops.append(
                Stop(float(at_s[first]), float(at_s[last]), float(lon[first]), float(lat[first]))
            )
        first = last + 1
    return stops
