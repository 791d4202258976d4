"""My account: the password policy, looks, tokens that are shown once."""

import pytest
from django.test import Client

from qintong.base.identity.models import ApiToken, LoginSession, User
from qintong.base.identity.rules.division_code import parent_code, significant_digits
from qintong.base.identity.rules.password import complaints
from tests.province import Province

OLD = "Weihe-2026"


@pytest.fixture
def me(province: Province) -> Client:
    province.clerk.set_password(OLD)
    province.clerk.save()
    client = Client()
    client.force_login(province.clerk)
    return client


def change(client: Client, old: str, new: str, again: str = "") -> object:
    return client.post("/account/password/", {"old": old, "new": new, "again": again or new})


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(
    me: Client, province: Province
) -> None:
    other = Client()
    other.force_login(province.clerk)

    assert change(me, OLD, "Jinghe-2026").status_code == 302

    assert me.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302
    assert User.objects.get(pk=province.clerk.pk).check_password("Jinghe-2026")


@pytest.mark.parametrize(
    ("old", "new", "again", "words"),
    [
        ("wrong", "Jinghe-2026", "", "现在的口令不对"),
        (OLD, "Ab1-", "", "口令至少 8 位，现在 4 位"),
        (OLD, "alllowercase", "", "至少用 3 种，现在 1 种"),
        (OLD, "Clerk-2026", "", "口令不能含有账号"),
        (OLD, OLD, "", "这个口令用过"),
        (OLD, "Jinghe-2026", "Jinghe-2027", "两次输入不一样"),
    ],
)
def test_a_bad_new_password_is_refused_in_words(
    me: Client, old: str, new: str, again: str, words: str
) -> None:
    assert words in change(me, old, new, again).content.decode()


def test_an_earlier_password_is_not_taken_again(me: Client) -> None:
    change(me, OLD, "Jinghe-2026")

    assert "这个口令用过" in change(me, "Jinghe-2026", OLD).content.decode()


def test_whoever_must_change_the_password_gets_nowhere_else(me: Client, province: Province) -> None:
    User.objects.filter(pk=province.clerk.pk).update(must_change_password=True)

    assert me.get("/registry/vehicles/")["Location"] == "/account/password/"
    assert me.get("/account/password/").status_code == 200
    change(me, OLD, "Jinghe-2026")
    assert me.get("/registry/vehicles/").status_code == 200


def test_a_token_is_shown_once(me: Client) -> None:
    shown = me.post("/account/tokens/", {"title": "演示程序", "days": 30}).content.decode()
    token = ApiToken.objects.get()

    assert token.prefix in shown and len(token.prefix) == 11
    assert f"{token.prefix}<" in me.get("/account/").content.decode()
    assert token.digest not in shown


def test_only_the_owner_revokes_a_token(me: Client, province: Province) -> None:
    me.post("/account/tokens/", {"title": "演示程序", "days": 30})
    token = ApiToken.objects.get()
    stranger = Client()
    stranger.force_login(province.stranger)

    assert stranger.post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    assert me.post(f"/account/tokens/{token.pk}/revoke/").status_code == 302


def test_only_ones_own_session_is_ended(me: Client, province: Province) -> None:
    sid = LoginSession.objects.get(user=province.clerk).sid
    stranger = Client()
    stranger.force_login(province.stranger)

    stranger.post(f"/account/sessions/{sid}/end/")

    assert me.get("/account/").status_code == 200


def test_looks_are_kept_in_the_account(me: Client, province: Province) -> None:
    me.post("/account/looks/", {"theme": "dark", "density": "roomy"})

    assert 'data-bs-theme="dark"' in me.get("/account/").content.decode()
    assert 'data-single-keys="off"' in me.get("/account/").content.decode()


def test_password_with_few_different_characters_is_refused() -> None:
    assert complaints("Aa1!Aa1!", "", 8, 3) == ["不同的字符少于 5 个"]
    assert complaints("Weihe-2026", "clerk", 8, 3) == []


@pytest.mark.parametrize(
    ("code", "digits", "above"),
    [
        ("610000", "61", ""),
        ("610100", "6101", "610000"),
        ("610102", "610102", "610100"),
        ("610102001", "610102001", "610102"),
        ("610102001002", "610102001002", "610102001"),
    ],
)
def test_division_codes_lie_in_each_other(code: str, digits: str, above: str) -> None:
    assert significant_digits(code) == digits
    assert parent_code(code) == above


@pytest.mark.parametrize("code", ["", "6", "61010", "6101O2", "61010200100"])
def test_wrong_division_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="不是行政区划代码"):
        significant_digits(code)
