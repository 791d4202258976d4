"""Pages of the duty desk. They work without JavaScript; htmx asks for their parts."""

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from qintong.desk.scope import Scope

from . import duty_desk
from .alarm_acts import (
    Refused,
    acknowledge_alarm,
    close_alarm,
    handle_alarm,
    reopen_alarm,
    unacknowledge_alarm,
)
from .rules.alarm_lifecycle import PERMISSIONS, Act

ACTS = {
    "acknowledge": (Act.ACKNOWLEDGE, acknowledge_alarm),
    "unacknowledge": (Act.UNACKNOWLEDGE, unacknowledge_alarm),
    "handle": (Act.HANDLE, handle_alarm),
    "close": (Act.CLOSE, close_alarm),
    "reopen": (Act.REOPEN, reopen_alarm),
}


@login_required
@require_GET
def duty(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The whole desk; for htmx the work on one alarm only."""
    _require(request, "command.view_alarm")
    queue = duty_desk.queue(request, request.GET.get("view", "open"))
    alarm = (
        get_object_or_404(_with_all(request), pk=pk)
        if pk
        else (_with_all(request).filter(pk=queue.rows[0].pk).first() if queue.rows else None)
    )
    context = {"queue": queue, "chosen": pk is not None, "may": _may(request)}
    if alarm is not None:
        context |= duty_desk.work(request, alarm)
    is_part = request.headers.get("HX-Target") == "work"
    return render(request, "command/duty_work.html" if is_part else "command/duty.html", context)


@login_required
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The left column alone, asked for when something changed."""
    _require(request, "command.view_alarm")
    rows = duty_desk.queue(request, request.GET.get("view", "open"))
    selected = request.GET.get("alarm", "")
    return render(
        request,
        "command/duty_queue.html",
        {"queue": rows, "alarm_id": int(selected) if selected.isdigit() else None},
    )


@login_required
@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One act on one alarm. The answer is the alarm as it is now, and a word for the officer."""
    kind, run = ACTS[name]
    _require(request, PERMISSIONS[kind])
    alarm = get_object_or_404(duty_desk.alarms(request), pk=pk)
    form = {"note": request.POST.get("note", "")[:500]}
    if kind == Act.HANDLE:
        form["verdict"] = request.POST.get("verdict", "")
    try:
        run(request, duty_desk.alarms(request).filter(pk=pk), **form)
        told, failed = f"{_WORDS[kind]}：{alarm}", False
    except Refused as refusal:
        told, failed = str(refusal), True
    if not request.headers.get("HX-Request"):
        (messages.warning if failed else messages.success)(request, told)
        return redirect(reverse("duty_alarm", args=[pk]))
    fresh = _with_all(request).get(pk=pk)
    response = render(
        request,
        "command/duty_work.html",
        {"may": _may(request), "chosen": True, **duty_desk.work(request, fresh)},
    )
    undo = reverse("duty_act", args=[pk, "unacknowledge"]) if name == "acknowledge" else ""
    told_event = {"text": told, "failed": failed, "undo": "" if failed else undo}
    response["HX-Trigger"] = json.dumps({"duty:told": told_event, "duty:changed": {"id": pk}})
    return response


_WORDS = {
    Act.ACKNOWLEDGE: "已确认",
    Act.UNACKNOWLEDGE: "已撤回确认",
    Act.HANDLE: "已处理",
    Act.CLOSE: "已关闭",
    Act.REOPEN: "已重开",
}


def _with_all(request: HttpRequest):  # type: ignore[no-untyped-def]
    return duty_desk.alarms(request).select_related(
        "vehicle__company", "vehicle__vehicle_class", "terminal", "acknowledged_by", "handled_by"
    )


def _may(request: HttpRequest) -> dict[str, bool]:
    scope = _scope(request)
    return {act.value: scope.allows(PERMISSIONS[act]) for act in Act}


def _require(request: HttpRequest, permission: str) -> None:
    if not _scope(request).allows(permission):
        raise PermissionDenied(permission)


def _scope(request: HttpRequest) -> Scope:
    return request.scope  # type: ignore[attr-defined]  # ScopeMiddleware sets it
