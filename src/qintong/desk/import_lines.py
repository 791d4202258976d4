"""Outcome of every row of a file: one JSON line each, so that 100,000 rows never stand in memory."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson

Result = Literal["new", "update", "same", "duplicate", "error", "skipped"]
Level = Literal["error", "duplicate", "notice"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding about one cell."""

    column: str
    """Target name."""
    title: str
    value: str
    """As in the file."""
    reason: str
    """Short name of the group it belongs to: 县名已撤并."""
    rule: str
    """The rule in words, with the value."""
    level: Level = "error"
    fix: str = ""
    """Value that would do instead; empty when only the person knows."""
    basis: str = ""
    """Where the fix comes from."""
    fix_title: str = ""
    """What the fix is called, when it is a code."""
    unit: str = ""
    """Unit the whole column seems to be written in."""


@dataclass(slots=True)
class Line:
    """One row of the file with its outcome."""

    row: int
    result: Result = "new"
    key: str = ""
    """Natural key as text."""
    pk: Any = None
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Title → (value now, value in the file), for rows that find a record."""
    issues: list[Issue] = field(default_factory=list)
    uniques: list[int | None] = field(default_factory=list)
    """Digest of the values of each unique set of fields, natural key first: finds repeats inside the file."""

    @property
    def level(self) -> str:
        """Segment of the report it stands under besides its result."""
        return "notice" if any(issue.level == "notice" for issue in self.issues) else ""

    def to_bytes(self) -> bytes:
        issues = [
            [
                i.column,
                i.title,
                i.value,
                i.reason,
                i.rule,
                i.level,
                i.fix,
                i.basis,
                i.fix_title,
                i.unit,
            ]
            for i in self.issues
        ]
        line = [
            self.row, self.result, self.level, self.key, self.pk, self.changes, issues, self.uniques
        ]  # fmt: skip
        return orjson.dumps(line, default=str) + b"\n"

    @classmethod
    def from_bytes(cls, line: bytes) -> "Line":
        row, result, _level, key, pk, changes, issues, uniques = orjson.loads(line)
        return cls(row, result, key, pk, changes, [Issue(*i) for i in issues], uniques)


def read_lines(path: Path, shown: str = "") -> Iterator[Line]:
    """All lines, or those of one segment: a result, or `notice`."""
    mark = f',"{shown}",'.encode() if shown else b""
    with path.open("rb") as file:
        for line in file:
            if mark in line[:40]:
                yield Line.from_bytes(line)


@dataclass(slots=True)
class Summary:
    """Counts over all lines, kept with the run."""

    rows: int = 0
    results: Counter[str] = field(default_factory=Counter)
    changes: int = 0
    notices: int = 0
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(level, reason) → rows."""
    fixes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """(target, value in the file, value instead) → rows: one fix for many."""

    def add(self, line: Line) -> None:
        self.rows += 1
        self.results[line.result] += 1
        if line.result == "update":
            self.changes += len(line.changes)
        if line.result == "skipped":
            return
        self.notices += line.level == "notice"
        for level, reason in {(issue.level, issue.reason) for issue in line.issues}:
            self.reasons[level, reason] += 1
        for issue in line.issues:
            if issue.fix:
                self.fixes[issue.column, issue.value, issue.fix] += 1

    def to_json(self, seconds: float) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "results": dict(self.results),
            "changes": self.changes,
            "notices": self.notices,
            "reasons": [[*key, count] for key, count in self.reasons.most_common()],
            "fixes": [[*key, count] for key, count in self.fixes.most_common(500)],
            "seconds": round(seconds, 1),
        }
