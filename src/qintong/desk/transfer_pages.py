"""我的导入导出: what this person has sent in and taken out, how far it is, and the files as long as they are kept."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from qintong.desk import import_undo, transfer_files
from qintong.desk.addresses import address
from qintong.desk.ports import ports
from qintong.desk.registry import resources

PAGE = 50


def _mine(request: HttpRequest) -> Any:
    return ports().transfer_runs._default_manager.filter(user_id=request.user.pk)


def _shown(run: Any) -> dict[str, Any]:
    resource = resources().get(run.resource)
    base = address(resource) if resource else ""
    states = run.State
    is_import = run.kind == "import"
    waiting = {states.CHECKING, states.WAITING, states.RUNNING, states.UNDOING}
    return {
        "run": run,
        "list_url": base,
        "title": str(resource.model._meta.verbose_name) if resource else run.title,
        "is_running": run.state in waiting,
        "report_url": f"{base}import/{run.pk}/" if is_import and base and run.report else "",
        "columns_url": f"{base}import/{run.pk}/columns/" if run.state == states.MAPPING else "",
        "undo_url": f"{base}import/{run.pk}/undo/" if is_import and import_undo.can_undo(run) else "",
        "file_url": f"/transfers/{run.pk}/file/" if _has_file(run) else "",
        "shape": {
            states.DONE: "good", states.FAILED: "bad", states.EXPIRED: "wait", states.UNDONE: "wait",
        }.get(run.state, "open"),
    }  # fmt: skip


def _has_file(run: Any) -> bool:
    return bool(run.kind == "export" and run.file and run.state == run.State.DONE)


@require_GET
def transfers(request: HttpRequest) -> HttpResponse:
    page = Paginator(_mine(request), PAGE).get_page(request.GET.get("page"))
    return render(
        request, "desk/transfers.html", {"rows": [_shown(run) for run in page], "page": page}
    )


@require_GET
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """Progress; the page asks again for its middle part while the work goes on."""
    run = _mine(request).filter(pk=pk).first()
    if run is None:
        raise Http404
    context = _shown(run)
    if request.headers.get("HX-Request"):
        response = render(request, "desk/transfer_progress.html", context)
        if not context["is_running"] and context["report_url"]:
            response["HX-Redirect"] = context["report_url"]
        return response
    return render(request, "desk/transfer.html", context)


@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    run = _mine(request).filter(pk=pk).first()
    if run is None or not _has_file(run):
        raise Http404
    return transfer_files.send(request, transfer_files.path_of(run.file), run.filename)


urlpatterns = [
    path("transfers/", transfers, name="transfers"),
    path("transfers/<int:pk>/", transfer, name="transfer"),
    path("transfers/<int:pk>/file/", download, name="transfer-file"),
]
