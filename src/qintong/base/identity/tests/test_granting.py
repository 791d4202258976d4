"""Granting: inside one's own scope, never to oneself, officers apart; in pages and in the database."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client, RequestFactory

from qintong.base.identity.models import AuditRecord, Role, RoleAssignment, User
from qintong.base.identity.role_assignments import revoke_role
from qintong.base.identity.rules.delegation import may_give
from qintong.desk.scope import Grant
from tests.province import Province


@pytest.fixture
def plain(province: Province) -> Role:
    return Role.objects.create(code="plain", name="查看员", permissions=["registry.view_vehicle"])


def signed(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def asked(user: User, role: Role, region: object, **more: object) -> dict[str, object]:
    fields = {"user": user.pk, "role": role.pk, "region": region.pk, "basis": "演示文号"}
    return fields | {"valid_from": "2026-01-01"} | more


def test_a_county_administrator_grants_in_the_county(province: Province, plain: Role) -> None:
    colleague = User.objects.create(
        login_name="mate", name="同事", organisation=province.clerk.organisation
    )

    signed(province.clerk).post("/identity/assign/", asked(colleague, plain, province.changan))

    made = RoleAssignment.objects.get(user=colleague)
    assert made.granted_by == province.clerk
    assert AuditRecord.objects.get(act="assign_role").facts["region"] == "610116"


def test_not_outside_the_own_scope(province: Province, plain: Role) -> None:
    colleague = User.objects.create(
        login_name="mate", name="同事", organisation=province.clerk.organisation
    )
    client = signed(province.clerk)

    for place in (province.ansai, province.changan.parent):
        response = client.post("/identity/assign/", asked(colleague, plain, place))
        assert response.status_code == 200

    response = client.post("/identity/assign/", asked(province.stranger, plain, province.changan))
    assert response.status_code == 200
    assert not RoleAssignment.objects.filter(role=plain).exists()


def test_never_to_oneself(province: Province, plain: Role) -> None:
    signed(province.chief).post("/identity/assign/", asked(province.chief, plain, province.changan))

    assert not RoleAssignment.objects.filter(role=plain).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleAssignment.objects.create(
            user=province.chief, role=plain, region=province.changan,
            granted_by=province.chief, valid_from=date(2026, 1, 1), basis="绕过表单",
        )  # fmt: skip


def test_without_the_permission_the_page_is_refused(province: Province, plain: Role) -> None:
    Role.objects.filter(code="registrar").update(permissions=["registry.view_vehicle"])

    assert signed(province.clerk).get("/identity/assign/").status_code == 403


def test_officers_hold_their_own_role_only_also_past_the_form(province: Province) -> None:
    audit = Role.objects.create(code="audit", name="审计", officer_kind="auditor")

    for user, role in ((province.clerk, audit),):
        with pytest.raises(DatabaseError, match="三员分立"), transaction.atomic():
            RoleAssignment.objects.create(
                user=user, role=role, region=province.changan,
                valid_from=date(2026, 1, 1), basis="绕过表单",
            )  # fmt: skip
    with pytest.raises(DatabaseError, match="三员分立"), transaction.atomic():
        User.objects.filter(pk=province.clerk.pk).update(officer_kind="auditor")


def test_revoking_ends_the_right_today_and_not_ones_own(province: Province) -> None:
    request = RequestFactory().post("/")
    request.user = province.chief

    revoke_role(request, RoleAssignment.objects.filter(user=province.clerk), "调离")
    with pytest.raises(ValidationError, match="不能收回自己"):
        revoke_role(request, RoleAssignment.objects.filter(user=province.chief))

    assert signed(province.clerk).get("/registry/vehicles/").status_code == 403


def test_nobody_widens_a_role_they_hold(province: Province, plain: Role) -> None:
    client = signed(province.chief)

    own = client.post("/identity/permissions/registrar/", {"permission": ["identity.view_user"]})
    other = client.post(
        "/identity/permissions/plain/",
        {
            "permission": ["registry.view_route", "made.up"],
            "grade": ["sensitive"],
            "reason": "演示",
        },
    )

    plain.refresh_from_db()
    assert (own.status_code, other.status_code) == (403, 302)
    assert plain.permissions == ["registry.view_route"]
    assert plain.data_grades == ["sensitive"]
    assert AuditRecord.objects.get(act="change_role_permissions").facts["removed"] == [
        "registry.view_vehicle"
    ]


@pytest.mark.parametrize(
    ("place", "may"),
    [
        (("6101", "A/B", "highway"), True),
        (("610102", "A/B/C", "highway"), True),
        (("61", "A/B", "highway"), False),
        (("6101", "A", "highway"), False),
        (("6101", "A/BC", "highway"), False),
        (("6101", "", "highway"), False),
        (("6101", "A/B", ""), False),
    ],
)
def test_a_place_lies_inside_a_grant_on_every_axis(place: tuple[str, str, str], may: bool) -> None:
    giver = Grant(frozenset("*"), "6101", "A/B", "highway")

    assert may_give([giver], *place) is may


def test_two_half_scopes_do_not_add_up() -> None:
    halves = [Grant(frozenset("*"), "6101", "A"), Grant(frozenset("*"), "", "B")]

    assert not may_give(halves, "6102", "A", "")
