"""Geometry as text of users and to users, by shapely: nobody's file reaches GDAL (docs/adr/0006)."""

from typing import Any

import orjson
import shapely
from django.contrib.gis.geos import GEOSGeometry
from shapely.errors import ShapelyError

LONGEST = 1_000_000
"""Characters of one geometry."""


def read_shape(text: str, srid: int) -> GEOSGeometry:
    """WKT, or the text of a GeoJSON geometry; lon-lat. Raises ValueError."""
    if len(text) > LONGEST:
        raise ValueError("geometry too long")
    plain = text.rpartition(";")[2].strip()
    try:
        shape = shapely.from_geojson(plain) if plain.startswith("{") else shapely.from_wkt(plain)
    except (ShapelyError, TypeError) as error:
        raise ValueError(str(error)) from error
    return GEOSGeometry(memoryview(shapely.to_wkb(shape)), srid=srid)


def as_geojson(geometry: GEOSGeometry | None) -> str | None:
    """Text of a GeoJSON geometry."""
    if geometry is None:
        return None
    return str(shapely.to_geojson(shapely.from_wkb(bytes(geometry.wkb))))


def as_json(geometry: GEOSGeometry) -> Any:
    return orjson.loads(as_geojson(geometry) or "null")
