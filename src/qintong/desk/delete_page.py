"""Deleting one row: what refers to it is named, and protects it."""

from collections import Counter
from typing import Any

import pghistory
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import router, transaction
from django.db.models import ProtectedError, RestrictedError
from django.db.models.deletion import Collector
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from qintong.desk.addresses import address
from qintong.desk.registry import resources
from qintong.desk.resource import Resource
from qintong.desk.scope import Scope


def delete_page(request: HttpRequest, resource: type[Resource], pk: int) -> HttpResponse:
    scope: Scope = request.scope  # type: ignore[attr-defined]
    if resource.read_only:
        raise Http404
    if not scope.allows(resource.permission("delete")):
        raise PermissionDenied(resource.permission("delete"))
    row = get_object_or_404(resource.queryset_for(scope), pk=pk)
    if not resource.queryset_for(scope, "delete").filter(pk=pk).exists():
        raise PermissionDenied(resource.permission("delete"))
    holders, followers = referring(row)
    wrong = ""
    if request.method == "POST" and not holders:
        reason = request.POST.get("reason", "").strip()[:200]
        if reason:
            return _delete(request, resource, row, reason)
        wrong = _("写明理由，它会留在变更记录里")
    meta = resource.model._meta
    context = {
        "resource": resource,
        "row": row,
        "noun": meta.verbose_name,
        "plural": meta.verbose_name_plural,
        "holders": holders,
        "followers": followers,
        "wrong": wrong,
        "urls": {"list": address(resource), "row": address(resource, f"{pk}/")},
        "is_demo": getattr(row, "is_demo", False),
    }
    return render(request, "desk/delete.html", context, status=422 if wrong else 200)


def referring(row: Any) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """(kind, number) of records that forbid the deletion, and of those that would go with it."""
    collector = Collector(using=router.db_for_write(type(row)), origin=row)
    try:
        collector.collect([row])
    except ProtectedError as refusal:
        return _counted(refusal.protected_objects), []
    except RestrictedError as refusal:
        return _counted(refusal.restricted_objects), []
    own = type(row)._meta.concrete_model
    rows = [each for model, found in collector.data.items() if model is not own for each in found]
    rows += [each for found in collector.fast_deletes for each in found]
    return [], _counted(each for each in rows if each._meta.label_lower in resources())


def _counted(rows: Any) -> list[tuple[str, int]]:
    return list(Counter(str(row._meta.verbose_name) for row in rows).items())


def _delete(request: HttpRequest, resource: type[Resource], row: Any, reason: str) -> HttpResponse:
    name = str(row)
    try:
        with transaction.atomic(), pghistory.context(act="delete", reason=reason):
            row.delete()
    except (ProtectedError, RestrictedError):  # somebody referred to it meanwhile
        return redirect(address(resource, f"{row.pk}/delete/"))
    messages.success(request, _("删去了%(noun)s %(name)s") % {
        "noun": resource.model._meta.verbose_name, "name": name,
    })  # fmt: skip
    return redirect(address(resource))
