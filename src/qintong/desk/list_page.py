"""The list of an entity: filtered, sorted, paged; chips, saved views, columns, bulk choice."""

import time
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from qintong.desk import listing
from qintong.desk.addresses import address
from qintong.desk.cells import cell
from qintong.desk.chips import chips, panel
from qintong.desk.columns import ResolvedColumn, columns_of
from qintong.desk.ports import ports
from qintong.desk.resource import Column, Resource
from qintong.desk.scope import Scope

PAGE_SIZES = (20, 50, 100, 200)
EXACT_COUNT = 50_000
"""Up to so many rows are counted; above, the planner's estimate is shown and called 约."""
DEEPEST = 200_000
"""Rows that may be skipped by page number; further on a filter is the better way."""


@dataclass(frozen=True, slots=True)
class Count:
    number: int
    is_exact: bool


def count(rows: QuerySet[Any]) -> Count:
    """Exact up to EXACT_COUNT, else estimated by the planner and never below what was counted."""
    bare = rows.order_by().select_related(None)
    exact = bare.values("pk")[: EXACT_COUNT + 1].count()
    if exact <= EXACT_COUNT:
        return Count(exact, True)
    return Count(max(estimate(bare), exact), False)


def estimate(rows: QuerySet[Any]) -> int:
    sql, params = rows.values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
    return int(plan[0]["Plan"]["Plan Rows"])


def list_page(request: HttpRequest, resource: type[Resource]) -> HttpResponse:
    scope: Scope = request.scope  # type: ignore[attr-defined]
    if not scope.allows(resource.permission("view")):
        raise PermissionDenied(resource.permission("view"))
    started = time.perf_counter()
    params = request.GET
    rows = listing.rows(resource, scope, params)
    found = count(rows)
    size = page_size(request, resource)
    number = page_number(params, found.number, size)
    columns = chosen_columns(request, resource, scope)
    page = list(rows[(number - 1) * size : number * size])
    context: dict[str, Any] = {
        "resource": resource,
        "title": resource.model._meta.verbose_name_plural,
        "noun": resource.model._meta.verbose_name,
        "urls": urls(resource, params),
        "may": may(resource, scope),
        "columns": [heading(c, params, resource) for c in columns],
        "all_columns": column_choice(resource, scope, columns),
        "rows": [line(resource, row, columns, scope) for row in page],
        "found": found,
        "paging": paging(params, number, size, found.number, len(page)),
        "chips": chips(resource, scope, params),
        "panel": panel(resource, scope, params),
        "query_errors": listing.errors(resource, scope, params),
        "is_filtered": any(key not in listing_words for key in params),
        "views": views(request, resource),
        "actions": [
            a for a in resource.actions if a.bulk and scope.allows(a_permission(resource, a.name))
        ],
        "q": params.get("q", ""),
        "hidden": [(k, v) for k in params for v in params.getlist(k) if k not in ("q", "page")],
        "sorted_by": sorted_by(columns, params),
        "is_demo": any(getattr(row, "is_demo", False) for row in page),
    }
    context["took_ms"] = round((time.perf_counter() - started) * 1000)
    partial = request.headers.get("HX-Request") and request.headers.get("HX-Target") == "list"
    template = "desk/list_body.html" if partial else "desk/list.html"
    response = render(request, template, context)
    if "columns" in params:
        response.set_cookie(columns_cookie(resource), params["columns"], 31536000, samesite="Lax")
    if params.get("page_size", "").isdigit():
        response.set_cookie("page_size", str(size), 31536000, samesite="Lax")
    response["Vary"] = "HX-Request, Cookie"
    return response


listing_words = {"page", "page_size", "sort", "columns"}


def a_permission(resource: type[Resource], name: str) -> str:
    return f"{resource.model._meta.app_label}.{name}"


def may(resource: type[Resource], scope: Scope) -> dict[str, bool]:
    """Which buttons are there."""
    acts = {act: scope.allows(resource.permission(act)) for act in ("add", "change", "delete")}
    return {act: allowed and not resource.read_only for act, allowed in acts.items()}


def urls(resource: type[Resource], params: QueryDict) -> dict[str, str]:
    query = params.copy()
    query.pop("page", None)
    text = query.urlencode()
    return {
        "list": address(resource),
        "new": address(resource, "new/"),
        "import": address(resource, "import/"),
        "export": address(resource, "export/"),
        "save_view": address(resource, "views/"),
        "act": address(resource, "act/"),
        "query": text,
        "map": f"/map/#layers={resource.model._meta.label_lower}" if resource.layer else "",
    }


def page_size(request: HttpRequest, resource: type[Resource]) -> int:
    text = request.GET.get("page_size") or request.COOKIES.get("page_size", "")
    return int(text) if text.isdigit() and int(text) in PAGE_SIZES else resource.page_size


