"""What is decided about a terminal: let it report for a vehicle, refuse it, retire it."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from qintong.base.identity.audit import record

from .roster import publish_roster_after_commit
from .rules.plate_number import normalise_plate
from .vehicles import Vehicle


def admit_terminal(request: HttpRequest, terminals: QuerySet[Any]) -> str:
    """Each needs a vehicle: the one entered, else the one whose plate it claims. All or none."""
    with transaction.atomic():
        rows = list(terminals.exclude(state="admitted").select_for_update(of=("self",)))
        for terminal in rows:
            terminal.vehicle = terminal.vehicle or _claimed_vehicle(terminal)
            terminal.region = terminal.vehicle.region
            terminal.state = "admitted"
            terminal.token = terminal.token or secrets.token_hex(8)
            terminal.save()
            record(request, "admit_terminal", about=terminal, vehicle=str(terminal.vehicle))
        publish_roster_after_commit()
    return _("准入 %(count)d 台终端") % {"count": len(rows)}


def refuse_terminal(request: HttpRequest, terminals: QuerySet[Any], reason: str = "") -> str:
    count = _take_off(request, terminals, "refused", "refuse_terminal", reason)
    return _("拒绝 %(count)d 台终端") % {"count": count}


def retire_terminal(request: HttpRequest, terminals: QuerySet[Any], reason: str = "") -> str:
    count = _take_off(request, terminals, "retired", "retire_terminal", reason)
    return _("停用 %(count)d 台终端") % {"count": count}


def _take_off(
    request: HttpRequest, terminals: QuerySet[Any], state: str, act: str, reason: str
) -> int:
    """Off the roster: gateways close its link and no longer take its reports."""
    with transaction.atomic():
        rows = list(terminals.exclude(state=state).select_for_update(of=("self",)))
        for terminal in rows:
            terminal.state, terminal.vehicle, terminal.token = state, None, ""
            terminal.note = reason[:200] or terminal.note
            terminal.save()
            record(request, act, about=terminal, purpose=reason)
        publish_roster_after_commit()
    return len(rows)


def _claimed_vehicle(terminal: Any) -> Vehicle:
    plate = normalise_plate(terminal.claimed_plate_number)
    found = Vehicle.objects.filter(
        plate_number=plate, plate_colour=terminal.claimed_plate_colour or 0
    ).first()
    if found is None:
        raise ValidationError(
            _("终端 %(terminal)s 没有对应车辆（报称 %(plate)s），先填车辆再准入")
            % {"terminal": terminal.terminal_number, "plate": plate or "—"}
        )
    if hasattr(found, "terminal") and found.terminal.pk != terminal.pk:
        raise ValidationError(
            _("%(vehicle)s 已装终端 %(other)s，先停用它")
            % {"vehicle": found, "other": found.terminal.terminal_number}
        )
    return found
