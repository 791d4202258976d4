"""Signing in: slow-down, lock-out, and nothing told about which accounts exist."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from qintong.base.identity.models import AuditRecord, LoginSession, SignInFailure, User
from qintong.base.identity.rules.lockout import Limits, counted, wait_after
from qintong.base.identity.sign_in_limits import claim
from tests.province import Province

PASSWORD = "Weihe-2026"
LIMITS = Limits(5, timedelta(minutes=30))


@pytest.fixture
def chief(province: Province) -> User:
    province.chief.set_password(PASSWORD)
    province.chief.save()
    return province.chief


def try_in(client: Client, name: str, password: str, **extra: str) -> object:
    return client.post("/sign-in/", {"login_name": name, "password": password, **extra})


def let_wait_pass() -> None:
    SignInFailure.objects.update(locked_until=None)


def words(response: object) -> str:
    found = re.search(r'id="refusal".*?<span>(.*?)</span>', response.content.decode(), re.S)
    return found[1] if found else ""


def test_the_right_password_leads_to_where_the_person_wanted(client: Client, chief: User) -> None:
    response = try_in(client, "chief", PASSWORD, next="/registry/vehicles/")

    assert response.status_code == 302 and response["Location"] == "/registry/vehicles/"
    assert LoginSession.objects.get().user == chief
    assert AuditRecord.objects.get().act == "sign_in"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_to_another_host(client: Client, chief: User, target: str) -> None:
    assert try_in(client, "chief", PASSWORD, next=target)["Location"] == "/"


def test_a_name_that_nobody_has_gets_the_same_answers_as_one_that_exists(
    client: Client, chief: User
) -> None:
    known, unknown = [], []
    for _ in range(6):
        known.append(try_in(client, "chief", "wrong"))
        unknown.append(try_in(client, "nobody-at-all", "wrong"))

    assert [words(r) for r in known] == [words(r) for r in unknown]
    assert [r.status_code for r in known] == [r.status_code for r in unknown]


def test_the_password_of_an_unknown_name_costs_the_same_work(
    client: Client, chief: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = []
    encode = "tests.passwords.QuickArgon2.encode"
    monkeypatch.setattr(encode, lambda *a, **k: hashed.append(a) or "argon2$x")

    try_in(client, "nobody-at-all", "wrong")

    assert len(hashed) == 1


def test_five_failures_lock_the_account_even_for_the_right_password(
    client: Client, chief: User
) -> None:
    for _ in range(5):
        let_wait_pass()
        last = try_in(client, "chief", "wrong")

    response = try_in(client, "chief", PASSWORD)

    assert "账号已锁定" in words(last)
    assert response.status_code == 429 and "30 分钟后再试" in words(response)
    assert not LoginSession.objects.exists()


def test_the_third_failure_makes_the_next_try_wait(client: Client, chief: User) -> None:
    for _ in range(3):
        try_in(client, "chief", "wrong")

    assert "秒后再试" in words(try_in(client, "chief", PASSWORD))


def test_the_right_password_forgets_the_failures_before_it(client: Client, chief: User) -> None:
    try_in(client, "chief", "wrong")
    try_in(client, "chief", PASSWORD)

    assert not SignInFailure.objects.filter(subject__startswith="account:").exists()


def test_many_names_from_one_address_lock_the_address(client: Client, chief: User) -> None:
    for number in range(30):
        try_in(client, f"name{number}", "wrong")

    assert "这个地址失败太多次" in words(try_in(client, "chief", PASSWORD))


def test_one_ipv6_household_counts_as_one_address(province: Province) -> None:
    assert claim("a", "2001:db8::1").address == claim("b", "2001:db8::ffff").address
    assert claim("a", "2001:db8:0:1::1").address != claim("b", "2001:db8::1").address


def test_what_was_typed_as_an_unknown_name_is_not_kept_whole(client: Client, chief: User) -> None:
    try_in(client, "secret-password", "x")

    kept = AuditRecord.objects.get()
    assert (kept.actor, kept.actor_name, kept.result) == (None, "se***", "refused")


def test_a_disabled_account_is_refused_like_a_wrong_password(client: Client, chief: User) -> None:
    User.objects.filter(pk=chief.pk).update(is_active=False)

    assert "账号或口令不对" in words(try_in(client, "chief", PASSWORD))


def test_a_very_long_password_is_refused_quickly(client: Client, chief: User) -> None:
    assert "账号或口令不对" in words(try_in(client, "chief", "x" * 1_000_000))


def test_markup_in_the_name_stays_text(client: Client, chief: User) -> None:
    response = try_in(client, '"><script>alert(1)', "x")

    assert b"<script>alert(1)" not in response.content


def test_demo_password_must_be_changed_outside_demo_mode(
    client: Client, chief: User, settings: object
) -> None:
    settings.DEMO = False  # type: ignore[attr-defined]
    chief.set_password("Qintong-2026")
    chief.is_demo = True
    chief.save()

    try_in(client, "chief", "Qintong-2026")

    assert client.get("/registry/vehicles/")["Location"] == "/account/password/"


def test_a_password_past_its_age_must_be_changed(client: Client, chief: User) -> None:
    User.objects.filter(pk=chief.pk).update(password_changed_at=timezone.now() - timedelta(days=91))

    try_in(client, "chief", PASSWORD)

    assert client.get("/registry/vehicles/")["Location"] == "/account/password/"


def test_waits_double_and_end_in_the_lock() -> None:
    waits = [wait_after(count, LIMITS).total_seconds() for count in range(1, 6)]

    assert waits == [0, 0, 1, 2, 1800]


def test_an_address_does_not_wait_before_its_lock() -> None:
    office = Limits(30, timedelta(minutes=30), slows_down=False)

    assert wait_after(29, office) == timedelta(0)
    assert wait_after(30, office) == office.lock


def test_failures_are_forgotten_when_nobody_failed_for_the_time_of_a_lock() -> None:
    now = timezone.now()

    assert counted(4, now - timedelta(minutes=30), now, LIMITS) == 0
    assert counted(4, now - timedelta(minutes=29), now, LIMITS) == 4