def page_number(params: QueryDict, total: int, size: int) -> int:
    text = params.get("page", "1")
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
    return max(1, min(wanted, last_page(total, size)))


def last_page(total: int, size: int) -> int:
    return max(1, min(-(-total // size), DEEPEST // size))


def paging(params: QueryDict, number: int, size: int, total: int, here: int) -> dict[str, Any]:
    def to(page: int) -> str:
        query = params.copy()
        query["page"] = str(page)
        return f"?{query.urlencode()}"

    last = last_page(total, size)
    return {
        "number": number,
        "last": last,
        "size": size,
        "sizes": PAGE_SIZES,
        "first_row": (number - 1) * size + 1 if here else 0,
        "last_row": (number - 1) * size + here,
        "previous": to(number - 1) if number > 1 else "",
        "next": to(number + 1) if number < last else "",
        "is_cut": last * size < total,
    }


def columns_cookie(resource: type[Resource]) -> str:
    return f"columns.{resource.model._meta.label_lower}"


def chosen_columns(
    request: HttpRequest, resource: type[Resource], scope: Scope
) -> list[ResolvedColumn]:
    """Of the query, else what this person chose last, else the declaration's."""
    if "columns" in request.GET:
        return listing.columns(resource, scope, request.GET) or columns_of(resource, scope)
    remembered = request.COOKIES.get(columns_cookie(resource), "")
    if remembered:
        return columns_of(resource, scope, remembered.split(",")) or columns_of(resource, scope)
    return columns_of(resource, scope)


def column_choice(
    resource: type[Resource], scope: Scope, chosen: list[ResolvedColumn]
) -> list[tuple[ResolvedColumn, bool]]:
    names = [c.name if isinstance(c, Column) else c for c in resource.columns]
    on = {column.name for column in chosen}
    rest = [c for c in columns_of(resource, scope, names) if c.name not in on]
    return [(c, True) for c in chosen] + [(c, False) for c in rest]


def heading(column: ResolvedColumn, params: QueryDict, resource: type[Resource]) -> dict[str, Any]:
    current = params.get("sort") or ",".join(resource.ordering)
    names = current.split(",")
    direction = "↑" if column.name in names else "↓" if f"-{column.name}" in names else ""
    flipped = f"-{column.name}" if direction == "↑" else column.name
    query = params.copy()
    query.pop("page", None)
    query["sort"] = flipped
    others = [name for name in names if name.lstrip("-") != column.name]
    more = query.copy()
    more["sort"] = ",".join([*others[:3], flipped])
    return {
        "column": column,
        "direction": direction,
        "aria": {"↑": "ascending", "↓": "descending"}.get(direction, "none"),
        "href": f"?{query.urlencode()}" if column.sortable else "",
        "more": f"?{more.urlencode()}" if column.sortable else "",
        "num": is_number(column),
    }


def is_number(column: ResolvedColumn) -> bool:
    kind = column.field.get_internal_type() if hasattr(column.field, "get_internal_type") else ""
    return not column.labels and not column.template and kind in NUMBERS


NUMBERS = {
    "IntegerField", "PositiveIntegerField", "PositiveSmallIntegerField", "SmallIntegerField",
    "BigIntegerField", "FloatField", "DecimalField",
}  # fmt: skip


def line(
    resource: type[Resource], row: Any, columns: list[ResolvedColumn], scope: Scope
) -> dict[str, Any]:
    return {
        "pk": row.pk,
        "href": address(resource, f"{row.pk}/"),
        "name": str(row),
        "cells": [(column, is_number(column), cell(column, row, scope)) for column in columns],
    }


def sorted_by(columns: list[ResolvedColumn], params: QueryDict) -> str:
    titles = {column.name: column.title for column in columns}
    names = [name for name in params.get("sort", "").split(",") if name.lstrip("-") in titles]
    said = [
        _("%s 降序") % titles[n[1:]] if n.startswith("-") else _("%s 升序") % titles[n]
        for n in names
    ]
    return _("按 %s") % _("，其次 ").join(said) if said else ""


def views(request: HttpRequest, resource: type[Resource]) -> list[dict[str, Any]]:
    """The shipped views, then the person's own; their counts are asked for when the page stands."""
    shown = request.GET.copy()
    for word in listing_words:
        shown.pop(word, None)
    here = shown.urlencode()
    own = ports().saved_filters._default_manager.filter(
        user_id=request.user.pk, resource=resource.model._meta.label_lower
    )
    found = [{"title": _("全部"), "query": "", "on": not here, "pk": None}]
    found += [
        {"title": _(v.title), "query": v.query, "on": here == v.query, "pk": None}
        for v in resource.views
    ]
    found += [{"title": v.title, "query": v.query, "on": here == v.query, "pk": v.pk} for v in own]
    return found
