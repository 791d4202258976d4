"""What a person may fly to by typing: a stake, a vehicle, and every entity that is a layer of the map."""

from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from qintong.base.onemap.map_layers import map_layers
from qintong.base.onemap.positions import state
from qintong.base.onemap.rights import may_view
from qintong.base.onemap.stakes import parse_stake, place_of
from qintong.base.registry.routes import RouteResource
from qintong.base.registry.rules.stake import stake_text
from qintong.base.registry.vehicles import VehicleResource
from qintong.desk.resource import Resource

_EACH = 5


@dataclass(frozen=True, slots=True)
class Found:
    kind: str
    text: str
    box: tuple[float, float, float, float] | None
    """West, south, east, north; None: without a place."""
    vehicle_id: int | None = None


def found(request: HttpRequest, text: str) -> list[Found]:
    """At most five of each kind, within the scope of the person."""
    if not text:
        return []
    return [*_stake(request, text), *_vehicles(request, text), *_features(request, text)]


def _stake(request: HttpRequest, text: str) -> list[Found]:
    parsed = parse_stake(text)
    if parsed is None or not may_view(request, RouteResource):
        return []
    place = place_of(*parsed)
    if place is None:
        return []
    lon, lat = place
    return [Found(_("桩号"), f"{parsed[0]} {stake_text(parsed[1])}", (lon, lat, lon, lat))]


def _vehicles(request: HttpRequest, text: str) -> list[Found]:
    plate = text.replace("·", "").replace(" ", "").upper()
    rows = {row.pk: row for row in _matching(request, VehicleResource, plate)}
    places = {
        int(at["vehicle_id"]): (at["lon_e6"] / 1e6, at["lat_e6"] / 1e6)
        for at in state().get_many(list(rows))
        if at["device_at_ms"] > 0
    }
    kind = VehicleResource.model._meta.verbose_name
    return [
        Found(str(kind), str(row), places[pk] * 2 if pk in places else None, pk)
        for pk, row in rows.items()
    ]


def _features(request: HttpRequest, text: str) -> list[Found]:
    results = []
    for item in map_layers().values():
        for row in _matching(request, item.resource, text):
            geometry = getattr(row, item.layer.geometry)
            if geometry:
                kind = str(item.resource.model._meta.verbose_name)
                results.append(Found(kind, str(row), geometry.extent))
    return results


def _matching(request: HttpRequest, resource: type[Resource], text: str) -> list:
    if not resource.search or not may_view(request, resource):
        return []
    contains = Q()
    for field in resource.search:
        contains |= Q(**{f"{field}__icontains": text})
    return list(resource.queryset(request).filter(contains)[:_EACH])
