"""Who sees what on the duty desk, and that every part of it says the same."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from qintong.decision.command.live_counts import changes
from qintong.desk.facts import bell_of, waiting_for

from .conftest import make_alarm


def sign_in(user):
    client = Client()
    client.force_login(user)
    return client


def scope_of(client):
    return client.get(reverse("duty")).wsgi_request.scope


@pytest.fixture
def two_counties(vehicle, west, east):
    """Three open alarms in the west, two in the east, one closed in each."""
    made = [make_alarm(n, west, vehicle, place="西县某处") for n in (1, 2, 3)]
    made += [make_alarm(n, east, place="东县某处", level=1) for n in (4, 5)]
    make_alarm(6, west, state="closed")
    make_alarm(7, east, state="closed")
    return made


def test_an_officer_sees_the_alarms_of_her_county_only(two_counties, officer, west):
    client = sign_in(officer("lin", west))

    page = client.get(reverse("duty")).content.decode()
    queue = client.get(reverse("duty_queue")).content.decode()

    for text in (page, queue):
        assert "东县某处" not in text
        assert "未结 3" in text
    for alarm in two_counties[3:]:
        assert client.get(reverse("duty_alarm", args=[alarm.pk])).status_code == 404


def test_bell_waiting_work_and_live_counts_agree_with_the_queue(two_counties, officer, east):
    client = sign_in(officer("lin", east))
    scope = scope_of(client)

    told = changes(scope, [alarm.pk for alarm in two_counties])

    assert told["counts"] == {"open": 2, "fresh": 2, "grave": 2}
    assert {alarm["id"] for alarm in told["changed"]} == {a.pk for a in two_counties[3:]}
    assert bell_of(scope).count == 2
    assert waiting_for(scope, 50).total == 2


def test_an_act_granted_in_one_county_does_not_reach_another(alarm, officer, west, east):
    """She may look everywhere and acknowledge in the east only."""
    from datetime import date

    from qintong.base.identity.models import Role, RoleAssignment

    user = officer("lin", west, ["command.view_alarm"])
    role = Role.objects.create(code="east", name="东", permissions=["command.acknowledge_alarm"])
    RoleAssignment.objects.create(
        user=user, role=role, region=east, valid_from=date(2026, 1, 1), basis="测试"
    )
    client = sign_in(user)

    answer = client.post(reverse("duty_act", args=[alarm.pk, "acknowledge"]))

    assert answer.status_code == 404
    assert (
        'data-act="acknowledge"'
        not in client.get(reverse("duty_alarm", args=[alarm.pk])).content.decode()
    )


def test_without_the_right_to_see_alarms_there_is_no_desk(officer, west):
    client = sign_in(officer("lin", west, ["registry.view_vehicle"]))

    assert client.get(reverse("duty")).status_code == 403
    assert client.get(reverse("duty_queue")).status_code == 403


def test_an_empty_desk_says_so(officer, west):
    page = sign_in(officer("lin", west)).get(reverse("duty")).content.decode()

    assert "没有要处理的告警" in page
    assert "没有未结告警" in page


@pytest.mark.parametrize("view", ["open", "mine", "today", "nonsense", "'; drop table"])
def test_every_view_answers(alarm, officer, west, view):
    client = sign_in(officer("lin", west))

    assert client.get(reverse("duty"), {"view": view}).status_code == 200
    assert client.get(reverse("duty_queue"), {"view": view, "alarm": "9" * 40}).status_code == 200


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"reason": "是" * 501}, "500"),
        ({"reason": "好\0坏"}, ""),
        ({"reason": "核实", "verdict": "maybe"}, "maybe"),
    ],
)
def test_a_bad_answer_is_refused_in_words(alarm, officer, west, form, word):
    client = sign_in(officer("lin", west))
    address = reverse("duty_act", args=[alarm.pk, "handle"])

    answer = client.post(address, form, headers={"HX-Request": "true"})

    told = json.loads(answer.headers["HX-Trigger"])["duty:told"]
    assert told["failed"]
    assert word in told["text"]
    alarm.refresh_from_db()
    assert alarm.state == "new"


def test_without_script_an_act_leads_back_to_the_alarm_and_says_what_was_done(alarm, officer, west):
    client = sign_in(officer("lin", west))

    answer = client.post(reverse("duty_act", args=[alarm.pk, "acknowledge"]), follow=True)

    assert answer.redirect_chain == [(reverse("duty_alarm", args=[alarm.pk]), 302)]
    assert "已确认" in answer.content.decode()


def test_words_of_an_officer_cannot_become_markup(alarm, officer, west):
    client = sign_in(officer("lin", west))
    address = reverse("duty_act", args=[alarm.pk, "handle"])

    page = client.post(address, {"reason": "<b onclick=x>"}, follow=True).content.decode()

    assert "<b onclick" not in page
    assert "&lt;b onclick" in page


def test_the_phone_of_the_company_is_masked(alarm, officer, west):
    page = sign_in(officer("lin", west)).get(reverse("duty_alarm", args=[alarm.pk]))

    assert "13800000417" not in page.content.decode()
    assert "138****0417" in page.content.decode()


def test_the_desk_asks_the_database_a_bounded_number_of_questions(
    vehicle, officer, west, django_assert_max_num_queries
):
    for key in range(40):
        make_alarm(key, west, vehicle, last_at=timezone.now())
    client = sign_in(officer("lin", west))
    client.get(reverse("duty"))

    with django_assert_max_num_queries(26):
        client.get(reverse("duty"))
