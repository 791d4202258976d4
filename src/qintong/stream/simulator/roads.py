"""The routes the fleet drives on: all of them on one axis, so that one array operation moves everybody.

Each route occupies an interval of the axis (its `base` to `base + length_m`), with a gap to the next.
A position on the axis gives a point of the map, a design speed and what lies there.
"""

import csv
import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np

GAP_M = 10_000.0
"""Between the intervals of two routes: nobody crosses it by driving on."""

EARTH_M_PER_DEG = 111_195.0

Point = tuple[float, float]


class RoadsError(Exception):
    """The route files cannot be used; the message names file and reason."""


@dataclass(frozen=True)
class Roads:
    """Routes as arrays. Distances in metres along the axis, coordinates in degrees, speeds in km/h."""

    codes: tuple[str, ...]
    start: np.ndarray
    end: np.ndarray
    design_speed_kmh: np.ndarray
    vertex_at: np.ndarray
    vertex_lon: np.ndarray
    vertex_lat: np.ndarray
    service_at: np.ndarray
    """Service areas, ascending."""
    tunnel_from: np.ndarray
    tunnel_to: np.ndarray
    junction_at: np.ndarray
    """Points where routes meet, ascending, one entry for each pair and direction."""
    junction_to: np.ndarray
    """Where on the axis the other route has the same point."""
    junction_route: np.ndarray

    def place(self, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Longitude and latitude of positions on the axis."""
        return (
            np.interp(at, self.vertex_at, self.vertex_lon),
            np.interp(at, self.vertex_at, self.vertex_lat),
        )

    def bearing(self, at: np.ndarray) -> np.ndarray:
        """Degrees clockwise from north of the way ahead, in the direction of increasing stakes."""
        after = np.clip(np.searchsorted(self.vertex_at, at, "right"), 1, len(self.vertex_at) - 1)
        lon, lat = self.vertex_lon, self.vertex_lat
        east = (lon[after] - lon[after - 1]) * np.cos(np.radians(lat[after]))
        north = lat[after] - lat[after - 1]
        return np.degrees(np.arctan2(east, north)) % 360.0

    def in_tunnel(self, at: np.ndarray) -> np.ndarray:
        if not len(self.tunnel_from):
            return np.zeros(len(at), bool)
        nearest = np.searchsorted(self.tunnel_from, at, "right") - 1
        return (nearest >= 0) & (at < self.tunnel_to[np.maximum(nearest, 0)])


def read_roads(directory: Path) -> Roads:
    """Reads routes.csv, route_points.csv and structures.csv of the seed. Raises RoadsError."""
    routes = {row["route_code"]: row for row in _rows(directory / "routes.csv")}
    points: dict[str, list[Point]] = {code: [] for code in routes}
    stakes: dict[str, list[float]] = {code: [] for code in routes}
    for row in sorted(_rows(directory / "route_points.csv"), key=lambda row: int(row["seq"])):
        points[row["route_code"]].append((float(row["lon"]), float(row["lat"])))
        stakes[row["route_code"]].append(float(row["stake_m"] or "nan"))
    codes = tuple(code for code in routes if len(points[code]) > 1)
    if not codes:
        raise RoadsError(f"no route with points in {directory}")

    start, end, at, lon, lat = [], [], [], [], []
    named_at: dict[str, np.ndarray] = {}
    base = 0.0
    for code in codes:
        line, named = _line(points[code], points)
        along = base + _chainage(line)
        named_at[code] = along[named]
        start.append(base)
        end.append(float(along[-1]))
        at.append(along)
        lon.append([p[0] for p in line])
        lat.append([p[1] for p in line])
        base = float(along[-1]) + GAP_M

    services, tunnels = [], []
    for row in _rows(directory / "structures.csv"):
        code = row["route_code"]
        if code not in named_at or not row["stake_m"]:
            continue
        middle = _at_stake(float(row["stake_m"]), stakes[code], named_at[code])
        if row["kind"] == "service_area":
            services.append(middle)
        elif row["kind"] == "tunnel" and row["length_m"]:
            half = float(row["length_m"]) / 2
            tunnels.append((middle - half, middle + half))

    tunnels.sort()
    junctions = _junctions(codes, points, named_at)
    return Roads(
        codes=codes,
        start=np.array(start),
        end=np.array(end),
        design_speed_kmh=np.array([float(routes[c]["design_speed_kmh"]) for c in codes]),
        vertex_at=np.concatenate(at),
        vertex_lon=np.concatenate(lon),
        vertex_lat=np.concatenate(lat),
        service_at=np.sort(np.array(services, float)),
        tunnel_from=np.array([t[0] for t in tunnels], float),
        tunnel_to=np.array([t[1] for t in tunnels], float),
        junction_at=np.array([j[0] for j in junctions], float),
        junction_to=np.array([j[1] for j in junctions], float),
        junction_route=np.array([j[2] for j in junctions], np.int64),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise RoadsError(f"cannot read {path}: {error.strerror}") from error


def _line(own: list[Point], every: dict[str, list[Point]]) -> tuple[list[Point], list[int]]:
    """The drawn line, and where the route's own points stand in it.

    A section shared with another route may be told by its two ends only; it then follows the points
    that the other route has between the same two.
    """
    line, named = [own[0]], [0]
    for a, b in itertools.pairwise(own):
        line += _between(a, b, every)
        line.append(b)
        named.append(len(line) - 1)
    return line, named


def _between(a: Point, b: Point, every: dict[str, list[Point]]) -> list[Point]:
    chord = _distance(a, b)
    for other in every.values():
        if a in other and b in other:
            i, j = other.index(a), other.index(b)
            path = other[i + 1 : j] if i < j else other[j + 1 : i][::-1]
            if path and _chainage([a, *path, b])[-1] < 1.6 * chord:
                return path
    return []


def _distance(a: Point, b: Point) -> float:
    return float(_chainage([a, b])[-1])


def _chainage(line: list[Point]) -> np.ndarray:
    """Metres from the first point to each point of the line."""
    lon, lat = np.array(line, float).T
    east = np.diff(lon) * np.cos(np.radians((lat[1:] + lat[:-1]) / 2))
    steps = np.hypot(east, np.diff(lat)) * EARTH_M_PER_DEG
    return np.concatenate(([0.0], np.cumsum(steps)))


def _at_stake(stake: float, stakes: list[float], at: np.ndarray) -> float:
    known = ~np.isnan(stakes)
    return float(np.interp(stake, np.array(stakes)[known], at[known]))


def _junctions(
    codes: tuple[str, ...], points: dict[str, list[Point]], named_at: dict[str, np.ndarray]
) -> list[tuple[float, float, int]]:
    """(position, same point on the other route, index of the other route), ascending."""
    meeting: dict[Point, list[tuple[float, int]]] = {}
    for index, code in enumerate(codes):
        for point, at in zip(points[code], named_at[code], strict=True):
            meeting.setdefault(point, []).append((float(at), index))
    found = [
        (at, other_at, other)
        for here in meeting.values()
        for at, route in here
        for other_at, other in here
        if other != route
    ]
    return sorted(found)
