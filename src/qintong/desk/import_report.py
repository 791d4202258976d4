"""The row-by-row report: counts and one page of lines for the screen, the whole of it as CSV or XLSX."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from qintong.desk.export_writers import Value
from qintong.desk.import_lines import Issue, Line, read_lines

PAGE = 50
SEGMENTS = ("error", "duplicate", "notice", "new", "update", "same", "skipped")


def result_title(result: str) -> str:
    titles = {
        "new": _("新增"),
        "update": _("更新"),
        "same": _("无变化"),
        "duplicate": _("重复"),
        "error": _("有错"),
        "notice": _("提醒"),
        "skipped": _("跳过"),
    }
    return titles[result]


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One line of the table on the page: a finding, or a row without any."""

    line: Line
    issue: Issue | None
    count: int = 1
    """Rows with the same value that the same fix would mend."""

    @property
    def result(self) -> str:
        return self.issue.level if self.issue else self.line.result

    @property
    def title(self) -> str:
        return result_title(self.result)

    @property
    def shape(self) -> str:
        """Class of the status mark."""
        return {"error": "bad", "duplicate": "warn", "notice": "yel", "new": "open"}.get(
            self.result, "good"
        )


def page_rows(
    path: Path, segment: str, reason: str, number: int, fixes: dict[tuple[str, str, str], int]
) -> tuple[list[ShownRow], bool]:
    """(rows of the page, whether more follow). `reason` keeps only the findings of one group."""
    shown: list[ShownRow] = []
    start = (number - 1) * PAGE
    position = 0
    for line in read_lines(path, segment):
        issues: list[Issue | None] = [
            issue
            for issue in line.issues
            if (not reason or issue.reason == reason) and (not reason or issue.level == segment)
        ]
        if reason and not issues:
            continue
        if position < start:
            position += 1
            continue
        if position >= start + PAGE:
            return shown, True
        position += 1
        for issue in issues or [None]:
            count = fixes.get((issue.column, issue.value, issue.fix), 1) if issue else 1
            shown.append(ShownRow(line, issue, count))
    return shown, False


def titles() -> list[str]:
    return [_("行"), _("结果"), _("键"), _("列"), _("表中的值"), _("原因"), _("规则"), _("建议")]


def report_rows(path: Path) -> Iterator[list[Value]]:
    """Every row of the file, one line a finding."""
    for line in read_lines(path):
        result = result_title(line.result)
        changes = "；".join(f"{t}：{a or '—'} → {b or '—'}" for t, (a, b) in line.changes.items())
        if not line.issues:
            yield [line.row, result, line.key, "", "", "", changes, ""]
        for i in line.issues:
            yield [line.row, result, line.key, i.title, i.value, i.reason, i.rule, i.fix]


def summary_of(run: Any) -> dict[str, Any]:
    """Counts for the page, from what the check kept with the run."""
    results = {name: run.summary.get("results", {}).get(name, 0) for name in SEGMENTS}
    groups: dict[str, list[dict[str, Any]]] = {"error": [], "duplicate": [], "notice": []}
    for level, reason, count in run.summary.get("reasons", []):
        groups[level].append({"reason": reason, "count": count})
    return {
        "rows": run.summary.get("rows", 0),
        "results": results | {"notice": run.summary.get("notices", 0)},
        "changes": run.summary.get("changes", 0),
        "ready": results["new"] + results["update"],
        "groups": groups,
        "seconds": run.summary.get("seconds", 0),
        "fixes": {(c, v, f): n for c, v, f, n in run.summary.get("fixes", [])},
    }
