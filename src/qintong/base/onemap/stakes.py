"""Between a place on the ground and a stake on a route.

Stakes are interpolated between two neighbouring points of a route that both carry one, so never across
a stretch whose stakes belong to another route. See onemap.md, "Linear referencing".
"""

import re
from dataclasses import dataclass

from django.db import connection

from qintong.base.registry.rules.stake import stake_text

FARTHEST_M = 300
"""A place farther than this from every route has no stake."""

_QUERY = re.compile(r"([GSXYCZ]\d{1,4})(?:\s*K\s*|\s+)(\d{1,4})(?:\+(\d{1,3}))?", re.IGNORECASE)
_SECTIONS = """
    SELECT * FROM (
        SELECT r.id AS route_id, r.route_code, p.stake_m, lead(p.stake_m) OVER w AS next_m,
            ST_MakeLine(p.geom, lead(p.geom) OVER w) AS line
        FROM registry_routepoint p JOIN registry_route r ON r.id = p.route_id
        WINDOW w AS (PARTITION BY p.route_id ORDER BY p.sequence)
    ) section WHERE stake_m IS NOT NULL AND next_m IS NOT NULL"""


@dataclass(frozen=True, slots=True)
class Stake:
    route_id: int
    route_code: str
    stake_m: int
    distance_m: float
    """From the place asked for to the route."""

    def __str__(self) -> str:
        return stake_text(self.stake_m)


def stake_at(lon: float, lat: float) -> Stake | None:
    """Stake nearest to a place; None when no route is within FARTHEST_M."""
    sql = f"""WITH sections AS ({_SECTIONS}),
        place AS (SELECT ST_SetSRID(ST_MakePoint(%s, %s), 4490) AS at)
        SELECT route_id, route_code,
            round(stake_m + (next_m - stake_m) * ST_LineLocatePoint(line, at)),
            ST_Distance(line::geography, at::geography) AS distance_m
        FROM sections, place WHERE line && ST_Expand(at, 0.01)
        ORDER BY distance_m LIMIT 1"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [lon, lat])
        row = cursor.fetchone()
    if row is None or row[3] > FARTHEST_M:
        return None
    return Stake(row[0], row[1], int(row[2]), row[3])


def place_of(route_code: str, stake_m: int) -> tuple[float, float] | None:
    """Longitude and latitude of a stake; None where the route has no such stake."""
    sql = f"""SELECT ST_X(at), ST_Y(at) FROM (
        SELECT ST_LineInterpolatePoint(line, (%s - stake_m)::float8 / (next_m - stake_m)) AS at
        FROM ({_SECTIONS}) s
        WHERE route_code = %s AND %s BETWEEN stake_m AND next_m AND next_m > stake_m
        LIMIT 1) found"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [stake_m, route_code, stake_m])
        return cursor.fetchone()


def parse_stake(text: str) -> tuple[str, int] | None:
    """ "G65 K1034+200" → ("G65", 1034200). None when it is not a route with a stake."""
    match = _QUERY.fullmatch(text.strip())
    if match is None:
        return None
    return match[1].upper(), int(match[2]) * 1000 + int((match[3] or "0").ljust(3, "0"))
