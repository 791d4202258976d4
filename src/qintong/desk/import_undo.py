"""Takes a whole import back from the change record: added rows go, changed rows get their values of before.

A row that somebody changed afterwards, or that others refer to by now, stays and is counted.
"""

from typing import Any

import pghistory
from django.apps import apps
from django.db import transaction
from django.db.models import Max, Model, ProtectedError, RestrictedError
from django.utils import timezone
from pghistory.models import Event

from qintong.desk.import_run import KEPT
from qintong.desk.ports import ports
from qintong.desk.registry import resource_for

CHUNK = 500


def can_undo(run: Any) -> bool:
    """Within 30 days, for what was written, also by an import that stopped half-way."""
    if run.state not in {run.State.DONE, run.State.FAILED} or not run.summary.get("contexts"):
        return False
    return bool(run.finished_at and timezone.now() < run.finished_at + KEPT)


def event_model(model: type[Model]) -> type[Event]:
    """The history of a tracked model. Raises LookupError when it has none."""
    for candidate in apps.get_models():
        if issubclass(candidate, Event) and getattr(candidate, "pgh_tracked_model", None) is model:
            return candidate
    raise LookupError(f"{model._meta.label} is not tracked")


def undo(run: Any) -> None:
    """Idempotent: going on after a stop finds the rows already taken back as changed afterwards by itself, and leaves them."""
    run.state, run.done = run.State.UNDOING, 0
    run.save(update_fields=["state", "done"])
    resource = resource_for(run.resource)
    events: Any = event_model(resource.model)
    scope = ports().scope_of_user(run.user_id)
    mine = events._default_manager.filter(pgh_context_id__in=run.summary["contexts"])
    counts = {"removed": 0, "restored": 0, "kept": 0}
    last = 0
    with pghistory.context(user=run.user_id, undo_of=run.pk):
        while batch := list(mine.filter(pgh_id__gt=last).order_by("pgh_id")[:CHUNK]):
            last = batch[-1].pgh_id
            rows = resource.queryset_for(scope, "change").in_bulk([e.pgh_obj_id for e in batch])
            with transaction.atomic():
                for outcome, number in _take_back(batch, rows, events).items():
                    counts[outcome] += number
                run.done += len(batch)
                run.save(update_fields=["done"])
    run.summary |= {"undone": counts}
    run.state, run.undone_at = run.State.UNDONE, timezone.now()
    run.save(update_fields=["state", "summary", "undone_at"])


def _take_back(batch: list[Any], rows: dict[Any, Model], events: Any) -> dict[str, int]:
    """Takes back one batch; the history of its rows is read in two queries."""
    history = events._default_manager.filter(pgh_obj_id__in=[e.pgh_obj_id for e in batch])
    newest = dict(history.order_by().values_list("pgh_obj_id").annotate(Max("pgh_id")))
    untouched = [e for e in batch if e.pgh_obj_id in rows and newest[e.pgh_obj_id] == e.pgh_id]
    added = [rows[e.pgh_obj_id] for e in untouched if e.pgh_label == "insert"]
    changed = [e for e in untouched if e.pgh_label == "update"]
    before = {
        event.pgh_obj_id: event
        for event in history.filter(pgh_id__lt=batch[0].pgh_id)
        .filter(pgh_obj_id__in=[e.pgh_obj_id for e in changed])
        .order_by("pgh_obj_id", "-pgh_id")
        .distinct("pgh_obj_id")
    }
    removed = _remove(added)
    restored = sum(_restore(rows[e.pgh_obj_id], before.get(e.pgh_obj_id)) for e in changed)
    kept = len(batch) - removed - restored
    return {"removed": removed, "restored": restored, "kept": kept}


def _remove(rows: list[Model]) -> int:
    """Together; one by one where some are referred to by now."""
    if not rows:
        return 0
    try:
        with transaction.atomic():
            type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows]).delete()
        return len(rows)
    except (ProtectedError, RestrictedError):
        return sum(_remove([row]) for row in rows) if len(rows) > 1 else 0


def _restore(row: Model, before: Any) -> int:
    if before is None:
        return 0
    for model_field in row._meta.concrete_fields:
        if not model_field.primary_key and hasattr(before, model_field.attname):
            setattr(row, model_field.attname, getattr(before, model_field.attname))
    row.save(force_update=True)
    return 1
