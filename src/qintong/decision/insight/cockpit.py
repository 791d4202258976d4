"""总览: what there is, what needs this person, how the province lies. All from the rooms' providers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from qintong.base.identity.models import Region
from qintong.base.onemap.live_server import vehicles_of
from qintong.base.onemap.sketch import Frame, Mark, Sketch, dots, ground
from qintong.base.registry.vehicles import VehicleResource
from qintong.desk.facts import (
    Fact,
    Headline,
    MapMark,
    Need,
    area_facts,
    area_needs,
    feeds,
    headlines,
    map_marks,
    waiting_for,
)
from qintong.desk.room import AREAS
from qintong.desk.scope import Scope
from qintong.stream.state import State, state_path

LINES = 8
FRESH_S = 120
"""A vehicle heard within this time counts as on the road now."""
MOVING_KMH = 5
DOTS = 500
WIDTH, HEIGHT = 372, 384
KEPT_S = 10
ICONS = {"base": "layers", "business": "road", "service": "service", "decision": "chart"}
GRADES = ("expressway",)


@dataclass(frozen=True, slots=True)
class AreaCard:
    title: str
    icon: str
    facts: list[Fact]
    need: Need | None


def strip(request: HttpRequest) -> list[Headline]:
    """Figures of the rooms, and what the latest positions say."""
    scope = _scope(request)
    found = headlines.of(scope) + _on_the_road(scope)
    return sorted(found, key=lambda figure: figure.order)[:6]


def areas(request: HttpRequest) -> list[AreaCard]:
    """A card for each of the plan's areas; one nobody tells anything about says so."""
    scope = _scope(request)
    return [
        AreaCard(
            _(title),
            ICONS[area],
            area_facts[area].of(scope)[:3],
            next(iter(area_needs[area].of(scope)), None),
        )
        for area, title in AREAS.items()
    ]


def live(request: HttpRequest) -> dict[str, Any]:
    """Everything on the page that changes."""
    scope = _scope(request)
    chosen = request.GET.get("who", "all")
    work = waiting_for(scope, 200)
    mine = [line for line in work.lines if line.is_mine]
    return {
        "figures": strip(request),
        "lines": (mine if chosen == "mine" else work.lines)[:LINES],
        "total": work.total,
        "mine": len(mine),
        "who": chosen,
        "areas": areas(request),
        "feeds": feeds.of(scope),
        "sketch": province_sketch(scope),
        "now": timezone.now(),
        "is_demo": VehicleResource.queryset_for(scope).filter(is_demo=True).exists(),
    }


def positions(scope: Scope) -> np.ndarray:
    """Latest positions of the scope's vehicles that were heard of late."""
    key = f"cockpit:vehicles:{scope.key}"
    ids = cache.get(key)
    if ids is None:
        ids = vehicles_of(scope)
        cache.set(key, ids, KEPT_S)
    rows = State.open_read(state_path(settings.VAR_DIR)).rows()
    now_ms = timezone.now().timestamp() * 1000
    is_fresh = (rows["device_at_ms"] > 0) & (rows["heard_at_ms"] > now_ms - FRESH_S * 1000)
    return rows[is_fresh & np.isin(rows["vehicle_id"], ids)]


def _on_the_road(scope: Scope) -> list[Headline]:
    if not scope.allows("registry.view_vehicle"):
        return []
    rows = positions(scope)
    moving = rows[rows["speed_kmh"] > MOVING_KMH]
    delays = np.maximum((rows["received_at_ms"] - rows["device_at_ms"]) / 1000, 0)
    speed = _("平均 %(speed).0f km/h，近 2 分钟") % {
        "speed": moving["speed_kmh"].mean() if len(moving) else 0
    }
    late = _("95%% 的车不超过，%(count)d 辆") % {"count": len(rows)}
    return [
        Headline(
            _("行驶中"),
            len(moving),
            _("辆"),
            speed if len(moving) else _("近 2 分钟没有车辆行驶"),
            order=40,
        ),
        Headline(
            _("位置时延"),
            round(float(np.percentile(delays, 95)), 1) if len(rows) else None,
            "s",
            late if len(rows) else _("近 2 分钟没有报告"),
            order=50,
        ),
    ]


def province_sketch(scope: Scope) -> Sketch | None:
    """The province with its expressways, the scope's vehicles and open alarms; None without seed."""
    extent = _extent()
    if extent is None:
        return None
    frame = _frame(*extent)
    base = ground(frame, filled="province", outlined="city", grades=GRADES)
    points: list[tuple[float, float]] = []
    if scope.allows("registry.view_vehicle"):
        rows = positions(scope)
        points = list(zip(rows["lon_e6"] / 1e6, rows["lat_e6"] / 1e6, strict=True))
    alarms = map_marks.of(scope)
    return Sketch(
        WIDTH,
        HEIGHT,
        _("全省高速公路，%(vehicles)d 辆在线车辆，%(alarms)d 处未结告警")
        % {"vehicles": len(points), "alarms": len(alarms)},
        neighbours=base.neighbours,
        areas=base.areas,
        borders=base.borders,
        routes=base.routes,
        shields=base.shields,
        labels=base.labels,
        dots=dots(frame, points[:: max(1, len(points) // DOTS)]),
        marks=[_mark(frame, alarm) for alarm in reversed(alarms)],
    )


def _mark(frame: Frame, alarm: MapMark) -> Mark:
    numeral = "ⅠⅡⅢⅣ"[alarm.level - 1]
    x, y = frame.x(alarm.lon), frame.y(alarm.lat)
    return Mark(x, y, numeral, f"level{alarm.level}", alarm.href, title=alarm.text)


def _extent() -> tuple[float, float, float, float] | None:
    found = cache.get("cockpit:extent")
    if found is None:
        province = Region.objects.filter(level="province", geom__isnull=False, is_outline=False)
        first = province.first()
        found = first.geom.extent if first and first.geom else ()
        cache.set("cockpit:extent", found, 600)
    return found or None


def _frame(west: float, south: float, east: float, north: float) -> Frame:
    """The extent with a margin, as wide or as high as the picture needs."""
    degree_km = 111.2
    shrink = np.cos(np.radians((south + north) / 2))
    km_high = (north - south) * degree_km * 1.06
    km_wide = (east - west) * degree_km * shrink * 1.06
    km_per_px = max(km_high / HEIGHT, km_wide / WIDTH)
    half_lon = WIDTH * km_per_px / degree_km / shrink / 2
    half_lat = HEIGHT * km_per_px / degree_km / 2
    lon, lat = (west + east) / 2, (south + north) / 2
    return Frame(lon - half_lon, lat - half_lat, lon + half_lon, lat + half_lat, WIDTH, HEIGHT)


def _scope(request: HttpRequest) -> Scope:
    return request.scope  # type: ignore[attr-defined]  # ScopeMiddleware sets it
