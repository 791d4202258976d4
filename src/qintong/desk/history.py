"""The change record of a row as sentences: 林知行 把 限载 由 20 t 改为 30 t.

Rows of pghistory's event table are full snapshots written by triggers; a change is the difference of
two that follow each other. Only declared fields are told, masked as everywhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from qintong.desk.masking import mask, readable
from qintong.desk.registry import resources
from qintong.desk.resource import Column, Resource
from qintong.desk.scope import Scope
from qintong.desk.templatetags.numbers import commas
from qintong.desk.units import title_and_unit

NAMES_LOOKED_UP = 200


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the record."""

    pk: int
    at: datetime
    who: str
    """Empty when a process did it."""
    sentences: tuple[str, ...]
    reason: str
    kind: str
    """insert, update, delete."""


def events_of(resource: type[Resource], pk: int) -> QuerySet[Any] | None:
    """Snapshots of one row, newest first; None for an entity without a change record."""
    meta = resource.model._meta
    try:
        events = apps.get_model(meta.app_label, f"{meta.object_name}Event")
    except LookupError:
        return None
    return events._default_manager.filter(pgh_obj=pk).order_by("-pgh_id")


def changes(
    resource: type[Resource], scope: Scope, pk: int, first: int = 0, limit: int = 50
) -> list[Change]:
    """Newest first. Three queries, and one for every kind of record that a changed field names."""
    events = events_of(resource, pk)
    if events is None:
        return []
    found = list(events.select_related("pgh_context")[first : first + limit + 1])
    names = _names(resource, scope, found)
    people = _people(found[:limit])
    return [
        _change(resource, scope, event, earlier, names, people)
        for event, earlier in pairwise([*found, *([None] if len(found) <= limit else [])])
    ]


def told(resource: type[Resource]) -> list[Any]:
    """Fields of the declaration that the table itself holds."""
    names = [name for fieldset in resource.fieldsets for name in fieldset.fields]
    names += [c.name if isinstance(c, Column) else c for c in resource.columns]
    own = {f.name: f for f in resource.model._meta.concrete_fields if not f.primary_key}
    return [own[name] for name in dict.fromkeys(names) if name in own]


def _change(
    resource: type[Resource],
    scope: Scope,
    event: Any,
    earlier: Any,
    names: dict[tuple[str, Any], str],
    people: dict[int, str],
) -> Change:
    context = event.pgh_context.metadata if event.pgh_context else {}
    kind = event.pgh_label if event.pgh_label in {"insert", "delete"} else "update"
    sentences: tuple[str, ...] = ()
    if kind == "insert":
        sentences = (_("登记"),)
    elif kind == "delete":
        sentences = (_("删去"),)
    elif earlier is not None:
        sentences = tuple(_differences(resource, scope, earlier, event, names)) or (
            _("未改所列各项"),
        )
    who = people.get(context.get("user") or 0, "")
    return Change(
        event.pgh_id, event.pgh_created_at, who, sentences, context.get("reason", ""), kind
    )


def _differences(
    resource: type[Resource], scope: Scope, old: Any, new: Any, names: dict[tuple[str, Any], str]
) -> Iterable[str]:
    for field in told(resource):
        before, after = getattr(old, field.attname, None), getattr(new, field.attname, None)
        if before == after:
            continue
        title, unit = title_and_unit(field)
        texts = [
            mask(text) if not readable(resource, scope, field.name) else text
            for text in (said(field, value, unit, names) for value in (before, after))
        ]
        if isinstance(before or after, GEOSGeometry) and texts[0]:
            yield _("移动 %s") % title
        elif not texts[0]:
            yield _("填写 %(title)s %(new)s") % {"title": title, "new": texts[1]}
        elif not texts[1]:
            yield _("清空 %(title)s，原为 %(old)s") % {"title": title, "old": texts[0]}
        else:
            words = {"title": title, "old": texts[0], "new": texts[1]}
            yield _("把 %(title)s 由 %(old)s 改为 %(new)s") % words


def said(field: Any, value: Any, unit: str, names: dict[tuple[str, Any], str]) -> str:
    """A stored value in words; "" for nothing."""
    if value is None or value == "":
        return ""
    if field.is_relation:
        return names.get((field.name, value), _("编号 %s") % value)
    if labels := {key: str(label) for key, label in getattr(field, "flatchoices", None) or ()}:
        return labels.get(value, str(value))
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, GEOSGeometry):
        return value.geom_type
    text = str(commas(value)) if isinstance(value, int | float) else str(value)
    return f"{text} {unit}".strip()


def _names(
    resource: type[Resource], scope: Scope, events: Sequence[Any]
) -> dict[tuple[str, Any], str]:
    """(field, key) → name of the record, of those the person may see and that changed."""
    found: dict[tuple[str, Any], str] = {}
    for field in (f for f in told(resource) if f.is_relation):
        keys = {getattr(event, field.attname, None) for event in events}
        if len(keys) < 2:
            continue
        rows = visible_rows(field.related_model, scope).filter(
            pk__in=list(keys - {None})[:NAMES_LOOKED_UP]
        )
        found |= {(field.name, row.pk): str(row) for row in rows}
    return found


def visible_rows(model: type[Model], scope: Scope) -> QuerySet[Any]:
    related = resources().get(model._meta.label_lower)
    return related.queryset_for(scope) if related else model._default_manager.none()


def _people(events: Sequence[Any]) -> dict[int, str]:
    keys = {e.pgh_context.metadata.get("user") for e in events if e.pgh_context} - {None}
    return {user.pk: str(user) for user in get_user_model()._default_manager.filter(pk__in=keys)}
