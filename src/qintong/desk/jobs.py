"""Work of the desk kit that outlives a request: dry runs, imports, their undoing, exports, and the clearing of old files."""

from collections.abc import Callable
from typing import Any

import structlog
from django.db import close_old_connections, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate import JobContext
from procrastinate.contrib.django import app

from qintong.desk import export_run, import_run, import_undo, transfer_files
from qintong.desk.ports import ports

log = structlog.get_logger()
QUEUE = "transfers"


def _run(pk: int, act: Callable[[Any], None]) -> None:
    """One outer loop for all jobs: a failure is logged and said on the run's page, never lost."""
    _freshen()
    run = ports().transfer_runs._default_manager.get(pk=pk)
    try:
        act(run)
    except Exception:  # outer loop of the worker
        log.exception("transfer_failed", run=pk, kind=run.kind, resource=run.resource)
        run.refresh_from_db()
        import_run.fail(run, _("没有做完，已写入的部分可以撤回；报编号 %s") % run.pk)
    finally:
        _freshen()


def _freshen() -> None:
    """A worker has no request at whose end Django would drop dead connections."""
    if not connection.in_atomic_block:
        close_old_connections()


@app.task(name="desk.check_import", queue=QUEUE)
def check_import(pk: int) -> None:
    _run(pk, import_run.check)


@app.task(name="desk.import_rows", queue=QUEUE)
def import_rows(pk: int) -> None:
    _run(pk, import_run.perform)


@app.task(name="desk.undo_import", queue=QUEUE)
def undo_import(pk: int) -> None:
    _run(pk, import_undo.undo)


@app.task(name="desk.export_rows", queue=QUEUE)
def export_rows(pk: int) -> None:
    _run(pk, export_run.perform)


def later(task: Any, run: Any) -> None:
    """Hands the run to the worker once its record is committed."""
    transaction.on_commit(lambda: task.defer(pk=run.pk))


@app.periodic(cron="17 * * * *")
@app.task(name="desk.expire_transfers", queue=QUEUE, queueing_lock="desk.expire_transfers")
def expire_transfers(timestamp: int) -> None:
    """Files go when their time is over; the record of who exported or imported what stays."""
    runs = ports().transfer_runs
    state = runs.State
    over = runs._default_manager.filter(
        expires_at__lt=timezone.now(),
        state__in=[state.DONE, state.UNDONE, state.CHECKED, state.FAILED],
    )
    for run in over:
        transfer_files.delete(run.source, run.file, run.report)
        run.source = run.file = run.report = ""
        run.state = state.EXPIRED
        run.save(update_fields=["source", "file", "report", "state"])


@app.periodic(cron="*/5 * * * *")
@app.task(name="desk.retry_stalled", queueing_lock="desk.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Jobs of a worker that died go to another one; imports continue after their last committed chunk."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)
