"""Numbers beside the entities of a room: asked for when the page stands, kept for a minute."""

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_safe

from qintong.desk.list_page import count
from qintong.desk.registry import resources
from qintong.desk.scope import Scope
from qintong.desk.templatetags.numbers import commas

KEPT_S = 60


@require_safe
def menu_counts(request: HttpRequest, room: str) -> HttpResponse:
    scope: Scope = request.scope  # type: ignore[attr-defined]
    key = f"menu:{room}:{scope.key}"
    numbers = cache.get(key)
    if numbers is None:
        numbers = [
            (label.replace(".", ""), said(scope, label))
            for label, resource in resources().items()
            if label.split(".")[0] == room and scope.allows(resource.permission("view"))
        ]
        cache.set(key, numbers, KEPT_S)
    parts = format_html_join("", '<i id="n-{}" hx-swap-oob="true">{}</i>', numbers)
    return HttpResponse(format_html("{}", parts))


def said(scope: Scope, label: str) -> str:
    """1,204, or 21.5 万 of an estimate."""
    found = count(resources()[label].queryset_for(scope))
    if found.is_exact:
        return str(commas(found.number))
    return f"{found.number / 10_000:.1f} 万"
