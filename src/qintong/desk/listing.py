"""From a query string to rows: filtered, searched, sorted. List, export and API all come through here."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from qintong.desk.columns import ResolvedColumn, columns_of
from qintong.desk.filters import parse
from qintong.desk.masking import readable
from qintong.desk.paths import field_at, relations_in
from qintong.desk.resource import Column, Resource
from qintong.desk.scope import Scope

TERMS = 5
"""Words of a search looked for at most."""
LONGEST_TERM = 100


def rows(resource: type[Resource], scope: Scope, params: QueryDict) -> QuerySet[Any]:
    """Rows of the scope that the query names, in its order, with what the columns need joined."""
    queryset = resource.queryset_for(scope).filter(parse(resource, scope, params).condition)
    queryset = queryset.filter(searched(resource, scope, params.get("q", "")))
    paths = joined(resource)
    if paths:
        queryset = queryset.select_related(*paths)
    return queryset.order_by(*order(resource, scope, params))


def errors(resource: type[Resource], scope: Scope, params: QueryDict) -> list[str]:
    """What in the query string makes no sense and was left out."""
    wrong = parse(resource, scope, params).errors
    allowed = sortable(resource, scope)
    for name in _names(params.get("sort", "")):
        if name.lstrip("-") not in allowed:
            wrong.append(_("不能按 %s 排序") % name)
    return wrong


def searched(resource: type[Resource], scope: Scope, text: str) -> Q:
    """Every word stands in at least one of the search fields that the person may read."""
    paths = [path for path in resource.search if readable(resource, scope, path)]
    condition = Q()
    for word in text.replace("\x00", "").split()[:TERMS]:
        anywhere = Q(pk__in=())
        for path in paths:
            anywhere |= Q(**{f"{path}__icontains": word[:LONGEST_TERM]})
        condition &= anywhere
    return condition


def sortable(resource: type[Resource], scope: Scope) -> set[str]:
    columns = (c if isinstance(c, Column) else Column(c) for c in resource.columns)
    return {"id", "pk"} | {
        c.name
        for c in columns
        if c.sortable
        and field_at(resource.model, c.name) is not None
        and readable(resource, scope, c.name)
    }


def order(resource: type[Resource], scope: Scope, params: QueryDict) -> list[str]:
    """`sort=-state,name`, else the declared order; always total, by primary key at last."""
    allowed = sortable(resource, scope)
    wanted = [name for name in _names(params.get("sort", "")) if name.lstrip("-") in allowed]
    names = wanted or [str(n) for n in resource.ordering or resource.model._meta.ordering or ()]
    paths = [_sort_path(resource, name) for name in names]
    return paths if any(n.lstrip("-") in {"pk", "id"} for n in paths) else [*paths, "pk"]


def _sort_path(resource: type[Resource], name: str) -> str:
    """A record sorts by its name, else by its own order: company → company__name."""
    sign, path = ("-", name[1:]) if name.startswith("-") else ("", name)
    found = field_at(resource.model, path)
    while found is not None and found.is_relation and found.related_model is not None:
        meta = found.related_model._meta
        fields = {f.name for f in meta.concrete_fields}
        following = "name" if "name" in fields else str((meta.ordering or ["pk"])[0]).lstrip("-")
        path = f"{path}__{following}"
        found = field_at(resource.model, path)
    return sign + path


def _names(text: str) -> list[str]:
    return [name for name in text.split(",")[:4] if name]


def joined(resource: type[Resource]) -> list[str]:
    """Relations that the columns go through."""
    names = (c.name if isinstance(c, Column) else c for c in resource.columns)
    paths = {relations_in(resource.model, name) for name in names} | set(resource.select)
    return sorted(paths - {""})


def columns(resource: type[Resource], scope: Scope, params: QueryDict) -> list[ResolvedColumn]:
    """`columns=a,b` chooses, `columns=all` takes every one, without it those shown at first."""
    chosen = params.get("columns", "")
    if chosen == "all":
        return columns_of(
            resource, scope, [c.name if isinstance(c, Column) else c for c in resource.columns]
        )
    return columns_of(resource, scope, chosen.split(",") if chosen else None)
