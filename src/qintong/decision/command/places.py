"""A position in words: 西安市 长安区, G65 K629+620."""

from dataclasses import dataclass

from django.contrib.gis.geos import Point
from django.db import connection

from qintong.base.identity.models import Region
from qintong.base.registry.rules.stake import stake_text

ROUTE_WITHIN_M = 3_000
"""Lines of the seed are schematic to 5 km; nearer than this a route is named."""
DEGREES_PER_M = 1 / 92_000
"""One metre of longitude at 34 degrees north: a generous box for the index."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a position lies. Empty parts are unknown: outside the province, far from any route."""

    region: Region | None
    words: str
    route_code: str = ""
    stake_m: int | None = None


def place_of(lon: float, lat: float) -> Place:
    """County by containment; the nearest route, and the stake between its two nearest points."""
    point = Point(lon, lat, srid=4490)
    county = (
        Region.objects.filter(level=Region.Level.COUNTY, geom__contains=point)
        .select_related("parent")
        .first()
    )
    route_code, stake_m = _on_route(lon, lat)
    parts = []
    if county is not None:
        parts.append(f"{county.parent.name} {county.name}" if county.parent else county.name)
    if route_code:
        parts.append(f"{route_code} {stake_text(stake_m)}" if stake_m is not None else route_code)
    return Place(county, "，".join(parts), route_code, stake_m)


def _on_route(lon: float, lat: float) -> tuple[str, int | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            _NEAREST,
            {
                "lon": lon,
                "lat": lat,
                "box": ROUTE_WITHIN_M * DEGREES_PER_M,
                "within": ROUTE_WITHIN_M,
            },
        )
        row = cursor.fetchone()
    return (row[0], row[1]) if row else ("", None)


_NEAREST = """
with here as (select st_setsrid(st_makepoint(%(lon)s, %(lat)s), 4490) as point),
route as (
    select r.id, r.route_code, r.geom
    from registry_route r, here
    where r.geom && st_expand(here.point, %(box)s)
      and st_dwithin(r.geom::geography, here.point::geography, %(within)s)
    order by r.geom <-> here.point
    limit 1
),
near as (
    select p.stake_m, st_distance(p.geom::geography, here.point::geography) as distance_m
    from registry_routepoint p join route on p.route_id = route.id, here
    where p.stake_m is not null
    order by p.geom <-> here.point
    limit 2
)
select route.route_code,
       (select round(sum(stake_m / greatest(distance_m, 1)) / sum(1 / greatest(distance_m, 1)))::int
        from near having count(*) = 2)
from route
"""
"""Stakes are interpolated by distance between the two nearest points of the route that have one."""
