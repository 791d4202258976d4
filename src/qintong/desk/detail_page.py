"""One thing on one page: its cards, what rooms add, what refers to it, its change record, its acts."""

from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Case, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render

from qintong.desk import history, listing
from qintong.desk.acts import permission_of
from qintong.desk.addresses import address
from qintong.desk.cells import NOTHING, cell
from qintong.desk.columns import columns_of, resolved
from qintong.desk.filters import filters_of
from qintong.desk.list_page import heading, line
from qintong.desk.panels import panels_of
from qintong.desk.paths import field_at, relations_in
from qintong.desk.registry import resources
from qintong.desk.resource import Action, Column, Related, Resource
from qintong.desk.scope import Scope
from qintong.desk.units import title_and_unit
from qintong.desk.visible import visible

RELATED_ROWS = 50
CHANGES = 50
RECENT_CHANGES = 8


def detail_page(request: HttpRequest, resource: type[Resource], pk: int) -> HttpResponse:
    scope: Scope = request.scope  # type: ignore[attr-defined]
    if not scope.allows(resource.permission("view")):
        raise PermissionDenied(resource.permission("view"))
    row = get_object_or_404(with_rights(resource, scope), pk=pk)
    tab = request.GET.get("tab", "")
    related = related_lists(resource, scope, row)
    events = history.events_of(resource, row.pk)
    context: dict[str, Any] = {
        "resource": resource,
        "row": row,
        "title": str(row),
        "plural": resource.model._meta.verbose_name_plural,
        "noun": resource.model._meta.verbose_name,
        "urls": {"list": address(resource), "row": address(resource, f"{row.pk}/")},
        "state": state_of(resource, scope, row),
        "actions": actions_on(resource, row),
        "may": {act: getattr(row, f"may_{act}") for act in ("change", "delete")},
        "tab": tab,
        "related": related,
        "changes_count": events.count() if events is not None else None,
        "is_demo": getattr(row, "is_demo", False),
    }
    if tab == "changes" and events is not None:
        context |= record(request, resource, scope, row)
    elif tab:
        context |= {"shown": related_tab(related, tab, scope)}
    else:
        context |= cards(request, resource, scope, row)
        context["recent"] = history.changes(resource, scope, row.pk, limit=RECENT_CHANGES)
    return render(request, resource.detail_template, context)


def with_rights(resource: type[Resource], scope: Scope) -> QuerySet[Any]:
    """Rows of the scope, each with may_change, may_delete and may_<action>: is it allowed in its place?"""
    rights = {act: resource.permission(act) for act in ("change", "delete")}
    rights |= {action.name: permission_of(resource, action) for action in resource.actions}
    answers = {
        f"may_{name}": Case(
            When(visible(scope, permission, resource.scope), then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        )
        if scope.allows(permission) and not (resource.read_only and name in {"change", "delete"})
        else Value(False, output_field=BooleanField())
        for name, permission in rights.items()
    }
    names = [name for fieldset in resource.fieldsets for name in fieldset.fields]
    paths = {relations_in(resource.model, name) for name in names} | set(listing.joined(resource))
    rows = resource.queryset_for(scope).annotate(**answers)
    return rows.select_related(*sorted(paths - {""})) if paths - {""} else rows


def actions_on(resource: type[Resource], row: Any) -> list[Action]:
    return [a for a in resource.actions if getattr(row, f"may_{a.name}") and a.available(row)]


def state_of(resource: type[Resource], scope: Scope, row: Any) -> str:
    """The chip beside the title."""
    if field_at(resource.model, "state") is None:
        return ""
    return cell(resolved(resource, scope, Column("state")), row, scope)


def cards(
    request: HttpRequest, resource: type[Resource], scope: Scope, row: Any
) -> dict[str, list[Any]]:
    """Panels of the rooms and cards of the declaration, in three columns."""
    panels = panels_of(request, row)
    own = [
        {"title": fieldset.title, "note": fieldset.note, "lines": lines}
        for fieldset in resource.fieldsets
        if (lines := lines_of(resource, scope, row, fieldset.fields))
    ]
    wide = [p for p in panels if p.column == "a"]
    first = [] if wide else own[::2]
    return {
        "wide": wide,
        "first": first,
        "middle_panels": [p for p in panels if p.column == "b"],
        "second": own if wide else own[1::2],
        "narrow": [p for p in panels if p.column == "c"],
    }


def lines_of(
    resource: type[Resource], scope: Scope, row: Any, names: tuple[str, ...]
) -> list[dict[str, Any]]:
    declared = {c.name: c for c in resource.columns if isinstance(c, Column)}
    lines = []
    for name in names:
        column = resolved(resource, scope, declared.get(name, Column(name)))
        if isinstance(column.field, GeometryField) and column.field.geom_type != "POINT":
            continue
        title, unit = (column.title, column.unit) if column.unit else title_and_unit(column.field)
        html = cell(column, row, scope)
        unit = "" if html is NOTHING else unit
        lines.append({"title": title, "unit": unit, "html": html})
    return lines


def related_lists(resource: type[Resource], scope: Scope, row: Any) -> list[dict[str, Any]]:
    """What refers to this row, of what the person may see, with counts."""
    found = []
    for declared in resource.related:
        other = resources()[declared.resource]
        if scope.allows(other.permission("view")):
            found.append(related_list(declared, other, scope, row))
    return found


def related_list(
    declared: Related, other: type[Resource], scope: Scope, row: Any
) -> dict[str, Any]:
    rows = other.queryset_for(scope).filter(**{declared.via: row.pk})
    filterable = {f.path for f in filters_of(other, scope)}
    new = f"{address(other, 'new/')}?{declared.via}={row.pk}"
    return {
        "key": declared.resource,
        "title": declared.title or other.model._meta.verbose_name_plural,
        "resource": other,
        "rows": rows,
        "via": declared.via,
        "count": rows.count(),
        "all": f"{address(other)}?{declared.via}={row.pk}" if declared.via in filterable else "",
        "new": new if scope.allows(other.permission("add")) and not other.read_only else "",
    }


def related_tab(related: list[dict[str, Any]], tab: str, scope: Scope) -> dict[str, Any]:
    found = next((each for each in related if each["key"] == tab), None)
    if found is None:
        raise Http404
    other: type[Resource] = found["resource"]
    columns = [c for c in columns_of(other, scope) if c.name != found["via"]]
    rows = (
        found["rows"]
        .select_related(*listing.joined(other))
        .order_by(*listing.order(other, scope, QueryDict()))
    )
    return found | {
        "columns": [heading(c, QueryDict(), other) | {"href": ""} for c in columns],
        "lines": [line(other, each, columns, scope) for each in rows[:RELATED_ROWS]],
        "is_cut": found["count"] > RELATED_ROWS,
    }


def record(
    request: HttpRequest, resource: type[Resource], scope: Scope, row: Any
) -> dict[str, Any]:
    """A page of the change record."""
    text = request.GET.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    first = (max(number, 1) - 1) * CHANGES
    return {
        "changes": history.changes(resource, scope, row.pk, first, CHANGES),
        "earlier": number + 1,
        "later": number - 1,
        "changes_to": first + CHANGES,
    }
