"""What a press of a button on the report does to the plan, and which rows have to be judged anew for it."""

from collections.abc import Mapping
from typing import Any

from qintong.desk import transfer_files
from qintong.desk.import_lines import Issue, Line, read_lines
from qintong.desk.import_plan import SKIP, UPDATE, Plan

ACTS = ("cell", "value", "unit", "skip", "update", "update_all")


def _row(form: Mapping[str, str]) -> int:
    text = form.get("row", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def apply_fix(plan: Plan, form: Mapping[str, str]) -> None:
    """`act` is one of ACTS; anything else changes nothing."""
    row, column, value = _row(form), form.get("column", ""), form.get("value", "")
    instead = form.get("instead", "").strip()
    match form.get("act", ""):
        case "cell" if column:
            plan.cells.setdefault(row, {})[column] = instead
        case "value" if column:
            plan.replacements.setdefault(column, {})[value] = instead
        case "unit" if column:
            plan.units[column] = form.get("unit", "")
        case "skip":
            plan.decisions[row] = SKIP
        case "update":
            plan.decisions[row] = UPDATE
        case "update_all":
            plan.duplicates = UPDATE


def touched_rows(run: Any, form: Mapping[str, str]) -> set[int]:
    """The row itself, or every row that the fix reaches."""
    act, column, value = form.get("act", ""), form.get("column", ""), form.get("value", "")
    lines = read_lines(transfer_files.path_of(run.report))
    match act:
        case "value":
            return {line.row for line in lines if _has(line, column, value)}
        case "unit":
            return {line.row for line in lines if line.result != "skipped"}
        case "update_all":
            return {line.row for line in lines if line.result == "duplicate"}
        case _:
            return {_row(form)}


def _has(line: Line, column: str, value: str) -> bool:
    def same(issue: Issue) -> bool:
        return issue.column == column and issue.value == value

    return any(same(issue) for issue in line.issues)
