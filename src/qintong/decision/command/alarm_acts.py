"""What officers do with alarms. Each act is one transaction, decided by the lifecycle table.

Two officers may press at once: rows are locked, the first one wins, and the other is told who it was.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from qintong.base.identity.models import User

from .alarm_steps import AlarmStep, Verdict
from .rules.alarm_lifecycle import Act, State, transition

_WORDS = {act.value: title for act, title in zip(AlarmStep.Act, AlarmStep.Act.labels, strict=True)}


class Refused(Exception):
    """The act does not fit the state; the message says who was there before."""


@dataclass(frozen=True, slots=True)
class Done:
    """Which alarms changed, and the reasons of those that did not."""

    changed: tuple[int, ...]
    refused: tuple[str, ...]


def acknowledge_alarm(request: HttpRequest, queryset: QuerySet[Any], note: str = "") -> str:
    return _told(_act(Act.ACKNOWLEDGE, request, queryset, note))


def unacknowledge_alarm(request: HttpRequest, queryset: QuerySet[Any], note: str = "") -> str:
    """Takes back one's own acknowledgement."""
    return _told(
        _act(Act.UNACKNOWLEDGE, request, queryset.filter(acknowledged_by=request.user), note)
    )


def handle_alarm(
    request: HttpRequest, queryset: QuerySet[Any], note: str = "", verdict: str = ""
) -> str:
    return _told(_act(Act.HANDLE, request, queryset, note, verdict or Verdict.TRUE))


def close_alarm(request: HttpRequest, queryset: QuerySet[Any], note: str = "") -> str:
    return _told(_act(Act.CLOSE, request, queryset, note))


def reopen_alarm(request: HttpRequest, queryset: QuerySet[Any], note: str = "") -> str:
    return _told(_act(Act.REOPEN, request, queryset, note))


def _act(
    act: Act, request: HttpRequest, queryset: QuerySet[Any], note: str, verdict: str = ""
) -> Done:
    assert isinstance(request.user, User)
    changed, refused = [], []
    with transaction.atomic():
        ids = list(queryset.order_by("pk").values_list("pk", flat=True))
        alarms = (
            queryset.model.objects.select_for_update(of=("self",))
            .select_related("acknowledged_by", "handled_by")
            .filter(pk__in=ids)
            .order_by("pk")
        )
        for alarm in alarms:
            line = transition(alarm.state, act)
            if line is None:
                refused.append(_who_was_first(alarm))
                continue
            if line.needs_note and not note.strip():
                raise Refused(f"{_WORDS[act]}告警要写说明")
            alarm.state = line.result
            for name, value in _marks(line.result, request.user, alarm, act).items():
                setattr(alarm, name, value)
            alarm.verdict = verdict if act == Act.HANDLE else alarm.verdict
            alarm.save()
            AlarmStep.objects.create(
                alarm=alarm,
                act=act,
                state=line.result,
                verdict=verdict,
                note=note.strip(),
                user=request.user,
            )
            changed.append(alarm.pk)
    return Done(tuple(changed), tuple(refused))


def _marks(result: State, user: User, alarm: Any, act: Act) -> dict[str, Any]:
    """Who and when, as columns of the alarm."""
    now = timezone.now()
    if act == Act.UNACKNOWLEDGE:
        return {"acknowledged_by": None, "acknowledged_at": None}
    marks: dict[str, Any] = {}
    if alarm.acknowledged_by is None:
        marks |= {"acknowledged_by": user, "acknowledged_at": now}
    if act == Act.HANDLE:
        marks |= {"handled_by": user, "handled_at": now}
    elif act == Act.CLOSE:
        marks |= {"closed_at": now}
    elif act == Act.REOPEN:
        marks |= {"handled_by": None, "handled_at": None, "closed_at": None}
    return marks


def _who_was_first(alarm: Any) -> str:
    step = alarm.steps.select_related("user").first()
    if step is None:
        return f"{alarm} 现为{alarm.get_state_display()}，不能这样办"
    at = timezone.localtime(step.at)
    return f"{step.user.name} 已于 {at:%H:%M:%S} {step.get_act_display()}：{alarm}"


def _told(done: Done) -> str:
    if not done.changed and done.refused:
        raise Refused(done.refused[0])
    if not done.changed:
        raise Refused("没有可办的告警：已被撤回，或不在本人范围内")
    words = f"已办 {len(done.changed):,} 条"
    return f"{words}，{len(done.refused):,} 条未办：{done.refused[0]}" if done.refused else words
