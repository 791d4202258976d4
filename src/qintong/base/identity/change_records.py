"""变更记录: what was changed in any entity, by whom, from the database's own history."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Field, ForeignKey, Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe
from pghistory.core import event_models

from qintong.desk.registry import resources
from qintong.desk.resource import Resource
from qintong.desk.scope import Scope

from .users import User

PERMISSION = "identity.view_changes"
PAGE = 50
WORDS = {"insert": _lazy("新增"), "update": _lazy("更改"), "delete": _lazy("删除")}
SHOWN_LENGTH = 60


@dataclass(frozen=True, slots=True)
class FieldChange:
    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    at: datetime
    act: str
    entity: str
    key: str
    actor: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and the names of related rows met so far."""

    scope: Scope
    names: dict[tuple[type[Model], Any], str]

    def is_masked(self, resource: type[Resource], name: str) -> bool:
        grade = resource.masked.get(name)
        return grade is not None and grade not in self.scope.unmasked

    def name_of(self, model: type[Model], pk: Any) -> str:
        if (model, pk) not in self.names:
            row = model._default_manager.filter(pk=pk).first()
            self.names[model, pk] = f"#{pk}" if row is None else str(row)
        return self.names[model, pk]


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """Newest first, of all entities or of one."""
    scope: Scope = request.scope  # type: ignore[attr-defined]
    if not _sees_everything(scope):
        raise PermissionDenied
    tracked = {
        label: resource for label, resource in resources().items() if _events_of(resource.model)
    }
    chosen = request.GET.get("entity", "")
    before = _moment(request.GET.get("before", ""))
    wanted = [tracked[chosen]] if chosen in tracked else list(tracked.values())
    reader = Reader(scope, {})
    found: list[Change] = []
    for resource in wanted:
        found += _changes_of(resource, reader, before)
    found.sort(key=lambda change: change.at, reverse=True)
    context = {
        "changes": found[:PAGE],
        "entities": [(k, r.model._meta.verbose_name) for k, r in tracked.items()],
        "chosen": chosen,
        "before": found[PAGE - 1].at.isoformat() if len(found) > PAGE - 1 else "",
    }
    return render(request, "identity/changes.html", context)


def _sees_everything(scope: Scope) -> bool:
    """The history of rows that are gone has no place any more: it is for whole-province auditors."""
    return any(
        len(grant.region_prefix) <= 2 and not grant.organisation_path and not grant.business_line
        for grant in scope.grants_for(PERMISSION)
    )


def _moment(text: str) -> datetime:
    try:
        return parse_datetime(text) or timezone.now()
    except ValueError:
        return timezone.now()


def _events_of(model: type[Model]) -> type[Model] | None:
    found = event_models(tracks_model=model)
    return found[0] if found else None


def _changes_of(resource: type[Resource], reader: Reader, before: datetime) -> list[Change]:
    """One statement an entity: its latest events with the row as it was before each."""
    events = _events_of(resource.model)
    assert events is not None
    table = connection.ops.quote_name(events._meta.db_table)
    geometry = [f.column for f in events._meta.concrete_fields if hasattr(f, "geom_type")]
    with connection.cursor() as cursor:
        cursor.execute(
            # the table's name is from the model, quoted; values are bound
            f"""SELECT e.pgh_created_at, e.pgh_label, to_jsonb(e) - %(geometry)s::text[], (
                    SELECT to_jsonb(p) - %(geometry)s::text[] FROM {table} p
                    WHERE p.pgh_obj_id = e.pgh_obj_id AND p.pgh_id < e.pgh_id
                    ORDER BY p.pgh_id DESC LIMIT 1), c.metadata ->> 'user'
                FROM (SELECT * FROM {table} WHERE pgh_created_at < %(before)s
                      ORDER BY pgh_id DESC LIMIT %(limit)s) e
                LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id""",  # noqa: S608
            {"geometry": geometry, "before": before, "limit": PAGE},
        )
        rows = [
            (at, label, json.loads(now), json.loads(old) if old else None, user)
            for at, label, now, old, user in cursor.fetchall()
        ]
    users = dict(
        User.objects.filter(pk__in={int(r[4]) for r in rows if r[4]}).values_list("pk", "name")
    )
    return [_change(resource, reader, row, users) for row in rows]


def _change(
    resource: type[Resource], reader: Reader, row: tuple[Any, ...], users: dict[int, str]
) -> Change:
    at, label, now, before, user = row
    fields = [f for f in resource.model._meta.concrete_fields if f.column in now]
    changed = [
        FieldChange(
            str(f.verbose_name),
            _words(resource, reader, f, before.get(f.column)),
            _words(resource, reader, f, now[f.column]),
        )
        for f in fields
        if label == "update" and before is not None and before.get(f.column) != now[f.column]
    ]
    key = [now[f.column] for f in fields if f.name in resource.natural_key]
    named = [now[f.column] for f in fields if f.name in ("name", "title")]
    return Change(
        at=at,
        act=str(WORDS.get(label, label)),
        entity=str(resource.model._meta.verbose_name),
        key=_key(resource, reader, [str(v) for v in (*key, *named)] or [str(now["pgh_obj_id"])]),
        actor=users.get(int(user), _("已删除的用户")) if user else _("系统"),
        fields=tuple(changed),
    )


def _key(resource: type[Resource], reader: Reader, parts: list[str]) -> str:
    hidden = any(reader.is_masked(resource, name) for name in resource.natural_key)
    return parts[-1] if hidden else " ".join(parts)


def _words(resource: type[Resource], reader: Reader, field: "Field[Any, Any]", value: Any) -> str:
    """A value as a person reads it; masked fields say only that they changed."""
    if value in (None, "", []):
        return "—"
    if reader.is_masked(resource, field.name):
        return "***"
    if field.choices and not isinstance(field, ArrayField):
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, str) and field.get_internal_type() == "DateTimeField":
        moment = parse_datetime(value)
        return date_format(timezone.localtime(moment), "Y-m-d H:i") if moment else value
    if isinstance(field, ForeignKey):
        return reader.name_of(field.remote_field.model, value)
    text = "、".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}…"
