"""Cards of the map on the pages of things that have a place."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from qintong.base.onemap.positions import position_of
from qintong.base.onemap.stakes import stake_at
from qintong.desk.panels import EVERY, Panel, panel
from qintong.desk.registry import resources


@panel("registry.vehicle")
def position_of_vehicle(request: HttpRequest, vehicle: Any) -> Panel:
    """Where the vehicle is, how fast, and the way to its track."""
    here = position_of(vehicle.pk)
    context = {
        "here": here,
        "stake": stake_at(here.lon, here.lat) if here else None,
        "limit_kmh": vehicle.vehicle_class.speed_limit_kmh,
        "picture": _picture(vehicle),
    }
    return Panel(
        _("位置"),
        render_to_string("onemap/position_panel.html", context, request),
        href=reverse("onemap-track", args=[vehicle.pk]),
        link=_("今日轨迹"),
        is_flush=True,
    )


@panel(EVERY)
def place_of_row(request: HttpRequest, row: Any) -> Panel | None:
    """A piece of map around anything with a geometry."""
    resource = resources().get(row._meta.label_lower)
    if resource is None or resource.layer is None:
        return None
    if getattr(row, resource.layer.geometry, None) is None:
        return None
    html = render_to_string("onemap/place_panel.html", {"picture": _picture(row)}, request)
    layer = f"{reverse('onemap')}#layers={row._meta.label_lower}"
    return Panel(_("位置"), html, href=layer, link=_("在地图看"), is_flush=True)


def _picture(row: Any) -> str:
    return reverse("onemap-surroundings", args=[row._meta.label_lower, row.pk])
