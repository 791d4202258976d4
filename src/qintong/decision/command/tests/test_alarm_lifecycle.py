import itertools
import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from qintong.decision.command.alarms import Alarm
from qintong.decision.command.rules.alarm_lifecycle import (
    OPEN,
    TRANSITIONS,
    Act,
    State,
    allowed_from,
    transition,
)


def test_the_table_is_a_function_and_everything_else_is_refused():
    allowed = {(line.state, line.act): line.result for line in TRANSITIONS}

    assert len(allowed) == len(TRANSITIONS)
    for state, act in itertools.product(State, Act):
        line = transition(state, act)
        assert (line and line.result) == allowed.get((state, act))


def test_every_state_can_be_reached_and_only_open_ones_need_somebody():
    assert {line.result for line in TRANSITIONS} == set(State)
    assert set(OPEN) == set(allowed_from(Act.HANDLE))


def post(user, alarm, name, **form):
    client = Client()
    client.force_login(user)
    return client.post(
        reverse("duty_act", args=[alarm.pk, name]), form, headers={"HX-Request": "true"}
    )


def test_an_alarm_goes_from_new_to_closed_and_remembers_who(alarm, officer, west):
    lin = officer("lin", west)

    post(lin, alarm, "acknowledge")
    post(lin, alarm, "handle", reason="已电话提醒驾驶员", verdict="true")
    post(lin, alarm, "close")

    alarm.refresh_from_db()
    assert alarm.state == "closed"
    assert (alarm.acknowledged_by, alarm.handled_by, alarm.verdict) == (lin, lin, "true")
    acts = list(alarm.steps.order_by("pk").values_list("act", "note"))
    assert [act for act, _ in acts] == ["acknowledge_alarm", "handle_alarm", "close_alarm"]
    assert acts[1][1] == "已电话提醒驾驶员"


def test_handling_needs_words(alarm, officer, west):
    answer = post(officer("lin", west), alarm, "handle", reason="  ")

    alarm.refresh_from_db()
    assert alarm.state == "new"
    assert "要写说明" in answer.headers["HX-Trigger"].encode().decode("unicode_escape")


def test_an_acknowledgement_can_be_taken_back_by_its_officer_only(alarm, officer, west):
    lin, qin = officer("lin", west), officer("qin", west)
    post(lin, alarm, "acknowledge")

    post(qin, alarm, "unacknowledge")
    alarm.refresh_from_db()
    assert alarm.acknowledged_by == lin

    post(lin, alarm, "unacknowledge")
    alarm.refresh_from_db()
    assert (alarm.state, alarm.acknowledged_by) == ("new", None)


def test_without_the_permission_an_act_is_refused(alarm, officer, west):
    looker = officer("kan", west, ["command.view_alarm"])

    assert post(looker, alarm, "acknowledge").status_code == 403
    alarm.refresh_from_db()
    assert alarm.state == "new"


def test_an_alarm_of_another_county_is_not_found(alarm, officer, east):
    assert post(officer("lin", east), alarm, "acknowledge").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_one_wins_and_the_other_is_told_who(alarm, officer, west):
    officers = [officer("lin", west), officer("qin", west)]
    gate, answers = threading.Barrier(2), {}

    def press(user):
        gate.wait()
        answers[user] = post(user, alarm, "acknowledge").headers["HX-Trigger"]
        connection.close()

    threads = [threading.Thread(target=press, args=(user,)) for user in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    alarm = Alarm.objects.get()
    winner = alarm.acknowledged_by
    loser = next(user for user in officers if user != winner)
    assert alarm.steps.count() == 1
    told = answers[loser].encode().decode("unicode_escape")
    assert winner.name in told and "确认" in told
