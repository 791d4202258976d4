"""What officers do with alarms. Each act is one transaction, decided by the lifecycle table.

Two officers may press at once: rows are locked, the first one wins, and the other is told who it was.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from qintong.base.identity.models import User

from .alarm_steps import AlarmStep, Verdict
from .rules.alarm_lifecycle import Act, Transition, transition


@dataclass(frozen=True, slots=True)
class Done:
    """How many alarms changed, and the reasons of those that did not."""

    changed: int
    refused: tuple[str, ...]


def acknowledge_alarm(request: HttpRequest, alarms: QuerySet[Any]) -> str:
    return _told(_act(Act.ACKNOWLEDGE, request, alarms))


def unacknowledge_alarm(request: HttpRequest, alarms: QuerySet[Any]) -> str:
    """Takes back one's own acknowledgement."""
    return _told(_act(Act.UNACKNOWLEDGE, request, alarms.filter(acknowledged_by=request.user)))


def handle_alarm(
    request: HttpRequest, alarms: QuerySet[Any], reason: str = "", verdict: str = Verdict.TRUE
) -> str:
    return _told(_act(Act.HANDLE, request, alarms, reason, verdict))


def close_alarm(request: HttpRequest, alarms: QuerySet[Any], reason: str = "") -> str:
    return _told(_act(Act.CLOSE, request, alarms, reason))


def reopen_alarm(request: HttpRequest, alarms: QuerySet[Any], reason: str = "") -> str:
    return _told(_act(Act.REOPEN, request, alarms, reason))


def _act(
    act: Act, request: HttpRequest, alarms: QuerySet[Any], reason: str = "", verdict: str = ""
) -> Done:
    assert isinstance(request.user, User)
    changed, refused = 0, []
    with transaction.atomic():
        ids = list(alarms.order_by("pk").values_list("pk", flat=True))
        rows = alarms.model.objects.select_for_update(of=("self",)).filter(pk__in=ids)
        for alarm in rows.order_by("pk"):
            line = transition(alarm.state, act)
            if line is None:
                refused.append(_who_was_first(alarm))
                continue
            if line.needs_note and not reason.strip():
                raise ValidationError(_("这一步要写说明"))
            _mark(alarm, line, request.user)
            alarm.verdict = verdict or alarm.verdict
            alarm.save()
            AlarmStep.objects.create(
                alarm=alarm,
                act=act,
                state=line.result,
                verdict=verdict,
                note=reason.strip(),
                user=request.user,
            )
            changed += 1
    return Done(changed, tuple(refused))


def _mark(alarm: Any, line: Transition, user: User) -> None:
    """State, who and when, as columns of the alarm."""
    now = timezone.now()
    alarm.state = line.result
    if line.act == Act.UNACKNOWLEDGE:
        alarm.acknowledged_by = alarm.acknowledged_at = None
        return
    if alarm.acknowledged_by_id is None:
        alarm.acknowledged_by, alarm.acknowledged_at = user, now
    if line.act == Act.HANDLE:
        alarm.handled_by, alarm.handled_at = user, now
    elif line.act == Act.CLOSE:
        alarm.closed_at = now
    elif line.act == Act.REOPEN:
        alarm.handled_by = alarm.handled_at = alarm.closed_at = None


def _who_was_first(alarm: Any) -> str:
    step = alarm.steps.select_related("user").first()
    if step is None:
        return _("%(alarm)s 现为“%(state)s”，这一步已不能办") % {
            "alarm": alarm,
            "state": alarm.get_state_display(),
        }
    return _("%(name)s 已于 %(time)s %(act)s：%(alarm)s") % {
        "name": step.user.name,
        "time": f"{timezone.localtime(step.at):%H:%M:%S}",
        "act": step.get_act_display(),
        "alarm": alarm,
    }


def _told(done: Done) -> str:
    if not done.changed:
        raise ValidationError(
            done.refused[0] if done.refused else _("没有可办的告警：已被他人办理，或不在本人范围内")
        )
    if done.refused:
        return _("已办 %(changed)d 条，%(refused)d 条未办：%(why)s") % {
            "changed": done.changed,
            "refused": len(done.refused),
            "why": done.refused[0],
        }
    return _("已办 %(changed)d 条") % {"changed": done.changed}
