"""The life of one import: stage → check → (fix → recheck)* → perform. State and counts stand in the run's record."""

import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pghistory
from django.db import transaction
from django.utils import timezone

from qintong.desk import transfer_files
from qintong.desk.import_judge import CHUNK, Judge, Row
from qintong.desk.import_lines import Line, Summary, read_lines
from qintong.desk.import_plan import Plan
from qintong.desk.ports import ports
from qintong.desk.registry import resource_for
from qintong.desk.sheets import Flaw, SheetError, data_rows, open_sheet

KEPT = timedelta(days=30)
"""How long an import can be taken back, and its files are kept."""


def judge_of(run: Any) -> Judge:
    """With the rights its owner has now."""
    scope = ports().scope_of_user(run.user_id)
    return Judge(resource_for(run.resource), scope, Plan.from_json(run.mapping))


def stage(run: Any) -> None:
    """The file as JSON lines of text, read once: rechecks and the import itself never parse the sheet again."""
    if run.file:
        return
    sheet = open_sheet(transfer_files.path_of(run.source), run.filename)
    name = transfer_files.new_name("rows")
    with transfer_files.path_of(name).open("wb") as file:
        for number, cells in data_rows(sheet, Plan.from_json(run.mapping).header_row):
            flat = [[c.text, c.rule] if isinstance(c, Flaw) else c for c in cells]
            file.write(orjson.dumps([number, flat]) + b"\n")
            run.total += 1
    run.file = name
    run.save(update_fields=["file", "total"])


def staged_rows(run: Any, only: set[int] | None = None) -> Iterator[Row]:
    with transfer_files.path_of(run.file).open("rb") as file:
        for line in file:
            number, cells = orjson.loads(line)
            if only is None or number in only:
                yield number, [Flaw(*c) if isinstance(c, list) else c for c in cells]


def chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def check(run: Any) -> None:
    """Dry run: every chunk is judged and written in a transaction of its own that is rolled back, so no lock outlives it."""
    started = time.monotonic()
    run.state, run.done, run.started_at = run.State.CHECKING, 0, timezone.now()
    run.save(update_fields=["state", "done", "started_at"])
    try:
        stage(run)
    except SheetError as error:
        fail(run, str(error))
        return
    judge, summary = judge_of(run), Summary()
    name = transfer_files.new_name("lines")
    with transfer_files.path_of(name).open("wb") as file:
        for chunk in chunks(staged_rows(run)):
            for line in dry(judge, chunk):
                summary.add(line)
                file.write(line.to_bytes())
            run.done += len(chunk)
            run.save(update_fields=["done"])
    finish_check(run, name, summary, time.monotonic() - started)


def dry(judge: Judge, chunk: list[Row]) -> list[Line]:
    with transaction.atomic():
        lines = judge.judge(chunk)
        transaction.set_rollback(True)
    return lines


def finish_check(run: Any, name: str, summary: Summary, seconds: float) -> None:
    transfer_files.delete(run.report)
    run.report, run.state = name, run.State.CHECKED
    run.summary = summary.to_json(seconds)
    run.failed = summary.results["error"]
    run.save(update_fields=["report", "state", "summary", "failed"])


def recheck(run: Any, rows: set[int]) -> None:
    """Judges only the rows that a fix touched; all other lines stay."""
    judge, summary = judge_of(run), Summary()
    old = transfer_files.path_of(run.report)
    for line in read_lines(old):
        if line.row not in rows:
            judge.repeats.remember(line)
    fresh = {
        line.row: line for chunk in chunks(staged_rows(run, rows)) for line in dry(judge, chunk)
    }
    name = transfer_files.new_name("lines")
    with transfer_files.path_of(name).open("wb") as file:
        for line in read_lines(old):
            line = fresh.get(line.row, line)
            summary.add(line)
            file.write(line.to_bytes())
    finish_check(run, name, summary, run.summary.get("seconds", 0))


def perform(run: Any) -> None:
    """Writes the faultless rows, a transaction a chunk. The count done is committed with the rows, so a worker that was killed goes on where the last chunk ended."""
    if run.state not in {run.State.WAITING, run.State.RUNNING}:
        return
    if run.state == run.State.WAITING:
        run.state, run.done, run.started_at = run.State.RUNNING, 0, timezone.now()
        run.summary |= {
            "checked": run.report,
            "written": transfer_files.new_name("lines"),
            "contexts": [],
        }
        run.save(update_fields=["state", "done", "started_at", "summary"])
    judge = judge_of(run)
    path = transfer_files.path_of(run.summary["written"])
    _keep_lines(path, run.done)
    for line in read_lines(path):
        judge.repeats.remember(line)
    allowed = {"new", "update"}
    faultless = {
        line.row
        for line in read_lines(transfer_files.path_of(run.summary["checked"]))
        if line.result in allowed
    }
    with pghistory.context(user=run.user_id, transfer=run.pk) as context, path.open("ab") as file:
        run.summary["contexts"].append(str(context.id))
        run.save(update_fields=["summary"])
        for chunk in chunks(islice(staged_rows(run), run.done, None)):
            good = [row for row in chunk if row[0] in faultless]
            with transaction.atomic():
                written = {line.row: line for line in judge.judge(good)}
                for number, _cells in chunk:
                    line = written.get(number) or Line(number, "skipped")
                    file.write(line.to_bytes())
                file.flush()
                run.done += len(chunk)
                run.save(update_fields=["done"])
    _finish(run, path)


def _keep_lines(path: Path, count: int) -> None:
    """Drops lines of a chunk that was not committed."""
    path.touch()
    with path.open("rb+") as file:
        for _line in islice(file, count):
            pass
        file.truncate(file.tell() if count else 0)


def _finish(run: Any, path: Path) -> None:
    """The final report: what was written, and for the rest what the dry run said of it."""
    summary = Summary()
    name = transfer_files.new_name("lines")
    checked = transfer_files.path_of(run.summary["checked"])
    with transfer_files.path_of(name).open("wb") as file:
        for before, after in zip(read_lines(checked), read_lines(path), strict=True):
            line = before if after.result == "skipped" else after
            summary.add(line)
            file.write(line.to_bytes())
    kept = {"contexts": run.summary["contexts"], "seconds": run.summary.get("seconds", 0)}
    transfer_files.delete(run.summary["checked"], run.summary["written"])
    run.report, run.state, run.finished_at = name, run.State.DONE, timezone.now()
    run.summary = summary.to_json(kept["seconds"]) | {"contexts": kept["contexts"]}
    run.failed = summary.results["error"]
    run.expires_at = run.finished_at + KEPT
    run.save()


def fail(run: Any, message: str) -> None:
    """Ends the run with what to tell the person."""
    run.state, run.message, run.finished_at = run.State.FAILED, message, timezone.now()
    run.save(update_fields=["state", "message", "finished_at"])
