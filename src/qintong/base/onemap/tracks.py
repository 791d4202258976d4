"""One vehicle's day: the reports of the lake that have a place, in the order of the device's time."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from django.conf import settings

from qintong.base.onemap.track_facts import GAP_S, TrackFacts, track_facts
from qintong.stream.lake import Lake, lake_path
from qintong.stream.quality import NO_PLACE, is_placed

CHINA = ZoneInfo("Asia/Shanghai")
_COLUMNS = (
    "device_at_ms",
    "received_at_ms",
    "lon_e6",
    "lat_e6",
    "altitude_m",
    "speed_kmh",
    "heading_deg",
    "odometer_m",
    "satellites",
    "edition",
    "is_backfill",
    "quality",
)


@dataclass(frozen=True)
class Track:
    """Columns of equal length: reports with a place. `reports` counts those without one as well."""

    table: pa.Table
    reports: int

    def __len__(self) -> int:
        return self.table.num_rows

    @cached_property
    def at_s(self) -> np.ndarray:
        return self._column("device_at_ms") / 1000

    @cached_property
    def lon(self) -> np.ndarray:
        return self._column("lon_e6") / 1e6

    @cached_property
    def lat(self) -> np.ndarray:
        return self._column("lat_e6") / 1e6

    @cached_property
    def speed_kmh(self) -> np.ndarray:
        return self._column("speed_kmh")

    @cached_property
    def facts(self) -> TrackFacts:
        return track_facts(self.at_s, self.lon, self.lat, self.speed_kmh)

    def pieces(self) -> list[slice]:
        """Stretches without a gap."""
        breaks = np.flatnonzero(np.diff(self.at_s) > GAP_S) + 1
        edges = [0, *breaks.tolist(), len(self)]
        return [slice(a, b) for a, b in pairwise(edges) if b > a]

    def _column(self, name: str) -> np.ndarray:
        return self.table[name].to_numpy()


def track_of(vehicle_id: int, day: date) -> Track:
    """Reports whose device time lies on that day in China."""
    start = datetime.combine(day, time(), CHINA)
    table = _lake().track(vehicle_id, start, start + timedelta(days=1), _COLUMNS)
    has_place = (table["quality"].to_numpy() & int(NO_PLACE)) == 0
    return Track(table.filter(pa.array(has_place)), table.num_rows)


def places(vehicle_id: int, start: datetime, end: datetime) -> list[tuple[float, float]]:
    """Longitude and latitude of the placed reports between two times, oldest first."""
    table = _lake().track(vehicle_id, start, end, ("lon_e6", "lat_e6", "quality"))
    placed = is_placed(table["quality"].to_numpy())
    lon, lat = (table[name].to_numpy()[placed] / 1e6 for name in ("lon_e6", "lat_e6"))
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


@cache
def _lake() -> Lake:
    """One for the process: it keeps the metadata of the files it has read."""
    return Lake(lake_path(settings.VAR_DIR))
