"""Everything the report page shows, as plain values: bar, groups, segments, rows, the row being dealt with."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from qintong.desk import import_undo, transfer_files
from qintong.desk.addresses import address
from qintong.desk.import_plan import Plan
from qintong.desk.import_report import (
    SEGMENTS,
    ShownRow,
    page_rows,
    result_title,
    summary_of,
)
from qintong.desk.import_steps import steps
from qintong.desk.resource import Resource
from qintong.desk.templatetags.numbers import commas

BAR = ("new", "update", "same", "duplicate", "error")


def page_context(request: HttpRequest, resource: type[Resource], run: Any) -> dict[str, Any]:
    summary = summary_of(run)
    results = summary["results"]
    default = next((name for name in SEGMENTS if results[name]), "new")
    segment = request.GET.get("show", "")
    segment = segment if segment in SEGMENTS else default
    reason = request.GET.get("reason", "")
    number = _positive(request.GET.get("page", "1"))
    shown, more = page_rows(
        transfer_files.path_of(run.report), segment, reason, number, summary["fixes"]
    )
    is_done = run.state in {run.State.DONE, run.State.UNDONE}
    here = {"show": segment, "reason": reason, "page": str(number)}
    rows = _rows(shown, here, _positive(request.GET.get("row", "0")), is_done)
    current = next((row for row in rows if row["current"]), None)
    plan = Plan.from_json(run.mapping)
    return {
        "resource": resource,
        "title": resource.model._meta.verbose_name,
        "run": run,
        "file_words": "，".join(part for part in (run.filename, plan.source) if part),
        "summary": summary,
        "bar": _bar(results),
        "bar_words": _(
            "%(rows)s 行：新增 %(new)s，更新 %(update)s，重复 %(duplicate)s，有错 %(error)s"
        )
        % {"rows": summary["rows"], **{name: results[name] for name in BAR}},
        "groups": _groups(summary, segment, reason),
        "segments": _segments(results, segment),
        "rows": rows,
        "current": _current(current["shown"], here) if current else None,
        "previous": _query(here | {"page": str(number - 1)}) if number > 1 else "",
        "more": _query(here | {"page": str(number + 1)}) if more else "",
        "is_done": is_done,
        "chosen": "row" in request.GET,
        "is_demo": _has_demo(resource, shown),
        "undone": run.summary.get("undone"),
        "can_undo": import_undo.can_undo(run),
        "key_title": _("键"),
        "steps": steps("import" if is_done else "check", plan),
        "urls": {
            name: address(resource, path)
            for name, path in {
                "list": "",
                "upload": "import/",
                "report_csv": f"import/{run.pk}/report.csv",
                "report_xlsx": f"import/{run.pk}/report.xlsx",
                "fix": f"import/{run.pk}/fix/",
                "start": f"import/{run.pk}/start/",
                "undo": f"import/{run.pk}/undo/",
            }.items()
        },
    }


def _has_demo(resource: type[Resource], shown: list[ShownRow]) -> bool:
    """True when a record that the page compares with is simulated."""
    names = {field.name for field in resource.model._meta.concrete_fields}
    pks = [row.line.pk for row in shown if row.line.pk is not None]
    if "is_demo" not in names or not pks:
        return False
    return resource.model._default_manager.filter(pk__in=pks, is_demo=True).exists()


def _positive(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _query(values: dict[str, str]) -> str:
    return "?" + urlencode({name: value for name, value in values.items() if value})


def _bar(results: dict[str, int]) -> list[dict[str, Any]]:
    """Parts of the bar in thousandths of its width, 2 apart."""
    counts = [(name, results[name]) for name in BAR if results[name]]
    room = 1000 - 2 * max(len(counts) - 1, 0)
    total = sum(count for _name, count in counts) or 1
    parts, x = [], 0.0
    for name, count in counts:
        width = max(room * count / total, 2)
        parts.append({"kind": name, "x": f"{x:.1f}", "width": f"{width:.1f}"})
        x += width + 2
    return parts


def _groups(summary: dict[str, Any], segment: str, reason: str) -> list[dict[str, Any]]:
    headings = {"error": "", "duplicate": _("疑似重复"), "notice": _("提醒，仍会导入")}
    groups = []
    for level, heading in headings.items():
        entries = summary["groups"][level]
        items = [
            {
                "reason": entry["reason"],
                "count": entry["count"],
                "url": _query({"show": level, "reason": entry["reason"]}),
                "on": segment == level and reason == entry["reason"],
            }
            for entry in entries
        ]
        if level == "error":
            every = {"reason": _("全部"), "count": summary["results"]["error"]}
            on = segment == "error" and not reason
            items.insert(0, every | {"url": _query({"show": "error"}), "on": on})
        if items:
            groups.append({"heading": heading, "items": items})
    return groups


def _segments(results: dict[str, int], segment: str) -> list[dict[str, Any]]:
    return [
        {
            "title": result_title(name),
            "count": results[name],
            "url": _query({"show": name}),
            "on": name == segment,
        }
        for name in SEGMENTS
        if results[name] or name in {"error", "new", "update"}
    ]


def _rows(
    shown: list[ShownRow], here: dict[str, str], wanted: int, is_done: bool
) -> list[dict[str, Any]]:
    """The wanted row is current; else the first one that something can be done about."""
    numbers = [row.line.row for row in shown]
    index = numbers.index(wanted) if wanted in numbers else 0
    rows = []
    for position, row in enumerate(shown):
        changes = [f"{t}：{a or '—'} → {b or '—'}" for t, (a, b) in row.line.changes.items()]
        rows.append(
            {
                "shown": row,
                "current": position == index and row.issue is not None and not is_done,
                "changes": changes,
                "act": _act(row),
                "url": _query(here | {"row": str(row.line.row)}) if row.issue else "",
            }
        )
    return rows


def _act(row: ShownRow) -> str:
    issue = row.issue
    if issue is None:
        return ""
    if issue.level == "duplicate":
        return _("逐列比较")
    if issue.unit:
        return _("整列按 %s") % issue.unit
    if issue.fix and row.count > 1:
        shown = issue.fix_title or issue.fix
        return _("用%(fix)s（%(count)s 行）") % {"fix": shown, "count": commas(row.count)}
    return _("用%s") % (issue.fix_title or issue.fix) if issue.fix else _("改为…")


def _current(row: ShownRow, here: dict[str, str]) -> dict[str, Any]:
    issue = row.issue
    assert issue is not None
    changes = row.line.changes if issue.level == "duplicate" else {}
    return {
        "row": row.line.row,
        "column": issue.column,
        "title": issue.title,
        "value": issue.value,
        "rule": issue.rule,
        "fix": issue.fix,
        "fix_title": issue.fix_title,
        "basis": issue.basis,
        "unit": issue.unit,
        "count": row.count,
        "changes": [{"title": t, "now": a, "then": b} for t, (a, b) in changes.items()],
        "back": _query(here).lstrip("?"),
    }
