"""Acts by API: on one row, or on many at once."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError, QuerySet, RestrictedError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from qintong.desk import listing
from qintong.desk.acts import ActRefused, action_named, permission_of, rows_for, run_action
from qintong.desk.api import Entity, demand, refuse_read_only, scope_of, unreadable
from qintong.desk.api_json import body_of, form_values
from qintong.desk.api_problem import Problem, answer, invalid, not_found
from qintong.desk.masking import readable
from qintong.desk.resource import Action
from qintong.desk.row_form import row_form_for

MOST = 10_000
"""Rows of one bulk act at most; more is an import."""


def act(request: HttpRequest, resource: Entity, pk: int, name: str) -> HttpResponse:
    """POST {"reason": …} → {"message": …}."""
    action = _action(request, resource, name)
    rows = rows_for(resource, scope_of(request), action).filter(pk=pk)
    if not rows.exists():
        raise not_found()
    return _run(request, resource, action, rows, body_of(request) if request.body else {})


def _action(request: HttpRequest, resource: Entity, name: str) -> Action:
    action = action_named(resource, name)
    if action is None:
        raise Problem(404, _("没有动作 %s") % name)
    demand(request, permission_of(resource, action))
    return action


def _run(
    request: HttpRequest,
    resource: Entity,
    action: Action,
    rows: QuerySet[Any],
    body: dict[str, Any],
) -> HttpResponse:
    try:
        message = run_action(request, resource, action, rows, str(body.get("reason", "")))
    except (ActRefused, ValidationError) as refusal:
        texts = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
        raise Problem(409, _("不能%s") % action.title, "；".join(texts)) from refusal
    return answer({"message": message})


def bulk(request: HttpRequest, resource: Entity) -> HttpResponse:
    """POST {"act": "update" | "delete" | action, "ids": […] or "query": "state=…", "count": n, "values": {…}}.

    `count` must be the number of rows meant: when the query has come to name other rows, nothing is done.
    """
    body = body_of(request)
    name = str(body.get("act", ""))
    if name in {"update", "delete"}:
        refuse_read_only(resource)
        kind = "change" if name == "update" else "delete"
        demand(request, resource.permission(kind))
        rows = resource.queryset_for(scope_of(request), kind)
    else:
        action = _action(request, resource, name)
        if not action.bulk:
            raise Problem(409, _("%s只能一条一条做") % action.title)
        rows = rows_for(resource, scope_of(request), action)
    rows = _meant(request, resource, rows, body)
    if name == "update":
        return _update(request, resource, rows, body)
    if name == "delete":
        return _delete(rows)
    return _run(request, resource, action, rows, body)


def _meant(
    request: HttpRequest, resource: Entity, rows: QuerySet[Any], body: dict[str, Any]
) -> QuerySet[Any]:
    ids, query = body.get("ids"), body.get("query")
    if isinstance(ids, list) and ids and all(type(pk) is int and 0 < pk < 2**63 for pk in ids):
        pks: Any = ids[: MOST + 1]
        expected = len(set(ids))
    elif isinstance(query, str):
        params = QueryDict(query)
        wrong = listing.errors(resource, scope_of(request), params)
        if wrong:
            raise Problem(400, _("查询条件有误"), "；".join(wrong))
        found = listing.rows(resource, scope_of(request), params)
        pks, expected = list(found.order_by().values_list("pk", flat=True)[: MOST + 1]), None
    else:
        raise Problem(400, _("要给 ids 或 query"))
    if len(pks) > MOST:
        raise Problem(413, _("一次最多 %s 行") % f"{MOST:,}", _("更多的用导入"))
    chosen = rows.filter(pk__in=pks)
    count = chosen.count()
    wanted = body.get("count", expected)
    if count != wanted or count != len(set(pks)):
        detail = _("指明 %(wanted)s 行，你能动的有 %(count)s 行") % {
            "wanted": wanted,
            "count": count,
        }
        raise Problem(409, _("行数不符，什么也没有做"), detail, count=count)
    return chosen


def _update(
    request: HttpRequest, resource: Entity, rows: QuerySet[Any], body: dict[str, Any]
) -> HttpResponse:
    given = body.get("values")
    if not isinstance(given, dict) or not given:
        raise Problem(400, _("要给 values"))
    scope = scope_of(request)
    form = row_form_for(resource, scope)
    values = form_values(resource, form, given)
    hidden = {n: [unreadable()] for n in values if not readable(resource, scope, n)}
    if hidden:
        raise invalid(hidden, given)
    with transaction.atomic():
        pks = []
        for row in rows.select_for_update(of=("self",)):
            errors = form.judge(row, values)
            if errors:
                raise invalid(errors.as_data(), given | {"id": row.pk})
            form.save()
            pks.append(row.pk)
        if resource.queryset_for(scope, "change").filter(pk__in=pks).count() != len(pks):
            raise Problem(403, _("写入后不在你的范围内"))
    return answer({"message": _("已改 %s 行") % len(pks), "count": len(pks)})


def _delete(rows: QuerySet[Any]) -> HttpResponse:
    with transaction.atomic():
        count = rows.count()
        try:
            rows.delete()
        except (ProtectedError, RestrictedError) as error:
            shown = "、".join(str(row) for row in list(error.args[1])[:3])
            raise Problem(409, _("还有资料引用它们，什么也没有删"), shown) from error
    return answer({"message": _("已删 %s 行") % count, "count": count})
