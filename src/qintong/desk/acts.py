"""Runs an action of an entity on rows: permission in place, availability, reason, one transaction. Page and API share it."""

from typing import Any

import pghistory
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from qintong.desk.resource import Action, Resource
from qintong.desk.scope import Scope
from qintong.desk.visible import visible


class ActRefused(ValueError):
    """The act cannot be done on these rows; the message says why and names one."""


def permission_of(resource: type[Resource], action: Action) -> str:
    """`registry.admit_terminal`"""
    return f"{resource.model._meta.app_label}.{action.name}"


def action_named(resource: type[Resource], name: str) -> Action | None:
    return next((action for action in resource.actions if action.name == name), None)


def rows_for(resource: type[Resource], scope: Scope, action: Action) -> QuerySet[Any]:
    """Rows that the person sees and on which a grant allows the act."""
    allowed = visible(scope, permission_of(resource, action), resource.scope)
    return resource.queryset_for(scope).filter(allowed)


def run_action(
    request: HttpRequest,
    resource: type[Resource],
    action: Action,
    rows: QuerySet[Any],
    reason: str = "",
) -> str:
    """→ message for the person. `rows` come from `rows_for`. Raises ActRefused; then nothing is done."""
    if action.reason and not reason.strip():
        raise ActRefused(_("%s要写原因") % action.title)
    form = {"reason": reason.strip()} if action.reason else {}
    with transaction.atomic(), pghistory.context(act=action.name, **form):
        for row in rows.select_for_update(of=("self",)).iterator(chunk_size=500):
            if not action.available(row):
                raise ActRefused(_("%(row)s 现在不能%(act)s") % {"row": row, "act": action.title})
        return str(action.run(request, rows, **form))
