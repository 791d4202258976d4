"""Export of the list as it stands: choose format and columns; small ones come at once, large ones as a job."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from qintong.desk import export_run, jobs, listing, transfer_files
from qintong.desk.addresses import address
from qintong.desk.filters import RESERVED
from qintong.desk.ports import ports
from qintong.desk.resource import Resource

OWN = {"format", "columns", "csrfmiddlewaretoken"}


@require_http_methods(["GET", "POST"])
def export(request: HttpRequest, resource: type[Resource]) -> HttpResponseBase:
    scope = request.scope  # type: ignore[attr-defined]  # set by the scope middleware
    if not scope.allows(resource.permission("view")):
        raise Http404
    query = _query(request)
    total = listing.rows(resource, scope, query).order_by().count()
    if request.method == "POST":
        return _make(request, resource, query, total)
    shown = {c.name for c in listing.columns(resource, scope, request.GET)}
    context = {
        "resource": resource,
        "title": resource.model._meta.verbose_name,
        "total": total,
        "columns": listing.columns(resource, scope, QueryDict("columns=all")),
        "shown": shown,
        "formats": [f for f in export_run.FORMATS if f != "geojson" or resource.layer],
        "format": request.GET.get("format", "xlsx"),
        "errors": listing.errors(resource, scope, query),
        "hidden": [(name, value) for name, values in query.lists() for value in values],
        "query": query.urlencode(),
        "is_job": total > export_run.AT_ONCE,
        "urls": {"list": address(resource)},
    }
    return render(request, "desk/export.html", context)


def _query(request: HttpRequest) -> QueryDict:
    """The list's own parameters: filters, search, order."""
    given = request.POST if request.method == "POST" else request.GET
    kept = QueryDict(mutable=True)
    for name, values in given.lists():
        if name not in OWN and (name not in RESERVED or name in {"q", "sort"}):
            kept.setlist(name, values)
    return kept


def _make(
    request: HttpRequest, resource: type[Resource], query: QueryDict, total: int
) -> HttpResponseBase:
    form = request.POST.get("format", "")
    if form not in export_run.FORMATS or (form == "geojson" and not resource.layer):
        return HttpResponse(_("没有这种格式"), status=400)
    chosen = [name for name in request.POST.getlist("columns") if name]
    stored = query.copy()
    stored["columns"] = ",".join(chosen) if chosen else "all"
    runs = ports().transfer_runs
    title = str(resource.model._meta.verbose_name)
    stamp = timezone.localtime().strftime("%Y-%m-%d-%H%M")
    run = runs._default_manager.create(
        kind="export", resource=resource.model._meta.label_lower, title=title, format=form,
        state=runs.State.WAITING, query=stored.urlencode(), total=total, user_id=request.user.pk,
        filename=get_valid_filename(f"{title}-{stamp}.{form}"),
    )  # fmt: skip
    if total > export_run.AT_ONCE:
        jobs.later(jobs.export_rows, run)
        return redirect(f"/transfers/{run.pk}/")
    export_run.perform(run)
    return transfer_files.send(request, transfer_files.path_of(run.file), run.filename)
