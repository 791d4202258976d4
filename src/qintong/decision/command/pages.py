"""Pages of the duty desk. They work without JavaScript; htmx asks for their parts."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from qintong.desk.scope import Scope

from . import duty_desk
from .alarm_acts import (
    acknowledge_alarm,
    close_alarm,
    handle_alarm,
    reopen_alarm,
    unacknowledge_alarm,
)
from .alarm_steps import Verdict
from .alarms import AlarmResource

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ACTS: "dict[str, tuple[StrOrPromise, Callable[..., str], tuple[str, ...]]]" = {
    "acknowledge": (gettext_lazy("已确认"), acknowledge_alarm, ()),
    "unacknowledge": (gettext_lazy("已撤回确认"), unacknowledge_alarm, ()),
    "handle": (gettext_lazy("已办结"), handle_alarm, ("reason", "verdict")),
    "close": (gettext_lazy("已关闭"), close_alarm, ("reason",)),
    "reopen": (gettext_lazy("已重开"), reopen_alarm, ("reason",)),
}
"""Address → what was done, the function, the fields of the answer it takes."""
GRANTED_BY = {"unacknowledge": "acknowledge"}
"""Who may acknowledge may take it back."""


class AnswerForm(forms.Form):
    """What an officer answers an alarm with."""

    reason = forms.CharField(required=False, max_length=500)
    verdict = forms.ChoiceField(required=False, choices=Verdict.choices)

    def clean_verdict(self) -> str:
        return self.cleaned_data["verdict"] or Verdict.TRUE


@require_GET
def duty(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The whole desk; for htmx the work on one alarm only."""
    _require_view(request)
    if pk is not None and request.headers.get("HX-Target") == "work":
        return _work(request, pk)
    queue = duty_desk.queue(request, request.GET.get("view", "open"))
    context = {"queue": queue, "chosen": pk is not None, "is_demo": queue.is_demo}
    shown = pk or (queue.rows[0].pk if queue.rows else None)
    if shown is not None:
        alarm = get_object_or_404(duty_desk.with_all(request), pk=shown)
        context |= duty_desk.work(request, alarm)
        context["is_demo"] = queue.is_demo or alarm.is_demo
    return render(request, "command/duty.html", context)


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The left column alone, asked for when something changed."""
    _require_view(request)
    rows = duty_desk.queue(request, request.GET.get("view", "open"))
    selected = request.GET.get("alarm", "")
    number = int(selected) if selected.isdecimal() and len(selected) < 19 else None
    return render(request, "command/duty_queue.html", {"queue": rows, "alarm_id": number})


@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One act on one alarm. The answer is the alarm as it is now, and a word for the officer."""
    _require_view(request)
    done, run, fields = ACTS[name]
    verb = GRANTED_BY.get(name, name)
    if not _scope(request).allows(AlarmResource.permission(verb)):
        raise PermissionDenied
    rows = AlarmResource.queryset_for(_scope(request), verb)
    alarm = get_object_or_404(rows, pk=pk)
    form = AnswerForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(next(iter(form.errors.values())).as_data())
        run(request, rows.filter(pk=pk), **{field: form.cleaned_data[field] for field in fields})
        told, failed = f"{done}：{alarm}", False
    except ValidationError as refusal:
        told, failed = "；".join(refusal.messages), True
    if not request.headers.get("HX-Request"):
        (messages.error if failed else messages.success)(request, told)
        return redirect("duty_alarm", pk)
    undo = reverse("duty_act", args=[pk, "unacknowledge"]) if name == "acknowledge" else ""
    event = {
        "text": told,
        "failed": failed,
        "undo": "" if failed else undo,
        "undoTitle": _("撤回"),
        "closeTitle": _("关闭"),
    }
    response = _work(request, pk)
    response["HX-Trigger"] = json.dumps({"duty:told": event, "duty:changed": {"id": pk}})
    return response


def _work(request: HttpRequest, pk: int) -> HttpResponse:
    alarm = get_object_or_404(duty_desk.with_all(request), pk=pk)
    return render(request, "command/duty_work.html", duty_desk.work(request, alarm))


def _require_view(request: HttpRequest) -> None:
    if not _scope(request).allows(AlarmResource.permission("view")):
        raise PermissionDenied


def _scope(request: HttpRequest) -> Scope:
    return request.scope  # type: ignore[attr-defined]  # ScopeMiddleware sets it
