"""The filters of an entity: declared as field paths, written in the query string, turned into one Q.

state=operating&state=suspended     one of these
registered_on__gte=2020-01-01       from (also __lte: up to and with), dates and numbers
name=西安                            text contains
company__credit_code=9161…          natural key of a filtered foreign key, so does company=9161…
rated_on__isnull=true               empty
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from django.db import models
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from qintong.desk.masking import readable
from qintong.desk.paths import field_at
from qintong.desk.registry import resources
from qintong.desk.resource import Resource
from qintong.desk.scope import Scope

RESERVED = frozenset(
    {
        "q",
        "sort",
        "page",
        "page_size",
        "cursor",
        "columns",
        "fields",
        "format",
        "view",
        "show",
        "total",
    }
)
"""Parameters that are no filters."""
PICKED = "pk"
"""Rows by number: those that were ticked in a list."""
RANGES = ("gte", "lte")
MANY = 200
"""Values of one filter taken at most."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One declared filter."""

    path: str
    title: str
    kind: str
    """choice | related | yes_no | date | datetime | number | text | picked"""
    choices: tuple[tuple[str, str], ...] = ()
    model: type[models.Model] | None = None
    key: str = ""
    """The related model's natural key, when it is one field."""


@dataclass
class Parsed:
    """A query string understood: the condition, what was set, and what made no sense."""

    condition: Q = field(default_factory=Q)
    active: list[tuple[Filter, str, list[str]]] = field(default_factory=list)
    """(filter, suffix such as gte, values), in the order of the declaration."""
    errors: list[str] = field(default_factory=list)


def all_filters(resource: type[Resource]) -> tuple[Filter, ...]:
    """As declared, for the document of the API."""
    return _made_filters(resource)  # type: ignore[arg-type]  # a class is hashable


@cache
def _made_filters(resource: type[Resource]) -> tuple[Filter, ...]:
    return tuple(_filter(resource, path) for path in resource.filters)


def filters_of(resource: type[Resource], scope: Scope) -> tuple[Filter, ...]:
    """Those whose field the person may read in clear."""
    return tuple(f for f in all_filters(resource) if readable(resource, scope, f.path))


def _filter(resource: type[Resource], path: str) -> Filter:
    found = field_at(resource.model, path)
    title = str(getattr(found, "verbose_name", path))
    choices = tuple((str(v), str(label)) for v, label in getattr(found, "flatchoices", None) or ())
    if choices:
        return Filter(path, title, "choice", choices)
    if found is not None and found.is_relation:
        related = resources().get(found.related_model._meta.label_lower)
        natural = related.natural_key if related else ()
        key = natural[0] if len(natural) == 1 else ""
        return Filter(path, title, "related", model=found.related_model, key=key)
    kinds: tuple[tuple[type[Any], str], ...] = (
        (models.BooleanField, "yes_no"),
        (models.DateTimeField, "datetime"),
        (models.DateField, "date"),
        (models.IntegerField, "number"),
        (models.FloatField, "number"),
        (models.DecimalField, "number"),
    )
    kind = next((name for cls, name in kinds if isinstance(found, cls)), "text")
    return Filter(path, title, kind)


def parse(resource: type[Resource], scope: Scope, params: QueryDict) -> Parsed:
    """Never raises: what makes no sense is left out and named in `errors`."""
    parsed = Parsed()
    known = {f.path: f for f in filters_of(resource, scope)}
    known[PICKED] = Filter(PICKED, _("所选"), "picked")
    for name in params:
        if name in RESERVED:
            continue
        values = [value for value in params.getlist(name)[:MANY] if value != ""]
        found, suffix = _match(known, name)
        if found is not None and suffix and not readable(resource, scope, name):
            found = None
        if found is None:
            parsed.errors.append(_("没有筛选项 %s") % name)
        elif values:
            try:
                parsed.condition &= _condition(found, suffix, values)
                parsed.active.append((found, suffix, values))
            except (ValueError, InvalidOperation):
                shown = "、".join(values)[:80]
                message = _("%(title)s 不能是 %(value)s")
                parsed.errors.append(message % {"title": found.title, "value": shown})
    order = list(known)
    parsed.active.sort(key=lambda item: order.index(item[0].path))
    return parsed


def _match(known: dict[str, Filter], name: str) -> tuple[Filter | None, str]:
    """(filter, suffix). The longest declared path that begins the name, with a suffix that it allows."""
    if name in known:
        return known[name], ""
    path, _sep, suffix = name.rpartition("__")
    found = known.get(path)
    if found is None:
        return None, ""
    allowed = {"isnull"}
    if found.kind in {"date", "datetime", "number"}:
        allowed |= set(RANGES)
    if found.kind == "related":
        allowed |= {found.key, "pk"} - {""}
        allowed |= _natural(found.model)
    return (found, suffix) if suffix in allowed else (None, "")


def _natural(model: type[models.Model] | None) -> set[str]:
    related = resources().get(model._meta.label_lower) if model else None
    return set(related.natural_key) if related else set()


def _condition(found: Filter, suffix: str, values: list[str]) -> Q:
    path = found.path
    if any("\x00" in value for value in values):
        raise ValueError(values)
    if suffix == "isnull":
        return Q(**{f"{path}__isnull": _yes(values[-1])})
    match found.kind:
        case "choice":
            allowed = dict(found.choices)
            if any(value not in allowed for value in values):
                raise ValueError(values)
            return Q(**{f"{path}__in": values})
        case "yes_no":
            return Q(**{f"{path}__in": [_yes(value) for value in values]})
        case "picked":
            return Q(pk__in=[_key(value) for value in values])
        case "related":
            return _related(found, suffix, values)
        case "number":
            numbers = [Decimal(value) for value in values]
            if not all(n.is_finite() and -18 <= n.adjusted() <= 18 for n in numbers):
                raise ValueError(values)
            if suffix:
                return Q(**{f"{path}__{suffix}": numbers[-1]})
            return Q(**{f"{path}__in": numbers})
        case "date":
            days = [date.fromisoformat(value) for value in values]
            return Q(**{f"{path}__{suffix or 'in'}": days[-1] if suffix else days})
        case "datetime":
            return _moment(path, suffix, date.fromisoformat(values[-1][:10]))
        case _:
            return _any(Q(**{f"{path}__icontains": value}) for value in values)


def _related(found: Filter, suffix: str, values: list[str]) -> Q:
    if suffix and suffix != "pk":
        return Q(**{f"{found.path}__{suffix}__in": values})
    pks = [
        int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19
    ]
    condition = Q(**{f"{found.path}__in": pks}) if pks else Q(pk__in=())
    if found.key and not suffix:
        condition |= Q(**{f"{found.path}__{found.key}__in": values})
    elif len(pks) != len(values):
        raise ValueError(values)
    return condition


def _moment(path: str, suffix: str, day: date) -> Q:
    """Whole days of local time."""
    start = timezone.make_aware(datetime.combine(day, datetime.min.time()))
    end = start + timedelta(days=1)
    if suffix == "gte":
        return Q(**{f"{path}__gte": start})
    if suffix == "lte":
        return Q(**{f"{path}__lt": end})
    return Q(**{f"{path}__gte": start, f"{path}__lt": end})


def _key(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise ValueError(value)
    return int(value)


def _yes(value: str) -> bool:
    if value.lower() in {"true", "1", "on"}:
        return True
    if value.lower() in {"false", "0", "off"}:
        return False
    raise ValueError(value)


def _any(conditions: Iterable[Q]) -> Q:
    found = Q(pk__in=())
    for condition in conditions:
        found |= condition
    return found
