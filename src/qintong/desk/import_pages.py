"""Pages of an import: choose a file → columns → dry run with its report → import. Every step can be left and come back to."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from qintong.desk import import_run, import_undo, jobs, transfer_files
from qintong.desk.addresses import address
from qintong.desk.cell_values import UNITS
from qintong.desk.export_writers import write_csv, write_xlsx
from qintong.desk.import_fixes import apply_fix, touched_rows
from qintong.desk.import_mapping import Target, suggest, targets_of, unit_hint
from qintong.desk.import_plan import Plan
from qintong.desk.import_report import report_rows, titles
from qintong.desk.import_report_page import page_context
from qintong.desk.import_steps import steps
from qintong.desk.ports import ports
from qintong.desk.resource import Resource
from qintong.desk.row_form import row_form_for
from qintong.desk.sheets import MAX_BYTES, Flaw, SheetError, data_rows, header_of, open_sheet

AT_ONCE = 2_000
"""Rows up to which the answer waits for the dry run or the import; above, a job does it."""
SAMPLES = 3


def may_import(resource: type[Resource], request: HttpRequest) -> bool:
    scope = request.scope  # type: ignore[attr-defined]  # set by the scope middleware
    acts = ("add", "change")
    return not resource.read_only and any(scope.allows(resource.permission(a)) for a in acts)


def _own(request: HttpRequest, resource: type[Resource], pk: int) -> Any:
    """The run, if it is this person's and of this entity; 404 otherwise, so that runs of others do not show."""
    run = (
        ports()
        .transfer_runs._default_manager.filter(
            pk=pk, user_id=request.user.pk, kind="import", resource=resource.model._meta.label_lower
        )
        .first()
    )
    if run is None or not may_import(resource, request):
        raise Http404
    return run


def targets(request: HttpRequest, resource: type[Resource]) -> list[Target]:
    form = row_form_for(resource, request.scope)  # type: ignore[attr-defined]
    return targets_of(form.fields, resource.also_called)


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, resource: type[Resource]) -> HttpResponse:
    if not may_import(resource, request):
        raise Http404
    context: dict[str, Any] = {
        "resource": resource,
        "title": resource.model._meta.verbose_name,
        "limit": "50 MB",
    }
    context |= {"targets": targets(request, resource), "steps": steps("file")}
    context |= {
        "urls": {"list": address(resource), "template": address(resource, "import/template.csv")}
    }
    file = request.FILES.get("file")
    if request.method == "GET" or file is None:
        error = _("没有选文件") if request.method == "POST" else ""
        return render(request, "desk/import_upload.html", context | {"error": error})
    if file.size and file.size > MAX_BYTES:
        error = _("%(name)s 太大，最多 50 MB；拆成几个文件") % {"name": file.name}
        return render(request, "desk/import_upload.html", context | {"error": error}, status=413)
    name = transfer_files.store(file)
    try:
        plan = _first_plan(request, resource, name, file.name or "")
    except SheetError as refusal:
        transfer_files.delete(name)
        return render(
            request, "desk/import_upload.html", context | {"error": str(refusal)}, status=422
        )
    runs = ports().transfer_runs
    run = runs._default_manager.create(
        kind="import", resource=resource.model._meta.label_lower, state=runs.State.MAPPING,
        title=str(resource.model._meta.verbose_name), filename=(file.name or "")[-255:], source=name,
        mapping=plan.to_json(), user_id=request.user.pk, expires_at=timezone.now() + import_run.KEPT,
    )  # fmt: skip
    return redirect(address(resource, f"import/{run.pk}/columns/"))


def _first_plan(request: HttpRequest, resource: type[Resource], name: str, filename: str) -> Plan:
    """Columns as recognised, with what this person chose for the same headings last time."""
    sheet = open_sheet(transfer_files.path_of(name), filename)
    offered = targets(request, resource)
    known = {name for t in offered for name in (t.title, t.name, *t.aliases)}
    row, headings = header_of(sheet, known)
    columns = suggest(headings, offered, _remembered(request, resource))
    by_name = {t.name: t for t in offered}
    hints = {n: unit_hint(headings[i], by_name[n]) for i, n in columns.items()}
    units = {n: unit for n, unit in hints.items() if unit}
    return Plan(row, headings, columns, units, source=sheet.words())


def _remembered(request: HttpRequest, resource: type[Resource]) -> dict[str, str]:
    last = ports().transfer_runs._default_manager.filter(
        user_id=request.user.pk, kind="import", resource=resource.model._meta.label_lower
    ).exclude(state="mapping").order_by("-created_at").first()  # fmt: skip
    if last is None:
        return {}
    plan = Plan.from_json(last.mapping)
    return {plan.headings[i]: name for i, name in plan.columns.items() if i < len(plan.headings)}


@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, resource: type[Resource], pk: int) -> HttpResponse:
    run = _own(request, resource, pk)
    if run.state not in {run.State.MAPPING, run.State.CHECKED}:
        return redirect(address(resource, f"import/{pk}/"))
    plan, offered = Plan.from_json(run.mapping), targets(request, resource)
    if request.method == "POST":
        _choose(request, plan, {t.name: t for t in offered})
        missing = [t.title for t in offered if t.required and t.name not in plan.columns.values()]
        run.mapping = plan.to_json()
        run.save(update_fields=["mapping"])
        if not plan.columns:
            missing = [_("至少一列")]
        elif not missing or request.POST.get("anyway"):
            return _check(run, resource)
    else:
        missing = []
    samples = _samples(run, plan)
    rows = [
        {
            "index": index,
            "heading": heading or _("（无标题）"),
            "target": plan.columns.get(index, ""),
            "unit": plan.units.get(plan.columns.get(index, ""), ""),
            "units": sorted(UNITS.get(_unit(offered, plan.columns.get(index, "")), ())),
            "samples": [row[index] for row in samples if index < len(row) and row[index]],
        }
        for index, heading in enumerate(plan.headings)
    ]
    context = {
        "resource": resource, "title": resource.model._meta.verbose_name, "run": run, "rows": rows,
        "targets": offered, "missing": missing, "steps": steps("columns", plan),
        "urls": {"list": address(resource), "upload": address(resource, "import/")},
    }  # fmt: skip
    return render(request, "desk/import_columns.html", context)


