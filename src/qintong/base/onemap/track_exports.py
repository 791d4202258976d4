"""A track as CSV, GeoJSON or GPX: exactly the reports that the page shows."""

import csv
import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

import orjson

from qintong.base.onemap.tracks import CHINA, Track


@dataclass(frozen=True, slots=True)
class Format:
    extension: str
    content_type: str
    write: Callable[[Track, str], bytes]
    """write(track, name of the vehicle) → the file."""


_COLUMNS = (
    ("终端时间", "device_at_ms"),
    ("接收时间", "received_at_ms"),
    ("经度", "lon_e6"),
    ("纬度", "lat_e6"),
    ("高程 m", "altitude_m"),
    ("速度 km/h", "speed_kmh"),
    ("方向 °", "heading_deg"),
    ("里程 m", "odometer_m"),
    ("卫星数", "satellites"),
    ("协议版本", "edition"),
    ("补报", "is_backfill"),
    ("质量标志", "quality"),
)


def csv_file(track: Track, name: str) -> bytes:
    """UTF-8 with a byte order mark, so that a spreadsheet reads the Chinese."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["车辆", *(title for title, _ in _COLUMNS)])
    columns = [_plain(column, track.table[column].to_pylist()) for _, column in _COLUMNS]
    writer.writerows((name, *row) for row in zip(*columns, strict=True))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def geojson_file(track: Track, name: str) -> bytes:
    """One line with a measure of time per stretch without a gap, and every report as a point."""
    lines = [
        {
            "type": "Feature",
            "properties": {
                "vehicle": name,
                "from": _iso(track.at_s[piece][0]),
                "to": _iso(track.at_s[piece][-1]),
            },
            "geometry": {
                "type": "LineString",
                "coordinates": _places(track, piece),
            },
        }
        for piece in track.pieces()
        if piece.stop - piece.start > 1
    ]
    points = [
        {
            "type": "Feature",
            "properties": {"at": _iso(at), "speed_kmh": _number(speed), "heading_deg": heading},
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
        }
        for at, lon, lat, speed, heading in zip(
            track.at_s.tolist(),
            track.lon.tolist(),
            track.lat.tolist(),
            track.speed_kmh.tolist(),
            track.table["heading_deg"].to_pylist(),
            strict=True,
        )
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": lines + points})


def gpx_file(track: Track, name: str) -> bytes:
    """GPX 1.1, one segment for each stretch without a gap."""
    root = Element(
        "gpx", version="1.1", creator="Qintong", xmlns="http://www.topografix.com/GPX/1/1"
    )
    drawn = SubElement(root, "trk")
    SubElement(drawn, "name").text = name
    heights = track.table["altitude_m"].to_pylist()
    for piece in track.pieces():
        segment = SubElement(drawn, "trkseg")
        for i in range(piece.start, piece.stop):
            point = SubElement(
                segment, "trkpt", lat=f"{track.lat[i]:.6f}", lon=f"{track.lon[i]:.6f}"
            )
            SubElement(point, "ele").text = str(heights[i])
            SubElement(point, "time").text = _iso(track.at_s[i])
    return tostring(root, encoding="utf-8", xml_declaration=True)


FORMATS = {
    "csv": Format("csv", "text/csv; charset=utf-8", csv_file),
    "geojson": Format("geojson", "application/geo+json", geojson_file),
    "gpx": Format("gpx", "application/gpx+xml", gpx_file),
}


def _places(track: Track, piece: slice) -> list[list[float]]:
    return [
        list(place)
        for place in zip(track.lon[piece].tolist(), track.lat[piece].tolist(), strict=True)
    ]


def _plain(column: str, values: list) -> list:
    if column.endswith("_at_ms"):
        return [
            datetime.fromtimestamp(v / 1000, CHINA).strftime("%Y-%m-%d %H:%M:%S") for v in values
        ]
    if column.endswith("_e6"):
        return [f"{v / 1e6:.6f}" for v in values]
    if column == "speed_kmh":
        return ["" if math.isnan(v) else f"{v:.1f}" for v in values]
    if column in ("odometer_m", "satellites"):
        return ["" if v < 0 else v for v in values]
    return values


def _iso(at_s: float) -> str:
    return datetime.fromtimestamp(float(at_s), UTC).isoformat().replace("+00:00", "Z")


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 1)
