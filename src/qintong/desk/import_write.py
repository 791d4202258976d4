"""Writes judged rows, a chunk in one savepoint; goes row by row only where the database refuses."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from qintong.desk.import_lines import Line
from qintong.desk.resource import Resource
from qintong.desk.scope import Scope


@dataclass(slots=True)
class Draft:
    """A row on its way: its line of the report and the instance it would become."""

    line: Line
    instance: Any = None
    before: dict[str, Any] = field(default_factory=dict)
    """Field → stored value before, for a row that updates."""
    values: dict[str, Any] = field(default_factory=dict)


class Judgement(Protocol):
    """What writing needs of the judge."""

    resource: type[Resource]
    scope: Scope

    def fail(self, draft: Draft, name: str, reason: str, rule: str) -> None: ...
    def refuse(self, draft: Draft, errors: dict[str, list[ValidationError]]) -> None: ...


class _Outside(Exception):
    """Takes back the savepoint of a chunk that holds rows outside the scope."""


def quiet(instance: Any) -> None:
    """Leaves unique and check constraints to the database, which judges the whole chunk at once."""
    instance.validate_unique = instance.validate_constraints = lambda exclude=None: None


def _loud(instance: Any) -> None:
    instance.__dict__.pop("validate_unique", None)
    instance.__dict__.pop("validate_constraints", None)


def write_chunk(drafts: list[Draft], judge: Judgement) -> None:
    """Whatever the database refuses or the scope does not hold becomes an error of its row; the rest is written."""
    if not drafts:
        return
    outside: list[Draft] = []
    try:
        with transaction.atomic():
            _save(drafts)
            outside = _outside(drafts, judge)
            if outside:
                raise _Outside
    except _Outside:
        for draft in outside:
            _refuse_outside(draft, judge)
        write_chunk([draft for draft in drafts if draft.line.result != "error"], judge)
    except DatabaseError:
        for draft in drafts:
            _write_one(draft, judge)


def _save(drafts: list[Draft]) -> None:
    new = [draft.instance for draft in drafts if draft.line.result == "new"]
    for instance in new:
        instance.pk = None
        instance._state.adding = True
    if new and type(new[0]).save is Model.save:
        type(new[0])._default_manager.bulk_create(new)
    else:
        for instance in new:
            instance.save(force_insert=True)
    for draft in drafts:
        if draft.line.result == "update":
            draft.instance.save(force_update=True)
        draft.line.pk = draft.instance.pk


def _outside(drafts: list[Draft], judge: Judgement) -> list[Draft]:
    """Rows that the person would no longer see once written."""
    pks = {draft.instance.pk for draft in drafts}
    inside = judge.resource.queryset_for(judge.scope).filter(pk__in=pks)
    lost = pks - set(inside.values_list("pk", flat=True))
    return [draft for draft in drafts if draft.instance.pk in lost]


def _refuse_outside(draft: Draft, judge: Judgement) -> None:
    judge.fail(draft, "", _("不在你的范围内"), _("这一行不在你的范围内，不能导入。"))


def _write_one(draft: Draft, judge: Judgement) -> None:
    _loud(draft.instance)
    if draft.line.result == "new":
        draft.instance.pk = None
        draft.instance._state.adding = True
    try:
        draft.instance.validate_unique()
        draft.instance.validate_constraints()
        with transaction.atomic():
            _save([draft])
            if _outside([draft], judge):
                raise _Outside
    except ValidationError as error:
        judge.refuse(draft, error.error_dict)
    except _Outside:
        _refuse_outside(draft, judge)
    except DatabaseError as error:
        judge.fail(draft, "", _("数据库拒收"), str(error).splitlines()[0])
