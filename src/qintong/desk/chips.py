"""The filters of a list on screen: what is set, as chips; what can be set, as a panel."""

from typing import Any

from django.db.models import Model
from django.http import QueryDict
from django.utils.translation import gettext as _

from qintong.desk.filters import Filter, filters_of, parse
from qintong.desk.registry import resources
from qintong.desk.resource import Resource
from qintong.desk.scope import Scope

CHOICES_SHOWN = 200
"""A related record with more choices than this is found by typing."""


def chips(resource: type[Resource], scope: Scope, params: QueryDict) -> list[dict[str, Any]]:
    """One chip a parameter, with the query that is left when it is taken away."""
    found = []
    for filtered, suffix, values in parse(resource, scope, params).active:
        name = f"{filtered.path}__{suffix}" if suffix else filtered.path
        rest = params.copy()
        rest.pop(name, None)
        rest.pop("page", None)
        found.append(
            {
                "title": filtered.title,
                "value": said(filtered, suffix, values, scope),
                "without": f"?{rest.urlencode()}",
            }
        )
    return found


def said(filtered: Filter, suffix: str, values: list[str], scope: Scope) -> str:
    """The values in words: 营运、停运; 2026-01-01 起."""
    if suffix == "isnull":
        return _("空") if values[-1].lower() in {"true", "1", "on"} else _("不空")
    if filtered.kind == "picked":
        return _("%d 行") % len(values)
    labels = dict(filtered.choices)
    if filtered.kind == "yes_no":
        labels = {"true": _("是"), "1": _("是"), "on": _("是")}
        values = [value if value in labels else "" for value in values]
        labels[""] = _("否")
    if filtered.kind == "related":
        labels = names(filtered, suffix, values, scope)
    text = "、".join(str(labels.get(value, value)) for value in values[:3])
    if len(values) > 3:
        text = _("%(first)s 等 %(n)d 项") % {"first": text, "n": len(values)}
    if suffix == "gte":
        return _("%s 起") % text
    return _("至 %s") % text if suffix == "lte" else text


def names(filtered: Filter, suffix: str, values: list[str], scope: Scope) -> dict[str, str]:
    """Names of the related records that are named by key or number, of those in scope."""
    rows = related_rows(filtered.model, scope)
    if rows is None:
        return {}
    key = suffix if suffix and suffix != "pk" else filtered.key
    numbers = [value for value in values if value.isascii() and value.isdigit() and len(value) < 19]
    found = {str(row.pk): str(row) for row in rows.filter(pk__in=numbers)[:CHOICES_SHOWN]}
    if key:
        keyed = rows.filter(**{f"{key}__in": values})[:CHOICES_SHOWN]
        found |= {str(getattr(row, key)): str(row) for row in keyed}
    return found


def related_rows(model: type[Model] | None, scope: Scope) -> Any:
    related = resources().get(model._meta.label_lower) if model else None
    return related.queryset_for(scope) if related else None


def panel(resource: type[Resource], scope: Scope, params: QueryDict) -> list[dict[str, Any]]:
    """One block a filter, for the panel that 条件 opens. Records are looked up when it is opened."""
    return [
        {
            "filter": f,
            "values": params.getlist(f.path),
            "low": params.get(f"{f.path}__gte", ""),
            "high": params.get(f"{f.path}__lte", ""),
            "text": params.get(f.path, ""),
            "input": "number" if f.kind == "number" else "date",
        }
        for f in filters_of(resource, scope)
    ]
