"""Keyset paging: the cursor holds the sort values of the last row, so page 10,000 costs what page 1 costs."""

import base64
import binascii
from typing import Any

import orjson
from django.db.models import Model, Q, QuerySet

from qintong.desk.api_problem import Problem
from qintong.desk.paths import value_at


def sort_keys(queryset: QuerySet[Any]) -> list[tuple[str, bool]]:
    """(field path, descending) of the queryset's order, as `listing.order` makes it: total, paths only."""
    names = [str(name) for name in queryset.query.order_by]
    return [(name.lstrip("-"), name.startswith("-")) for name in names]


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
