"""Routes with their points and structures; waterways with theirs. Idempotent."""

from django.contrib.gis.geos import LineString, MultiLineString, Point
from shapely import from_wkb

from qintong.base.identity.regions import Region
from qintong.base.identity.seed.regions import PROVINCE
from qintong.base.identity.seed.rows import put

from ..routes import Route, RoutePoint
from ..structures import Structure
from ..waterways import Waterway, WaterwayPoint
from .borders import Border
from .draw import Course, expanded, own_parts, owners
from .files import grouped, place, read, whole

SRID = 4490
EXPRESSWAYS = ("national_expressway", "provincial_expressway")
BORDER_RIVER = "HUAN"
"""The Yellow River, which is the border of the province along all its reaches here."""
CODE_LETTERS = {
    "tunnel": "SD",
    "bridge": "QL",
    "service_area": "FW",
    "toll_station": "SF",
    "passenger_station": "KZ",
    "airport": "JC",
    "railway_station": "TL",
    "wharf": "MT",
    "ferry_crossing": "DK",
    "weigh_station": "ZC",
    "emergency_store": "YJ",
    "hospital": "YY",
}
"""Our own structure codes: kind, county, number within both."""


def seed_routes() -> int:
    """Every route with its points, its own sections and its whole line. Returns the number of routes."""
    rows = {row["route_code"]: row for row in read("routes")}
    points = grouped(read("route_points"), "route_code")
    courses = expanded(
        {
            code: Course(
                is_expressway=rows[code]["class"] in EXPRESSWAYS,
                places=tuple(place(point) for point in points[code]),
                has_stake=tuple(point["stake_m"] != "" for point in points[code]),
            )
            for code in rows
        }
    )
    drawn_by = owners(courses)
    regions = _regions()
    border = _border()
    for code, row in rows.items():
        own = [
            LineString(border.inside(part), srid=SRID)
            for part in own_parts(code, courses[code], drawn_by)
        ]
        whole_line = LineString(border.inside(courses[code].places), srid=SRID)
        route = _put_route(row, own, whole_line)
        _put_points(route, points[code], regions)
    return len(rows)


def _put_route(row: dict[str, str], own: list[LineString], line: LineString) -> Route:
    is_expressway = row["class"] in EXPRESSWAYS
    return put(
        Route,
        {
            "name": row["name_zh"],
            "english_name": row["name_en"],
            "administrative_class": row["class"].partition("_")[0],
            "technical_grade": "expressway" if is_expressway else "",
            "course": row["direction"],
            "length_m": round(float(row["length_km"]) * 1000),
            "design_speed_kmh": whole(row["design_speed_kmh"]),
            "lanes": whole(row["lanes"]),
            "note": row["note"],
            "geom": MultiLineString(own, srid=SRID) if own else None,
            "line": line,
            "is_schematic": True,
        },
        route_code=row["route_code"],
        county_code="",
    )


def _put_points(route: Route, points: list[dict[str, str]], regions: dict[str, Region]) -> None:
    if route.points.count() == len(points):
        return
    route.points.all().delete()
    RoutePoint.objects.bulk_create(
        RoutePoint(
            route=route,
            sequence=int(point["seq"]),
            name=point["name_zh"],
            kind=point["kind"],
            stake_m=whole(point["stake_m"]),
            geom=Point(*place(point), srid=SRID),
            region=regions[point["county_adcode"]],
            is_schematic=True,
        )
        for point in points
    )


def seed_structures() -> int:
    """Returns the number of structures."""
    routes = {route.route_code: route for route in Route.objects.filter(county_code="")}
    regions = _regions()
    counted: dict[tuple[str, str], int] = {}
    rows = read("structures")
    for row in rows:
        kind = {"ferry": "ferry_crossing"}.get(row["kind"], row["kind"])
        key = (kind, row["county_adcode"])
        counted[key] = counted.get(key, 0) + 1
        put(
            Structure,
            {
                "kind": kind,
                "name": row["name_zh"],
                "route": routes.get(row["route_code"]),
                "stake_m": whole(row["stake_m"]),
                "length_m": whole(row["length_m"]),
                "geom": Point(*place(row), srid=SRID),
                "region": regions[row["county_adcode"]],
                "note": row["note"],
                "is_schematic": True,
            },
            code=f"{CODE_LETTERS[kind]}{row['county_adcode']}{counted[key]:03d}",
        )
    return len(rows)


def seed_waterways() -> int:
    """Returns the number of reaches."""
    regions = _regions()
    points = grouped(read("waterway_points"), "waterway_code")
    rows = read("waterways")
    border = _border()
    for row in rows:
        course = points[row["waterway_code"]]
        is_border = row["waterway_code"].startswith(BORDER_RIVER)
        places = [place(point) for point in course]
        line = LineString(border.along(places) if is_border else places, srid=SRID)
        waterway = put(
            Waterway,
            {
                "name": row["name_zh"],
                "english_name": row["name_en"],
                "section_from": row["section_from"],
                "section_to": row["section_to"],
                "length_m": round(float(row["length_km"]) * 1000),
                "navigation_class": row["navigation_class"],
                "note": row["note"],
                "geom": MultiLineString([line], srid=SRID),
                "is_schematic": True,
            },
            waterway_code=row["waterway_code"],
        )
        _put_waterway_points(waterway, course, regions)
    return len(rows)


def _put_waterway_points(
    waterway: Waterway, course: list[dict[str, str]], regions: dict[str, Region]
) -> None:
    if waterway.points.count() == len(course):
        return
    waterway.points.all().delete()
    WaterwayPoint.objects.bulk_create(
        WaterwayPoint(
            waterway=waterway,
            sequence=int(point["seq"]),
            name=point["name_zh"],
            kind=point["kind"],
            stake_m=int(point["stake_m"]),
            geom=Point(*place(point), srid=SRID),
            region=regions[point["county_adcode"]],
            is_schematic=True,
        )
        for point in course
    )


def _border() -> Border:
    home = Region.objects.get(code=PROVINCE)
    if home.geom is None:
        raise LookupError(f"region {PROVINCE} has no boundary")
    return Border(from_wkb(bytes(home.geom.wkb)))


def _regions() -> dict[str, Region]:
    return {region.code: region for region in Region.objects.defer("geom")}
