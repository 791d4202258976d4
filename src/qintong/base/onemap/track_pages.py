"""One vehicle's day on a map: /map/tracks/<vehicle>/, its data, its evidence and its files."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import orjson
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qintong.base.identity.audit_records import AuditRecord
from qintong.base.onemap.layer_descriptions import described, layers_for
from qintong.base.onemap.rights import may_view
from qintong.base.onemap.track_exports import FORMATS
from qintong.base.onemap.track_reports import report_page
from qintong.base.onemap.tracks import Track, track_of
from qintong.base.registry.vehicles import Vehicle, VehicleResource


@require_safe
def track_page(request: HttpRequest, pk: int) -> HttpResponse:
    vehicle, day = _asked(request, pk)
    today = timezone.localdate()
    _record(request, vehicle, day, "view_track")
    return render(
        request,
        "onemap/track.html",
        {
            "vehicle": vehicle,
            "layers": [described(item) for item in layers_for(request) if item.layer.shown],
            "day": day,
            "today": today,
            "before": day - timedelta(days=1),
            "after": day + timedelta(days=1) if day < today else None,
            "formats": FORMATS,
            "is_demo": vehicle.is_demo,
        },
    )


@require_safe
def track_data(request: HttpRequest, pk: int) -> HttpResponse:
    """Columns of the day for map, chart and play-back."""
    vehicle, day = _asked(request, pk)
    track = track_of(vehicle.pk, day)
    return HttpResponse(orjson.dumps(_described(track)), content_type="application/json")


@require_safe
def track_reports(request: HttpRequest, pk: int) -> HttpResponse:
    """A page of the reports themselves."""
    vehicle, day = _asked(request, pk)
    page, reports = report_page(track_of(vehicle.pk, day), request.GET.get("page", "1"))
    context = {"vehicle": vehicle, "day": day, "page": page, "reports": reports}
    return render(request, "onemap/track_reports.html", context)


@require_safe
def track_export(request: HttpRequest, pk: int) -> HttpResponse:
    vehicle, day = _asked(request, pk)
    form = FORMATS.get(request.GET.get("format", ""))
    if form is None:
        raise Http404
    track = track_of(vehicle.pk, day)
    _record(request, vehicle, day, "export_track", format=form.extension, reports=len(track))
    name = f"{vehicle.plate_number}_{day.isoformat()}.{form.extension}"
    return HttpResponse(
        form.write(track, str(vehicle)),
        content_type=form.content_type,
        headers={"Content-Disposition": str(content_disposition_header(True, name))},
    )


def _asked(request: HttpRequest, pk: int) -> tuple[Vehicle, date]:
    """The vehicle, if it is in scope, and the day of the query; today without one."""
    if not may_view(request, VehicleResource):
        raise PermissionDenied
    rows = VehicleResource.queryset(request).select_related("company", "vehicle_class")
    vehicle = get_object_or_404(rows, pk=pk)
    today = timezone.localdate()
    text = request.GET.get("day", "")
    try:
        day = parse_date(text) if text else today
    except ValueError:
        day = None
    if day is None:
        raise Http404(_("%s 不是日期，应如 2026-11-24") % text[:20])
    return vehicle, min(day, today)


def _record(request: HttpRequest, vehicle: Vehicle, day: date, act: str, **facts: Any) -> None:
    """Where somebody drove is personal data: looking at it leaves a record."""
    session = request.login_session  # type: ignore[attr-defined]
    AuditRecord.objects.create(
        actor_id=request.user.pk,
        actor_name=request.user.get_username(),
        sid=session.sid if session else None,
        address=request.META.get("REMOTE_ADDR") or None,
        act=f"onemap.{act}",
        object_type=Vehicle._meta.label_lower,
        object_key=str(vehicle),
        facts={"day": day.isoformat(), **facts},
    )


def _described(track: Track) -> dict[str, Any]:
    facts = track.facts
    speed = np.round(track.speed_kmh.astype(float), 1)
    return {
        "at": track.at_s.astype(int).tolist(),
        "lon": track.lon.tolist(),
        "lat": track.lat.tolist(),
        "speed": [None if np.isnan(value) else value for value in speed.tolist()],
        "heading": track.table["heading_deg"].to_pylist(),
        "pieces": [[piece.start, piece.stop] for piece in track.pieces()],
        "reports": track.reports,
        "distance_m": round(facts.distance_m),
        "online_s": round(facts.online_s),
        "fastest_kmh": None if np.isnan(facts.fastest_kmh) else round(facts.fastest_kmh, 1),
        "gaps": facts.gaps,
        "stops": [
            {"start": stop.start_s, "end": stop.end_s, "lon": stop.lon, "lat": stop.lat}
            for stop in facts.stops
        ],
    }


urlpatterns = [
    path("map/tracks/<int:pk>/", track_page, name="onemap-track"),
    path("map/tracks/<int:pk>/data/", track_data, name="onemap-track-data"),
    path("map/tracks/<int:pk>/reports/", track_reports, name="onemap-track-reports"),
    path("map/tracks/<int:pk>/export/", track_export, name="onemap-track-export"),
]
