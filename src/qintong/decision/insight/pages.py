"""The home page, whole and as the part of it that keeps itself up to date."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from . import cockpit


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    template = "insight/live.html" if "HX-Request" in request.headers else "insight/cockpit.html"
    return render(request, template, cockpit.live(request))
