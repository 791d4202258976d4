"""The audit trail: append-only, chained; the change record: complete, masked, for auditors only."""

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from qintong.base.identity.audit_chain import first_break, last_link
from qintong.base.identity.models import AuditRecord, Role
from tests.province import Province


@pytest.fixture
def records(db: None) -> None:
    for number in range(5):
        AuditRecord.objects.create(act=f"act_{number}", facts={"number": number})


def meddle(sql: str) -> None:
    """What somebody with the database's highest rights could do: triggers off for the session."""
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("set session_replication_role = origin")


@pytest.mark.parametrize(
    "sql",
    [
        "update identity_auditrecord set act = 'x' where id = 3",
        "delete from identity_auditrecord where id = 3",
        "truncate identity_auditrecord",
    ],
)
def test_records_are_neither_changed_nor_removed(records: None, sql: str) -> None:
    with (
        pytest.raises(DatabaseError, match="只增不改"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


def test_an_untouched_chain_is_whole(records: None) -> None:
    assert first_break() is None
    assert last_link()[0] == 5


@pytest.mark.parametrize(
    ("sql", "record_id"),
    [
        ("update identity_auditrecord set act = 'x' where id = 3", 3),
        ("update identity_auditrecord set facts = '{}' where id = 1", 1),
        ("update identity_auditrecord set at = at + interval '1 s' where id = 5", 5),
        ("delete from identity_auditrecord where id = 3", 4),
        ("delete from identity_auditrecord where id = 1", 2),
        (
            "update identity_auditrecord r set act = 'x', hash = identity_audit_hash("
            "r.previous_hash, r) where id = 2",
            2,
        ),
    ],
)
def test_the_first_broken_record_is_named(records: None, sql: str, record_id: int) -> None:
    meddle(sql)

    broken = first_break()
    assert broken is not None and broken.record_id == record_id
    with pytest.raises(CommandError, match=f"审计记录 {record_id}"):
        call_command("verify_audit")


def test_a_cut_off_end_is_found_by_the_anchor(records: None) -> None:
    number, digest = last_link()
    meddle("delete from identity_auditrecord where id = 5")

    assert first_break() is None
    with pytest.raises(CommandError, match="尾部被截断"):
        call_command("verify_audit", anchor=f"{number}:{digest}")


def test_a_county_auditor_does_not_read_the_history_of_the_province(province: Province) -> None:
    client = Client()
    client.force_login(province.clerk)

    assert client.get("/identity/changes/").status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "/identity/changes/",
        "/identity/permissions/",
        "/identity/organisation-tree/",
        "/identity/region-tree/",
    ],
)
def test_pages_are_refused_without_their_permission(province: Province, address: str) -> None:
    Role.objects.update(permissions=["registry.view_vehicle"])
    client = Client()
    client.force_login(province.chief)

    assert client.get(address).status_code == 403


def test_trees_show_only_the_own_part(province: Province) -> None:
    client = Client()
    client.force_login(province.clerk)

    regions = client.get("/identity/region-tree/").content.decode()
    organisations = client.get("/identity/organisation-tree/").content.decode()

    assert "长安区" in regions and "安塞区" not in regions
    assert "长安区交通运输局" in organisations and "安塞区交通运输局" not in organisations
