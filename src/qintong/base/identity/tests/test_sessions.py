"""Sessions end when they must, in every door; rights change within a second."""

from datetime import date, timedelta

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.utils import timezone

from qintong.base.identity import door
from qintong.base.identity.api_tokens import ApiToken, new_token, token_digest
from qintong.base.identity.door import scope_of_session, scope_of_user, user_of_token
from qintong.base.identity.models import LoginSession, Role, RoleAssignment, User
from qintong.base.identity.user_acts import disable_user, reset_password
from qintong.desk.scope import NOBODY
from tests.province import Province

PAGE = "/registry/vehicles/"


def key_of(client: Client) -> str:
    return client.cookies[django_settings.SESSION_COOKIE_NAME].value


def request_of(user: User) -> object:
    request = RequestFactory().post("/")
    request.user = user
    return request


@pytest.fixture
def clerk_in(province: Province) -> Client:
    client = Client()
    client.force_login(province.clerk)
    return client


def test_a_page_asks_a_stranger_to_sign_in_first(client: Client, province: Province) -> None:
    page = client.get(PAGE)
    part = client.get(PAGE, headers={"HX-Request": "true"})

    assert page.status_code == 302 and page["Location"].startswith("/sign-in/?next=")
    assert part.status_code == 401 and part["HX-Redirect"] == "/sign-in/"


def test_the_scope_behind_a_session_is_that_of_its_user(
    clerk_in: Client, province: Province
) -> None:
    scope = scope_of_session(key_of(clerk_in))

    assert scope is not None
    assert [grant.region_prefix for grant in scope.grants] == ["610116"]
    assert scope == scope_of_user(province.clerk.pk)


def test_signing_out_ends_the_session_in_every_door(clerk_in: Client) -> None:
    key = key_of(clerk_in)

    clerk_in.post("/sign-out/")

    assert scope_of_session(key) is None
    assert LoginSession.objects.get().end_reason == "signed_out"
    assert clerk_in.get(PAGE).status_code == 302


def test_signing_out_by_a_link_is_refused(clerk_in: Client) -> None:
    assert clerk_in.get("/sign-out/").status_code == 405


def test_disabling_a_user_ends_the_sessions_at_once(clerk_in: Client, province: Province) -> None:
    disable_user(request_of(province.chief), User.objects.filter(pk=province.clerk.pk), "离职")

    assert scope_of_session(key_of(clerk_in)) is None
    assert scope_of_user(province.clerk.pk) == NOBODY
    assert clerk_in.get(PAGE).status_code == 302


def test_nobody_disables_themselves_or_an_officer(province: Province) -> None:
    with pytest.raises(ValidationError, match="不能停用自己"):
        disable_user(request_of(province.chief), User.objects.filter(pk=province.chief.pk))

    User.objects.filter(pk=province.stranger.pk).update(is_active=True)
    RoleAssignment.objects.filter(user=province.stranger).delete()
    User.objects.filter(pk=province.stranger.pk).update(officer_kind="auditor")
    with pytest.raises(ValidationError, match="qintong officers"):
        disable_user(request_of(province.chief), User.objects.filter(pk=province.stranger.pk))


def test_a_reset_password_is_for_once_and_ends_the_sessions(
    clerk_in: Client, province: Province
) -> None:
    answer = reset_password(request_of(province.chief), User.objects.filter(pk=province.clerk.pk))

    province.clerk.refresh_from_db()
    password = answer.split("：")[1].split("，")[0]
    assert province.clerk.check_password(password) and province.clerk.must_change_password
    assert scope_of_session(key_of(clerk_in)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"last_active_at": timezone.now() - timedelta(hours=2)},
        {"ends_at": timezone.now() - timedelta(seconds=1)},
    ],
)
def test_an_idle_or_too_long_session_no_longer_holds(
    clerk_in: Client, change: dict[str, object]
) -> None:
    LoginSession.objects.update(**change)

    assert scope_of_session(key_of(clerk_in)) is None
    assert clerk_in.get(PAGE).status_code == 302


