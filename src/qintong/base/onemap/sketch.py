"""A piece of map as SVG, drawn on the server: boundaries, routes, and what stands on them.

For places where a picture answers the question and a map that can be moved would be too much. It
works without JavaScript, prints, and has a text name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.db import connection

KEPT_S = 600
"""Boundaries and routes change rarely."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A box of degrees drawn into a box of pixels; a degree of longitude is shortened as at its middle."""

    west: float
    south: float
    east: float
    north: float
    width: int
    height: int

    @classmethod
    def around(cls, lon: float, lat: float, km_across: float, width: int, height: int) -> "Frame":
        half_lon = km_across / 2 / 92
        half_lat = km_across / 2 * height / width / 111.2
        return cls(lon - half_lon, lat - half_lat, lon + half_lon, lat + half_lat, width, height)

    def x(self, lon: float) -> float:
        return round((lon - self.west) / (self.east - self.west) * self.width, 1)

    def y(self, lat: float) -> float:
        return round((self.north - lat) / (self.north - self.south) * self.height, 1)

    def holds(self, lon: float, lat: float) -> bool:
        return self.west <= lon <= self.east and self.south <= lat <= self.north


@dataclass(frozen=True, slots=True)
class Mark:
    """A point with a text beside it. `kind` is its class in the style sheet."""

    x: float
    y: float
    text: str
    kind: str
    href: str = ""
    heading: int = 0
    title: str = ""
    """Name of the link."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """What the template draws, bottom to top. Paths are in pixels of the frame."""

    width: int
    height: int
    title: str
    neighbours: Sequence[str] = ()
    areas: Sequence[str] = ()
    borders: Sequence[str] = ()
    routes: Sequence[str] = ()
    shields: Sequence[Mark] = ()
    labels: Sequence[Mark] = ()
    track: str = ""
    dots: str = ""
    marks: Sequence[Mark] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Ground:
    """The part of a sketch that is the same for everybody."""

    areas: tuple[str, ...]
    neighbours: tuple[str, ...]
    borders: tuple[str, ...]
    routes: tuple[str, ...]
    shields: tuple[Mark, ...]
    labels: tuple[Mark, ...]


def ground(frame: Frame, *, filled: str, outlined: str, grades: Sequence[str]) -> Ground:
    """Boundaries and routes in the frame. `filled`, `outlined`: region levels; `grades`: technical
    grades of routes to draw, () = all."""
    key = f"sketch:{frame}:{filled}:{outlined}:{','.join(grades)}".replace(" ", "")
    found = cache.get(key)
    if found is None:
        labels = tuple(_region_names(frame, outlined))
        found = Ground(
            areas=_region_paths(frame, filled),
            borders=_region_paths(frame, outlined),
            neighbours=_region_paths(frame, "province", outline=True),
            labels=labels,
            **_routes(frame, grades, labels),
        )
        cache.set(key, found, KEPT_S)
    return found


def line(frame: Frame, points: Iterable[tuple[float, float]]) -> str:
    """A path through points; "" for fewer than two."""
    drawn = [f"{frame.x(lon)},{frame.y(lat)}" for lon, lat in points]
    return "M" + "L".join(drawn) if len(drawn) > 1 else ""


def dots(frame: Frame, points: Iterable[tuple[float, float]]) -> str:
    """One path of round dots, however many: the stroke of lines without length."""
    return "".join(f"M{frame.x(lon)},{frame.y(lat)}h0" for lon, lat in points)


def _region_paths(frame: Frame, level: str, outline: bool = False) -> tuple[str, ...]:
    sql = f"""
        select {_SVG.format(geom="st_clipbybox2d(st_simplify(geom, %(tolerance)s), box.wide)")}
        from identity_region, {_BOX}
        where level = %(level)s and is_outline = %(outline)s and geom && box.wide
    """  # noqa: S608 - constants of this module only
    rows = _rows(sql, frame, level=level, outline=outline)
    return tuple(row[0] for row in rows if row[0])


def _region_names(frame: Frame, level: str) -> Iterable[Mark]:
    sql = f"""
        select coalesce(nullif(short_name, ''), name), st_x(centre), st_y(centre)
        from identity_region, {_BOX}
        where level = %(level)s and centre && box.exact and not is_outline
    """  # noqa: S608 - constants of this module only
    return [
        Mark(frame.x(x), frame.y(y), name, "city") for name, x, y in _rows(sql, frame, level=level)
    ]


def _routes(frame: Frame, grades: Sequence[str], labels: Sequence[Mark]) -> dict[str, Any]:
    sql = f"""
        with clipped as (
            select route_code, st_clipbybox2d(st_simplify(geom, %(tolerance)s), box.wide) as geom, box.exact
            from registry_route, {_BOX}
            where geom && box.wide and (%(grades)s = '' or technical_grade = any(string_to_array(%(grades)s, ',')))
        ),
        longest as (
            select distinct on (route_code) route_code, part.geom as geom
            from clipped, lateral st_dump(st_collectionextract(st_intersection(clipped.geom, clipped.exact), 2)) part
            order by route_code, st_length(part.geom) desc
        )
        select c.route_code, {_SVG.format(geom="c.geom")},
               st_x(st_lineinterpolatepoint(l.geom, 0.3)), st_y(st_lineinterpolatepoint(l.geom, 0.3)),
               st_length(l.geom)
        from clipped c left join longest l using (route_code)
        where not st_isempty(c.geom)
        order by c.route_code
    """  # noqa: S608 - constants of this module only
    rows = list(_rows(sql, frame, grades=",".join(grades)))
    shields: list[Mark] = []
    for code, _, lon, lat, length in sorted(rows, key=lambda row: -(row[4] or 0)):
        if lon is None or length < (frame.east - frame.west) / 12:
            continue
        shield = Mark(frame.x(lon), frame.y(lat), code, _shield(code))
        if _is_free(frame, shield, (*shields, *labels)):
            shields.append(shield)
    return {"routes": tuple(row[1] for row in rows if row[1]), "shields": tuple(shields)}


def _is_free(frame: Frame, mark: Mark, others: Sequence[Mark]) -> bool:
    """True when a shield has room there: inside the frame, over no name and no other shield."""
    is_inside = 20 < mark.x < frame.width - 20 and 10 < mark.y < frame.height - 10
    return is_inside and all(abs(o.x - mark.x) > 36 or abs(o.y - mark.y) > 18 for o in others)


def _shield(code: str) -> str:
    if len(code) == 4 and code[1:].isdigit():
        return "trunk"
    return "provincial" if code.startswith("S") else "national"


def _rows(sql: str, frame: Frame, **more: str | bool) -> list[tuple[Any, ...]]:
    sx = frame.width / (frame.east - frame.west)
    sy = frame.height / (frame.north - frame.south)
    values: dict[str, str | float | bool] = {
        **{"west": frame.west, "south": frame.south, "east": frame.east, "north": frame.north},
        **{"sx": sx, "sy": sy, "dx": -frame.west * sx, "dy": -frame.north * sy},
        **{"margin": 8 / sx, "tolerance": 0.6 / sx},
        **more,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


_BOX = """(select st_makeenvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4490) as exact,
           st_expand(st_makeenvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4490), %(margin)s) as wide) box"""
_SVG = "st_assvg(st_affine({geom}, %(sx)s, 0, 0, %(sy)s, %(dx)s, %(dy)s), 0, 1)"
"""st_assvg turns y over, so north is up."""
