"""The map page, its search, and the card of a vehicle on it."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_safe

from qintong.base.onemap import track_pages
from qintong.base.onemap.layer_descriptions import described, layers_for
from qintong.base.onemap.map_search import found
from qintong.base.onemap.positions import position_of
from qintong.base.onemap.rights import may_view
from qintong.base.onemap.stakes import stake_at
from qintong.base.onemap.surroundings import surroundings
from qintong.base.registry.vehicles import Vehicle, VehicleResource


@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in layers_for(request):
        count = item.resource.queryset(request).count()
        groups.setdefault(item.group, []).append({**described(item), "count": count})
    return render(
        request,
        "onemap/map.html",
        {
            "groups": groups,
            "layers": [layer for group in groups.values() for layer in group],
            "is_demo": Vehicle.objects.filter(is_demo=True).exists(),
            "sees_vehicles": may_view(request, VehicleResource),
            "review_number": settings.MAP_REVIEW_NUMBER,
        },
    )


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:60]
    return render(request, "onemap/found.html", {"text": text, "found": found(request, text)})


@require_safe
def vehicle_card(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of a vehicle on the map, with where it is on the road network."""
    if not may_view(request, VehicleResource):
        raise PermissionDenied
    rows = VehicleResource.queryset(request).select_related("company", "vehicle_class")
    vehicle = get_object_or_404(rows, pk=pk)
    here = position_of(pk)
    stake = stake_at(here.lon, here.lat) if here else None
    context = {"vehicle": vehicle, "stake": stake}
    return render(request, "onemap/vehicle_card.html", context)


urlpatterns = [
    path("map/", map_page, name="onemap"),
    path("map/search/", search, name="onemap-search"),
    path("map/vehicles/<int:pk>/", vehicle_card, name="onemap-vehicle"),
    path("map/around/<str:label>/<int:pk>/", surroundings, name="onemap-surroundings"),
    *track_pages.urlpatterns,
]
