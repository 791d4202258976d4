"""One search over every register: grouped by entity, in the scope of the person."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from qintong.desk import listing
from qintong.desk.addresses import address
from qintong.desk.columns import ResolvedColumn, columns_of
from qintong.desk.registry import resources
from qintong.desk.resource import Resource
from qintong.desk.scope import Scope

SHORTEST = 2
SUGGESTED = 3
"""Rows a group while typing."""
SHOWN = 8
"""Rows a group on the page."""


@dataclass(frozen=True, slots=True)
class Hit:
    name: str
    href: str
    facts: tuple[str, ...]
    """Cells that tell rows of one name apart."""


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    hits: tuple[Hit, ...]
    all: str
    """Address of the list with this search; empty when every hit is shown."""


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:100]
    groups = found(request, text, SHOWN)
    context = {"q": text, "groups": groups, "is_short": len(text) < SHORTEST}
    return render(request, "desk/search.html", context)


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:100]
    context = {"q": text, "groups": found(request, text, SUGGESTED)}
    return render(request, "desk/search_found.html", context)


def found(request: HttpRequest, text: str, limit: int) -> list[Group]:
    """One query an entity with search fields; entities the person may not view are not asked."""
    if len(text) < SHORTEST:
        return []
    scope: Scope = request.scope  # type: ignore[attr-defined]
    groups = (
        group(resource, scope, text, limit)
        for resource in sorted(resources().values(), key=lambda each: each.order)
        if resource.search and scope.allows(resource.permission("view"))
    )
    return [each for each in groups if each.hits]


def group(resource: type[Resource], scope: Scope, text: str, limit: int) -> Group:
    params = QueryDict(mutable=True)
    params["q"] = text
    rows = list(listing.rows(resource, scope, params)[: limit + 1])
    facts = [column for column in columns_of(resource, scope)[:4] if not column.is_masked]
    return Group(
        title=str(resource.model._meta.verbose_name_plural),
        hits=tuple(
            Hit(str(row), address(resource, f"{row.pk}/"), _facts(facts, row))
            for row in rows[:limit]
        ),
        all=f"{address(resource)}?{urlencode({'q': text})}" if len(rows) > limit else "",
    )


def _facts(columns: list[ResolvedColumn], row: Any) -> tuple[str, ...]:
    """Plain words of the first columns, without the one that is the name itself."""
    words = (column.value(row) for column in columns)
    return tuple(str(word) for word in words if word not in (None, "", str(row)))[:3]
