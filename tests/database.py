"""Emptying the database after a test that commits: quicker than flush, and past the append-only triggers."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

_TABLES = """
    select format('%I.%I', schemaname, tablename) from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema', 'baseline')
      and tablename not in ('spatial_ref_sys', 'django_migrations')
    order by 1
"""
_baseline: dict[str, str] = {}
"""Table that migrations filled → digest of its rows."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Keeps a copy of what the migrations wrote, so that each test starts from it."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        with connection.cursor() as cursor:
            cursor.execute("create schema if not exists baseline")
            for table in _filled():
                copy = f'baseline."{table}"'
                cursor.execute(f"create table if not exists {copy} as table {table}")
                _baseline[table] = _digest(table)
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda test: restore())
        yield


def restore() -> None:
    """Back to what the migrations left: rows written since are gone, changed ones are as they were."""
    written = [table for table in _filled() if table not in _baseline]
    changed = [table for table, digest in _baseline.items() if _digest(table) != digest]
    if not written and not changed:
        return
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")  # no triggers, no order of tables
        for table in written + changed:
            cursor.execute(f"delete from {table}")
        for table in changed:
            cursor.execute(f'insert into {table} select * from baseline."{table}"')
        cursor.execute("set session_replication_role = origin")


def _filled() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            " union all ".join(
                f"(select '{table}' where exists (select 1 from {table}))" for table in tables
            )
        )
        return [name for (name,) in cursor.fetchall()]


def _digest(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"select md5(string_agg(r::text, ',' order by r::text)) from {table} r")
        return str(cursor.fetchone()[0])
