"""Bringing a database back from a file of pg_dump; called by deploy/restore.sh."""

import os
from pathlib import Path

from qintong.conf.bootstrap import packages, preparation
from qintong.conf.bootstrap.command import run
from qintong.conf.bootstrap.database import environment, running
from qintong.conf.bootstrap.lock import only_one
from qintong.conf.bootstrap.places import VAR_DIR

_WHAT = ("恢复数据库", "restoring the database")
_CLOSED_PATH = "set_config('search_path', '', false)"
_OPEN_PATH = "set_config('search_path', 'public', false)"


def restore(dump: str) -> None:
    """Into the database of DATABASE_URL, else into the private cluster, which must be empty.

    pg_dump closes the search path. The audit triggers compare geometries with IS DISTINCT FROM, which
    has no form with a schema, so constraints and triggers are made with the path open.
    """
    preparation.programs()
    with only_one(VAR_DIR / "run.lock", "make run"), running(VAR_DIR) as cluster:
        address = cluster.url if cluster else os.environ["DATABASE_URL"]
        found = environment(cluster)
        rows = ["--section=pre-data", "--section=data", "--dbname", address]
        run(*_WHAT, [*_pg_restore(), "--exit-on-error", *rows, dump], environment=found)
        script = Path(dump).with_suffix(".sql")
        rules = ["--section=post-data", "--file", str(script)]
        run(*_WHAT, [*_pg_restore(), *rules, dump], environment=found)
        script.write_text(script.read_text().replace(_CLOSED_PATH, _OPEN_PATH))
        psql = str(packages.find("usr/lib/postgresql/*/bin/psql"))
        once = ["-q", "-v", "ON_ERROR_STOP=1", "--single-transaction", "-d", address]
        run(*_WHAT, [psql, *once, "-f", str(script)], environment=found)
        script.unlink()


def _pg_restore() -> list[str]:
    return [str(packages.find("usr/lib/postgresql/*/bin/pg_restore")), "--no-owner"]
