"""Lines beside the border of the province: kept inside it, or drawn along it where a river is the border. Pure."""

from collections.abc import Sequence
from itertools import pairwise

from shapely.geometry import LineString, MultiPolygon, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from .draw import Place

INSET_DEG = 0.008
"""How far inside the border a road runs where its straight line would leave the province."""
IGNORED_DEG = 0.01
"""Shorter excursions stay as they are: below the accuracy of the points."""
SIMPLIFIED_DEG = 0.003


class Border:
    """The outer ring of the province, and the same ring a little further in."""

    def __init__(self, province: MultiPolygon) -> None:
        self._home = max(province.geoms, key=lambda part: part.area)
        self._ring = LineString(self._home.exterior.coords)
        inner = self._home.buffer(-INSET_DEG)
        inner = max(inner.geoms, key=lambda p: p.area) if hasattr(inner, "geoms") else inner
        self._inner = LineString(inner.exterior.coords)

    def inside(self, course: Sequence[Place]) -> list[Place]:
        """The course with every excursion replaced by a way along the inner ring."""
        drawn = [course[0]]
        for a, b in pairwise(course):
            for out, back in self._excursions(LineString([a, b])):
                drawn += [p for p in _between(self._inner, out, back) if p != drawn[-1]]
            drawn.append(b)
        return drawn

    def along(self, course: Sequence[Place]) -> list[Place]:
        """A river that is the border: from point to point on the ring itself."""
        drawn: list[Place] = []
        for a, b in pairwise(course):
            drawn += _between(self._ring, Point(a), Point(b))[1 if drawn else 0 :]
        return drawn

    def _excursions(self, section: LineString) -> list[tuple[Point, Point]]:
        """Where it leaves and comes back, in the direction of travel."""
        outside = section.difference(self._home)
        pieces: list[BaseGeometry] = list(getattr(outside, "geoms", [outside]))
        pairs = []
        for piece in pieces:
            if not piece.is_empty and piece.length > IGNORED_DEG:
                ends = sorted((Point(c) for c in piece.coords), key=section.project)
                pairs.append((ends[0], ends[-1]))
        return sorted(pairs, key=lambda pair: section.project(pair[0]))


def _between(ring: LineString, a: Point, b: Point) -> list[Place]:
    """The shorter way round from the place nearest to a to the place nearest to b."""
    start, end = ring.project(a), ring.project(b)
    direct = substring(ring, start, end)
    if abs(end - start) > ring.length / 2:
        first, last = sorted((start, end))
        tail, head = substring(ring, last, ring.length), substring(ring, 0, first)
        direct = LineString([*tail.coords, *list(head.coords)[1:]])
        direct = direct if start == last else direct.reverse()
    return [(x, y) for x, y in direct.simplify(SIMPLIFIED_DEG).coords]
