"""What the list asks for when it stands: the filter panel, choices of a filter, counts of views, saved views."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from qintong.desk import listing
from qintong.desk.addresses import address
from qintong.desk.chips import CHOICES_SHOWN, panel, related_rows
from qintong.desk.filters import Filter, filters_of
from qintong.desk.list_page import count
from qintong.desk.ports import ports
from qintong.desk.registry import resources
from qintong.desk.resource import Resource
from qintong.desk.scope import Scope
from qintong.desk.templatetags.numbers import commas

VIEWS = 12
"""Views counted at most."""


def _guard(request: HttpRequest, resource: type[Resource]) -> Scope:
    scope: Scope = request.scope  # type: ignore[attr-defined]
    if not scope.allows(resource.permission("view")):
        raise PermissionDenied(resource.permission("view"))
    return scope


def filter_panel(request: HttpRequest, resource: type[Resource]) -> HttpResponse:
    scope = _guard(request, resource)
    blocks = panel(resource, scope, request.GET)
    for block in blocks:
        if block["filter"].kind == "related":
            block["choices"], block["is_cut"] = choices(block["filter"], scope, block["values"], "")
    paths = {b["filter"].path for b in blocks} | {
        f"{b['filter'].path}__{end}" for b in blocks for end in ("gte", "lte")
    }
    kept = [
        (name, value)
        for name in request.GET
        if name not in paths and name != "page"
        for value in request.GET.getlist(name)
    ]
    context = {"panel": blocks, "kept": kept, "urls": {"list": address(resource)}}
    return render(request, "desk/list_filters.html", context)


def filter_choices(request: HttpRequest, resource: type[Resource]) -> HttpResponse:
    scope = _guard(request, resource)
    found = next(
        (f for f in filters_of(resource, scope) if f.path == request.GET.get("path")), None
    )
    if found is None or found.kind != "related":
        return HttpResponse(status=404)
    some, _cut = choices(found, scope, [], request.GET.get("find", ""))
    return render(request, "desk/list_choices.html", {"choices": some, "path": found.path})


def choices(
    found: Filter, scope: Scope, chosen: list[str], text: str
) -> tuple[list[tuple[str, str, bool]], bool]:
    """(value, name, chosen) of records in scope, at most CHOICES_SHOWN, and whether there are more."""
    rows = related_rows(found.model, scope)
    if rows is None:
        return [], False
    related = resources()[found.model._meta.label_lower]  # type: ignore[union-attr]
    rows = rows.filter(listing.searched(related, scope, text))
    some = list(rows[: CHOICES_SHOWN + 1])
    values = [(str(getattr(row, found.key) if found.key else row.pk), row) for row in some]
    lines = [(value, str(row), value in chosen or str(row.pk) in chosen) for value, row in values]
    lines.sort(key=lambda item: not item[2])
    return lines[:CHOICES_SHOWN], len(some) > CHOICES_SHOWN


def view_counts(request: HttpRequest, resource: type[Resource]) -> JsonResponse:
    """Counts of the queries asked for, in their order: "1,204", or "约 1,000,000"."""
    scope = _guard(request, resource)
    answers = []
    for query in request.GET.getlist("query")[:VIEWS]:
        found = count(listing.rows(resource, scope, QueryDict(query)))
        text = commas(found.number)
        answers.append(text if found.is_exact else _("约 %s") % text)
    return JsonResponse(answers, safe=False)


@require_POST
def save_view(request: HttpRequest, resource: type[Resource]) -> HttpResponse:
    _guard(request, resource)
    title = request.POST.get("title", "").strip()
    query = QueryDict(request.POST.get("query", "")[:2000], mutable=True)
    query.pop("page", None)
    saved = ports().saved_filters(
        user_id=request.user.pk,
        resource=resource.model._meta.label_lower,
        title=title,
        query=query.urlencode(),
    )
    try:
        saved.full_clean()
        saved.save()
    except ValidationError as refusal:
        messages.error(request, "；".join(refusal.messages))
    except IntegrityError:
        messages.error(request, _("已有同名的视图 %s，换个名称") % title)
    return redirect(f"{address(resource)}?{query.urlencode()}")


@require_POST
def delete_view(request: HttpRequest, resource: type[Resource], pk: int) -> HttpResponse:
    _guard(request, resource)
    ports().saved_filters._default_manager.filter(pk=pk, user_id=request.user.pk).delete()
    return redirect(address(resource))
