"""Keyset paging: the cursor holds the sort values of the last row, so page 10,000 costs what page 1 costs."""

import base64
import binascii
from typing import Any

import orjson
from django.db.models import F, Model, OrderBy, Q, QuerySet

from qintong.desk.api_problem import Problem


def sort_keys(queryset: QuerySet[Any]) -> list[tuple[str, bool]]:
    """(field path, descending) of the queryset's order, made total by the primary key."""
    keys: list[tuple[str, bool]] = []
    for part in queryset.query.order_by or queryset.model._meta.ordering or ():
        if isinstance(part, OrderBy) and isinstance(part.expression, F):
            keys.append((part.expression.name, part.descending))
        elif isinstance(part, str):
            keys.append((part.lstrip("-"), part.startswith("-")))
        else:
            raise Problem(400, "这种排序不能用游标翻页", "改用 page 参数")
    if not any(path in {"pk", "id"} for path, _descending in keys):
        keys.append(("pk", False))
    return keys


def value_at(row: Model, path: str) -> Any:
    value: Any = row
    for part in path.split("__"):
        value = getattr(value, part, None)
    return value.pk if isinstance(value, Model) else value


def encode(row: Model, keys: list[tuple[str, bool]]) -> str:
    values = [value_at(row, path) for path, _descending in keys]
    return base64.urlsafe_b64encode(orjson.dumps(values, default=str)).decode().rstrip("=")


def after(queryset: QuerySet[Any], keys: list[tuple[str, bool]], cursor: str) -> QuerySet[Any]:
    """Rows behind the cursor. PostgreSQL puts NULL last ascending, first descending."""
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise Problem(400, "游标读不懂", "游标只能用上一页给出的 next") from error
    if not isinstance(values, list) or len(values) != len(keys):
        raise Problem(400, "游标与排序不符", "换了排序就从头翻起")
    condition, equal = Q(pk__in=()), Q()
    for (path, descending), value in zip(keys, values, strict=True):
        condition |= equal & _behind(path, descending, value)
        equal &= Q(**{f"{path}__isnull": True}) if value is None else Q(**{path: value})
    return queryset.filter(condition)


def _behind(path: str, descending: bool, value: Any) -> Q:
    if value is None:
        return Q(**{f"{path}__isnull": False}) if descending else Q(pk__in=())
    if descending:
        return Q(**{f"{path}__lt": value})
    return Q(**{f"{path}__gt": value}) | Q(**{f"{path}__isnull": True})
