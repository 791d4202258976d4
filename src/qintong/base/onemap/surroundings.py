"""Where a thing is: a piece of map around it, asked for by its page once that stands."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qintong.base.onemap.positions import Here, position_of
from qintong.base.onemap.rights import may_view
from qintong.base.onemap.sketch import Frame, Mark, Sketch, ground, line
from qintong.base.onemap.tracks import places
from qintong.base.registry.vehicles import Vehicle
from qintong.desk.registry import resources

WIDTH, HEIGHT = 456, 256
KM_AROUND = 40.0
"""Width of the picture around a point."""
WIDEST_KM = 900.0


@require_safe
def surroundings(request: HttpRequest, label: str, pk: int) -> HttpResponse:
    """The picture for one row of an entity that has a place, in the person's scope."""
    resource = resources().get(label)
    if resource is None:
        raise Http404(label)
    if not may_view(request, resource):
        raise PermissionDenied(resource.permission("view"))
    row = get_object_or_404(resource.queryset(request), pk=pk)
    sketch = _of_vehicle(row) if isinstance(row, Vehicle) else _of_geometry(row, resource.layer)
    return render(request, "onemap/surroundings.html", {"sketch": sketch})


def _of_vehicle(vehicle: Vehicle) -> Sketch | None:
    here = position_of(vehicle.pk)
    if here is None:
        return None
    frame = Frame.around(here.lon, here.lat, KM_AROUND, WIDTH, HEIGHT)
    now = timezone.now()
    track = line(frame, places(vehicle.pk, now - timedelta(hours=1), now))
    return _drawn(str(vehicle), frame, (_arrow(frame, here),), track)


def _arrow(frame: Frame, here: Here) -> Mark:
    return Mark(frame.x(here.lon), frame.y(here.lat), "", "vehicle", heading=here.heading_deg)


def _of_geometry(row: Any, layer: Any) -> Sketch | None:
    shape: Any = getattr(row, layer.geometry, None) if layer else None
    if shape is None:
        return None
    west, south, east, north = shape.extent
    across = max((east - west) * 92, (north - south) * 111.2 * WIDTH / HEIGHT) * 1.2
    middle = ((west + east) / 2, (south + north) / 2)
    frame = Frame.around(*middle, min(max(across, KM_AROUND), WIDEST_KM), WIDTH, HEIGHT)
    if shape.geom_type == "Point":
        return _drawn(str(row), frame, (Mark(frame.x(shape.x), frame.y(shape.y), "", "place"),))
    return _drawn(str(row), frame, (), " ".join(line(frame, ring) for ring in _lines(shape)))


def _lines(shape: Any) -> list[list[tuple[float, float]]]:
    """Every run of vertices: parts of a multi-geometry, rings of a polygon."""
    if shape.geom_type == "LineString":
        return [[(p[0], p[1]) for p in shape.coords]]
    if shape.geom_type == "Polygon":
        return [[(p[0], p[1]) for p in ring] for ring in shape.coords]
    return [run for part in shape for run in _lines(part)]


def _drawn(name: str, frame: Frame, marks: tuple[Mark, ...], track: str = "") -> Sketch:
    base = ground(frame, filled="county", outlined="county", grades=())
    return Sketch(
        WIDTH,
        HEIGHT,
        _("%(name)s 附近的地图") % {"name": name},
        neighbours=base.neighbours,
        areas=base.areas,
        borders=base.borders,
        routes=base.routes,
        shields=base.shields,
        labels=base.labels,
        track=track,
        marks=marks,
    )
