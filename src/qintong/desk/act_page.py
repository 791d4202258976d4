"""Acts on chosen rows or on one: consequence, reason and count are asked first where the act says so."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qintong.desk import listing
from qintong.desk.acts import ActRefused, action_named, permission_of, rows_for, run_action
from qintong.desk.addresses import address
from qintong.desk.resource import Action, Resource
from qintong.desk.scope import Scope
from qintong.desk.templatetags.numbers import commas

NAMED = 5
"""Rows named in the question."""
MOST_PICKED = 200


@require_POST
def act_page(request: HttpRequest, resource: type[Resource]) -> HttpResponse:
    scope: Scope = request.scope  # type: ignore[attr-defined]
    name = request.POST.get("action", "")
    if name == "export":
        return redirect(f"{address(resource, 'export/')}?{_export_query(request)}")
    action = action_named(resource, name)
    if action is None:
        raise Http404
    if not scope.allows(permission_of(resource, action)):
        raise PermissionDenied(permission_of(resource, action))
    chosen = rows_for(resource, scope, action)
    rows = _picked(request, resource, scope, chosen)
    count = rows.count()
    if not count:
        messages.error(request, _("没有选中可以%s的行") % _(action.title))
        return redirect(_next(request, resource))
    question = _question(request, resource, action, rows, count)
    if question is not None:
        return question
    try:
        message = run_action(request, resource, action, rows, request.POST.get("reason", ""))
    except (ActRefused, ValidationError) as refusal:
        texts = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
        messages.error(request, "；".join(texts))
    else:
        messages.success(request, message, extra_tags="" if action.bulk else "stay")
    return redirect(_next(request, resource))


def _picked(
    request: HttpRequest, resource: type[Resource], scope: Scope, rows: QuerySet[Any]
) -> QuerySet[Any]:
    """The rows that were ticked, or all that the query of the list names."""
    if request.POST.get("all"):
        params = QueryDict(request.POST.get("query", ""))
        return rows.filter(pk__in=listing.rows(resource, scope, params).order_by().values("pk"))
    keys = [key for key in request.POST.getlist("pk") if key.isascii() and key.isdigit()]
    return rows.filter(pk__in=[int(key) for key in keys[:MOST_PICKED] if len(key) < 19])


def _question(
    request: HttpRequest, resource: type[Resource], action: Action, rows: Any, count: int
) -> HttpResponse | None:
    """The page that asks; None when there is nothing to ask or everything has been answered."""
    if not (action.danger or action.reason or action.consequence):
        return None
    asks_count = action.danger and count > 1
    wrong = {}
    if request.POST.get("confirmed"):
        if action.reason and not request.POST.get("reason", "").strip():
            wrong["reason"] = _("写明理由，它会留在变更记录里")
        if asks_count and request.POST.get("count", "").replace(",", "") != str(count):
            wrong["count"] = _("数量不是 %s") % commas(count)
        if not wrong:
            return None
    meta = resource.model._meta
    context = {
        "resource": resource,
        "action": action,
        "count": count,
        "noun": meta.verbose_name,
        "plural": meta.verbose_name_plural,
        "names": [str(row) for row in rows[:NAMED]],
        "more": max(count - NAMED, 0),
        "asks_count": asks_count,
        "wrong": wrong,
        "given": request.POST,
        "kept": [
            (key, value)
            for key in ("action", "pk", "all", "query", "next")
            for value in request.POST.getlist(key)
        ],
        "next": _next(request, resource),
        "urls": {"act": address(resource, "act/"), "list": address(resource)},
    }
    return render(request, "desk/act.html", context, status=422 if wrong else 200)


def _next(request: HttpRequest, resource: type[Resource]) -> str:
    given = request.POST.get("next", "")
    if given and url_has_allowed_host_and_scheme(given, None):
        return given
    query = request.POST.get("query", "")
    return f"{address(resource)}?{query}" if query else address(resource)


def _export_query(request: HttpRequest) -> str:
    query = QueryDict(request.POST.get("query", ""), mutable=True)
    if not request.POST.get("all"):
        query.setlist("pk", request.POST.getlist("pk")[:MOST_PICKED])
    return urlencode(dict(query.lists()), doseq=True)
