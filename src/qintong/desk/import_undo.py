"""Takes a whole import back from the change record: added rows go, changed rows get their values of before.

A row that somebody changed afterwards, or that others refer to by now, stays and is counted.
"""

from typing import Any

import pghistory
from django.apps import apps
from django.db import transaction
from django.db.models import Model, ProtectedError, RestrictedError
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
            with transaction.atomic():
                rows = resource.queryset_for(scope, "change").in_bulk(
                    [event.pgh_obj_id for event in batch]
                )
                for event in batch:
                    counts[_take_back(event, rows.get(event.pgh_obj_id), events)] += 1
                run.done += len(batch)
                run.save(update_fields=["done"])
    run.summary |= {"undone": counts}
    run.state, run.undone_at = run.State.UNDONE, timezone.now()
    run.save(update_fields=["state", "summary", "undone_at"])


def _take_back(event: Any, row: Model | None, events: Any) -> str:
    history = events._default_manager.filter(pgh_obj_id=event.pgh_obj_id)
    if row is None or history.filter(pgh_id__gt=event.pgh_id).exists():
        return "kept"
    if event.pgh_label == "insert":
        try:
            with transaction.atomic():
                row.delete()
        except (ProtectedError, RestrictedError):
            return "kept"
        return "removed"
    before = history.filter(pgh_id__lt=event.pgh_id).order_by("-pgh_id").first()
    if before is None:
        return "kept"
    for model_field in row._meta.concrete_fields:
        if not model_field.primary_key and hasattr(before, model_field.attname):
            setattr(row, model_field.attname, getattr(before, model_field.attname))
    row.save(force_update=True)
    return "restored"