def _unit(offered: list[Target], name: str) -> str:
    return next((t.unit for t in offered if t.name == name), "")


def _choose(request: HttpRequest, plan: Plan, offered: dict[str, Target]) -> None:
    """Takes the page's choice; a field is filled from one column only, the first."""
    plan.columns, plan.units = {}, {}
    for index in range(len(plan.headings)):
        name = request.POST.get(f"column-{index}", "")
        if name in offered and name not in plan.columns.values():
            plan.columns[index] = name
            unit = request.POST.get(f"unit-{index}", "")
            if unit in UNITS.get(offered[name].unit, {}):
                plan.units[name] = unit


def _samples(run: Any, plan: Plan) -> list[list[str]]:
    sheet = open_sheet(transfer_files.path_of(run.source), run.filename)
    rows = data_rows(sheet, plan.header_row)
    return [
        [cell.text if isinstance(cell, Flaw) else cell for cell in cells]
        for (_number, cells), _n in zip(rows, range(SAMPLES), strict=False)
    ]


def _check(run: Any, resource: type[Resource]) -> HttpResponse:
    try:
        import_run.stage(run)
    except SheetError as error:
        import_run.fail(run, str(error))
    else:
        run.state = run.State.CHECKING
        run.save(update_fields=["state"])
        _now_or_later(jobs.check_import, run)
    return redirect(address(resource, f"import/{run.pk}/"))


def _now_or_later(task: Any, run: Any) -> None:
    if run.total <= AT_ONCE:
        task(pk=run.pk)
    else:
        jobs.later(task, run)


@require_GET
def report(request: HttpRequest, resource: type[Resource], pk: int) -> HttpResponse:
    run = _own(request, resource, pk)
    if run.state == run.State.MAPPING:
        return redirect(address(resource, f"import/{pk}/columns/"))
    if run.state in {run.State.CHECKED, run.State.DONE, run.State.UNDONE} and run.report:
        return render(request, "desk/import_report.html", page_context(request, resource, run))
    return redirect(f"/transfers/{run.pk}/")


@require_POST
def fix(request: HttpRequest, resource: type[Resource], pk: int) -> HttpResponse:
    run = _own(request, resource, pk)
    if run.state != run.State.CHECKED:
        raise Http404
    plan = Plan.from_json(run.mapping)
    rows = touched_rows(run, request.POST)
    apply_fix(plan, request.POST)
    run.mapping = plan.to_json()
    run.save(update_fields=["mapping"])
    import_run.recheck(run, rows)
    query = request.POST.get("back", "")
    return redirect(f"{address(resource, f'import/{pk}/')}?{query}")


@require_POST
def start(request: HttpRequest, resource: type[Resource], pk: int) -> HttpResponse:
    run = _own(request, resource, pk)
    manager = ports().transfer_runs._default_manager
    if manager.filter(pk=pk, state=run.State.CHECKED).update(state=run.State.WAITING):
        run.refresh_from_db()
        _now_or_later(jobs.import_rows, run)
    return redirect(address(resource, f"import/{pk}/"))


@require_POST
def undo(request: HttpRequest, resource: type[Resource], pk: int) -> HttpResponse:
    run = _own(request, resource, pk)
    if import_undo.can_undo(run):
        manager = ports().transfer_runs._default_manager
        if manager.filter(pk=pk, state=run.state).update(state=run.State.UNDOING):
            run.refresh_from_db()
            _now_or_later(jobs.undo_import, run)
    return redirect(address(resource, f"import/{pk}/"))


@require_GET
def download(
    request: HttpRequest, resource: type[Resource], pk: int, kind: str
) -> HttpResponseBase:
    """The whole report, made when asked for."""
    run = _own(request, resource, pk)
    if not run.report:
        raise Http404
    path = transfer_files.path_of(transfer_files.new_name(kind))
    write = write_xlsx if kind == "xlsx" else write_csv
    write(path, titles(), report_rows(transfer_files.path_of(run.report)), lambda _count: None)
    name = _("%(title)s导入逐行报告-%(pk)s") % {"title": run.title, "pk": run.pk}
    return transfer_files.send(request, path, f"{name}.{kind}", once=True)


@require_GET
def template(request: HttpRequest, resource: type[Resource]) -> HttpResponseBase:
    """An empty table with the titles that are recognised, units in brackets."""
    if not may_import(resource, request):
        raise Http404
    path = transfer_files.path_of(transfer_files.new_name("csv"))
    headings = [
        f"{t.title}（{t.unit}）" if t.unit else t.title
        for t in targets(request, resource)
        if t.kind != "geometry"
    ]
    write_csv(path, headings, [], lambda _count: None)
    name = _("%s导入模板.csv") % resource.model._meta.verbose_name
    return transfer_files.send(request, path, name, once=True)
