"""The evidence behind a track: its reports, a page at a time."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator

from qintong.base.onemap.tracks import CHINA, Track
from qintong.stream.quality import Quality

_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Report:
    at: datetime
    received_at: datetime
    lon: float
    lat: float
    speed_kmh: float | None
    heading_deg: int
    altitude_m: int
    odometer_km: float | None
    is_backfill: bool
    quality: str
    """Titles of what was found fault with."""


def report_page(track: Track, number: str) -> tuple[Page, list[Report]]:
    """A page and its reports, newest first. A number out of range gives the nearest page."""
    page = Paginator(range(len(track)), _PER_PAGE).get_page(number)
    wanted = [len(track) - 1 - i for i in page.object_list]
    return page, [_report(row) for row in track.table.take(wanted).to_pylist()]


def _report(row: dict[str, Any]) -> Report:
    speed = row["speed_kmh"]
    return Report(
        at=datetime.fromtimestamp(row["device_at_ms"] / 1000, CHINA),
        received_at=datetime.fromtimestamp(row["received_at_ms"] / 1000, CHINA),
        lon=row["lon_e6"] / 1e6,
        lat=row["lat_e6"] / 1e6,
        speed_kmh=None if math.isnan(speed) else speed,
        heading_deg=row["heading_deg"],
        altitude_m=row["altitude_m"],
        odometer_km=row["odometer_m"] / 1000 if row["odometer_m"] >= 0 else None,
        is_backfill=bool(row["is_backfill"]),
        quality="、".join(bit.title for bit in Quality(row["quality"])),
    )