def test_looking_at_live_data_does_not_keep_a_session_alive(clerk_in: Client) -> None:
    then = timezone.now() - timedelta(minutes=10)
    LoginSession.objects.update(last_active_at=then)

    scope_of_session(key_of(clerk_in))
    clerk_in.get(PAGE, headers={"X-Background": "1"})
    assert LoginSession.objects.get().last_active_at == then

    clerk_in.get(PAGE)
    assert LoginSession.objects.get().last_active_at > then


def test_more_sessions_than_allowed_end_the_oldest(province: Province) -> None:
    clients = [Client() for _ in range(4)]
    for client in clients:
        client.force_login(province.clerk)

    assert scope_of_session(key_of(clients[0])) is None
    assert all(scope_of_session(key_of(c)) is not None for c in clients[1:])
    assert LoginSession.objects.get(end_reason="superseded")


def test_an_officer_has_one_session(province: Province) -> None:
    RoleAssignment.objects.filter(user=province.clerk).delete()
    User.objects.filter(pk=province.clerk.pk).update(officer_kind="auditor")
    province.clerk.refresh_from_db()
    first, second = Client(), Client()

    first.force_login(province.clerk)
    second.force_login(province.clerk)

    assert scope_of_session(key_of(first)) is None


def test_a_cached_scope_follows_a_changed_role(
    province: Province, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SCOPE_RECHECK_S = 1.0  # type: ignore[attr-defined]
    monkeypatch.setattr(door, "_cache", door._Cache())
    assert scope_of_user(province.clerk.pk).allows("registry.view_vehicle")

    Role.objects.update(permissions=["registry.view_route"])
    door._cache.checked_at -= 2  # as if two seconds had passed

    assert not scope_of_user(province.clerk.pk).allows("registry.view_vehicle")


def test_an_assignment_holds_only_between_its_days(province: Province) -> None:
    today = timezone.localdate()
    for period in (
        {"valid_to": today},
        {"valid_from": today + timedelta(days=1), "valid_to": None},
    ):
        RoleAssignment.objects.filter(user=province.clerk).update(**period)
        assert scope_of_user(province.clerk.pk).grants == ()

    RoleAssignment.objects.filter(user=province.clerk).update(
        valid_from=today, valid_to=today + timedelta(days=1)
    )
    assert len(scope_of_user(province.clerk.pk).grants) == 1


def test_a_session_key_is_not_in_the_database(clerk_in: Client) -> None:
    assert LoginSession.objects.filter(session_digest=key_of(clerk_in)).count() == 0


def test_a_token_has_no_more_rights_than_it_names_and_dies_with_its_owner(
    province: Province,
) -> None:
    raw = new_token()
    token = ApiToken.objects.create(
        user=province.clerk,
        title="演示",
        prefix=raw[:11],
        digest=token_digest(raw),
        permissions=["registry.view_vehicle"],
        expires_at=timezone.now() + timedelta(days=1),
    )

    user, scope = user_of_token(raw) or (None, NOBODY)
    assert user == province.clerk
    assert scope.allows("registry.view_vehicle") and not scope.allows("registry.add_vehicle")
    assert [grant.region_prefix for grant in scope.grants] == ["610116"]

    for change in (
        {"expires_at": timezone.now()},
        {"expires_at": timezone.now() + timedelta(days=1), "revoked_at": timezone.now()},
    ):
        ApiToken.objects.filter(pk=token.pk).update(**change)
        assert user_of_token(raw) is None
    ApiToken.objects.update(revoked_at=None)
    User.objects.filter(pk=province.clerk.pk).update(is_active=False)
    assert user_of_token(raw) is None
    assert user_of_token("qt_" + "x" * 43) is None


def test_the_policy_of_the_day_decides(province: Province) -> None:
    from qintong.base.identity.policy import Item, policy
    from qintong.base.identity.security_policies import SecurityPolicy

    SecurityPolicy.objects.create(
        item=Item.SESSIONS, value=1, valid_from=date(2026, 5, 1), source="演示"
    )

    assert policy(Item.SESSIONS, date(2026, 4, 30)) == 3
    assert policy(Item.SESSIONS, date(2026, 5, 1)) == 1
