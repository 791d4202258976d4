"""Adding and changing one row. Nothing is saved outside the scope, nothing newer is overwritten unseen."""

from typing import Any

import pghistory
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from qintong.desk import history, listing
from qintong.desk.addresses import address
from qintong.desk.page_form import cards, errors, page_form, point_field
from qintong.desk.registry import resources
from qintong.desk.resource import Resource
from qintong.desk.scope import Scope

CHOICES = 20
"""Suggestions of a field at once."""


class OutOfScope(Exception):
    """The row as it was written lies outside the person's scope: the transaction is taken back."""


def add_page(request: HttpRequest, resource: type[Resource]) -> HttpResponse:
    scope = _guard(request, resource, "add")
    if request.method == "POST":
        form = page_form(resource, scope, None, request.POST, request.FILES)
        with transaction.atomic():
            row = _save(request, resource, scope, form, "add") if form.is_valid() else None
        if row is not None:
            return _done(request, resource, row, _("登记了%(noun)s %(name)s"))
    else:
        given = {key: value for key, value in request.GET.items() if key in _names(resource)}
        form = page_form(resource, scope, initial=given)
    return _page(request, resource, scope, form, None)


def change_page(request: HttpRequest, resource: type[Resource], pk: int) -> HttpResponse:
    scope = _guard(request, resource, "change")
    row = get_object_or_404(resource.queryset_for(scope), pk=pk)
    mine = resource.queryset_for(scope, "change").filter(pk=pk)
    if not mine.exists():
        raise PermissionDenied(resource.permission("change"))
    if request.method != "POST":
        return _page(request, resource, scope, page_form(resource, scope, row), row)
    with transaction.atomic():
        row = get_object_or_404(mine.select_for_update(of=("self",)))
        form = page_form(resource, scope, row, request.POST, request.FILES)
        newer = changed_since(resource, scope, pk, request.POST.get("version", ""))
        if form.is_valid() and not newer and _save(request, resource, scope, form, "change"):
            return _done(request, resource, row, _("保存了%(noun)s %(name)s"))
    shown = resource.queryset_for(scope).get(pk=pk)
    return _page(request, resource, scope, form, shown, newer)


def choices(request: HttpRequest, resource: type[Resource], field: str) -> HttpResponse:
    """Suggestions for a foreign key: records of the scope that hold what was typed."""
    scope: Scope = request.scope  # type: ignore[attr-defined]
    if not any(scope.allows(resource.permission(act)) for act in ("add", "change")):
        raise PermissionDenied(resource.permission("change"))
    found = page_form(resource, scope).fields.get(field)
    if not isinstance(found, forms.ModelChoiceField) or found.queryset is None:
        raise Http404
    rows = found.queryset
    if (related := resources().get(rows.model._meta.label_lower)) is not None:
        rows = rows.filter(listing.searched(related, scope, request.GET.get("find", "")))
    return render(request, "desk/form_choices.html", {"rows": rows[:CHOICES]})


def _guard(request: HttpRequest, resource: type[Resource], act: str) -> Scope:
    scope: Scope = request.scope  # type: ignore[attr-defined]
    if resource.read_only:
        raise Http404
    if not scope.allows(resource.permission(act)):
        raise PermissionDenied(resource.permission(act))
    return scope


def _names(resource: type[Resource]) -> set[str]:
    return {name for fieldset in resource.fieldsets for name in fieldset.fields}


def _save(
    request: HttpRequest, resource: type[Resource], scope: Scope, form: Any, act: str
) -> Any | None:
    """The row, or None with the reason among the form's errors."""
    try:
        with transaction.atomic(), pghistory.context(act=act):
            row = form.save()
            if not resource.queryset_for(scope, act).filter(pk=row.pk).exists():
                raise OutOfScope
    except OutOfScope:
        text = _("照这样写，这一条就不在你的范围 %s 内，检查所属地和机构")
        form.add_error(None, text % (scope.place_name or scope.organisation_name))
        return None
    except IntegrityError:
        form.add_error(None, _("刚才有人登记了同样的一条，回到列表看看"))
        return None
    return row


def changed_since(
    resource: type[Resource], scope: Scope, pk: int, version: str
) -> list[history.Change]:
    """What others changed after the form was opened."""
    if not version.isdigit():
        return []
    return [c for c in history.changes(resource, scope, pk, limit=10) if c.pk > int(version)]


def version_of(resource: type[Resource], row: Any) -> int:
    events = history.events_of(resource, row.pk) if row is not None else None
    newest = events.first() if events is not None else None
    return newest.pgh_id if newest else 0


def _done(request: HttpRequest, resource: type[Resource], row: Any, text: str) -> HttpResponse:
    words = {"noun": resource.model._meta.verbose_name, "name": str(row)}
    messages.success(request, text % words)
    below = "new/" if "another" in request.POST else f"{row.pk}/"
    return redirect(address(resource, below))


def _page(
    request: HttpRequest,
    resource: type[Resource],
    scope: Scope,
    form: Any,
    row: Any,
    newer: list[history.Change] | None = None,
) -> HttpResponse:
    meta = resource.model._meta
    wrong = errors(form) if form.is_bound else []
    context = {
        "resource": resource,
        "form": form,
        "row": row,
        "noun": meta.verbose_name,
        "plural": meta.verbose_name_plural,
        "cards": cards(resource, scope, form, row),
        "errors": wrong,
        "newer": newer or [],
        "version": version_of(resource, row),
        "point": point_field(form),
        "urls": {
            "list": address(resource),
            "back": address(resource, f"{row.pk}/") if row is not None else address(resource),
        },
        "is_demo": getattr(row, "is_demo", False),
    }
    return render(request, "desk/form.html", context, status=422 if wrong or newer else 200)
