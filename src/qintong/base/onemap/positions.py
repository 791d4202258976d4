"""The latest position of a vehicle, as pages want it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from django.conf import settings

from qintong.stream.state import State, state_path


@dataclass(frozen=True, slots=True)
class Here:
    """Degrees CGCS2000, km/h, degrees clockwise from north, the device's time."""

    lon: float
    lat: float
    speed_kmh: float
    heading_deg: int
    at: datetime


@cache
def state() -> State:
    """One for the process: it maps the file once."""
    return State.open_read(state_path(settings.VAR_DIR))


def position_of(vehicle_id: int) -> Here | None:
    """None when the vehicle was never heard with a position."""
    row = state().get(vehicle_id)
    if row is None or not row["device_at_ms"]:
        return None
    return Here(
        float(row["lon_e6"]) / 1e6,
        float(row["lat_e6"]) / 1e6,
        float(row["speed_kmh"]),
        int(row["heading_deg"]),
        datetime.fromtimestamp(int(row["device_at_ms"]) / 1000, UTC),
    )
