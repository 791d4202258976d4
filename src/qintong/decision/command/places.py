"""A position in words: 西安市 长安区，G65 K629+620."""

from dataclasses import dataclass

from django.contrib.gis.geos import Point

from qintong.base.identity.models import Region
from qintong.base.onemap.stakes import stake_at
from qintong.base.registry.rules.stake import stake_text


@dataclass(frozen=True, slots=True)
class Place:
    """Where a position lies. Empty parts are unknown: outside the province, far from any route."""

    region: Region | None
    words: str
    route_code: str = ""
    stake_m: int | None = None


def place_of(lon: float, lat: float) -> Place:
    """County by containment, stake of the nearest route."""
    point = Point(lon, lat, srid=4490)
    county = (
        Region.objects.filter(level=Region.Level.COUNTY, geom__contains=point)
        .select_related("parent")
        .first()
    )
    stake = stake_at(lon, lat)
    parts = []
    if county is not None:
        parts.append(f"{county.parent.name} {county.name}" if county.parent else county.name)
    if stake is None:
        return Place(county, "，".join(parts))
    parts.append(f"{stake.route_code} {stake_text(stake.stake_m)}")
    return Place(county, "，".join(parts), stake.route_code, stake.stake_m)
