"""The tree of organisations and the tree of regions, as far as the person may see them."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from qintong.desk.addresses import address
from qintong.desk.resource import Resource

from .organisations import Organisation, OrganisationResource
from .regions import RegionResource


@require_safe
def organisation_tree(request: HttpRequest) -> HttpResponse:
    """Companies are counted at their bureau, not drawn: there are too many."""
    rows = _rows(request, OrganisationResource)
    companies = dict(
        rows.filter(kind=Organisation.Kind.COMPANY)
        .order_by()
        .values_list("parent")
        .annotate(Count("pk"))
    )
    drawn = rows.exclude(kind=Organisation.Kind.COMPANY).order_by("path")
    notes = {pk: _("%(count)d 家企业") % {"count": n} for pk, n in companies.items() if pk}
    return _page(request, OrganisationResource, _("机构树"), drawn, notes)


@require_safe
def region_tree(request: HttpRequest) -> HttpResponse:
    rows = _rows(request, RegionResource).filter(is_outline=False).defer("geom").order_by("code")
    notes = {row.pk: row.code for row in rows}
    return _page(request, RegionResource, _("区划树"), rows, notes)


def _rows(request: HttpRequest, resource: type[Resource]) -> Any:
    if not request.scope.allows(resource.permission("view")):  # type: ignore[attr-defined]
        raise PermissionDenied
    return resource.queryset(request)


def _page(
    request: HttpRequest, resource: type[Resource], title: str, rows: Any, notes: dict[int, str]
) -> HttpResponse:
    rows = list(rows)
    seen = {row.pk for row in rows}
    below: dict[int | None, list[Any]] = {}
    for row in rows:
        below.setdefault(row.parent_id if row.parent_id in seen else None, []).append(row)

    def branch(parent: int | None, depth: int) -> list[dict[str, Any]]:
        return [
            {
                "title": str(row),
                "href": address(resource, f"{row.pk}/"),
                "note": notes.get(row.pk, ""),
                "below": branch(row.pk, depth + 1),
                "is_open": depth < 1,
            }
            for row in below.get(parent, [])
        ]

    context = {
        "title": title,
        "list_title": resource.model._meta.verbose_name,
        "list_href": address(resource),
        "count": len(rows),
        "branches": branch(None, 0),
    }
    return render(request, "identity/tree.html", context)
