from datetime import timedelta

import pytest

from qintong.decision.command.alarms import Alarm
from qintong.decision.command.feeds import take_alarms

from .conftest import EAST, NOON_MS, batch, row


def test_records_of_one_incident_become_one_alarm(terminal):
    take_alarms(batch(row(7, terminal)))
    take_alarms(batch(row(7, terminal, at_ms=NOON_MS + 30_000, value=112.0)))
    take_alarms(batch(row(7, terminal, at_ms=NOON_MS + 60_000, is_end=1, value=90.0)))

    alarm = Alarm.objects.get()

    assert str(alarm) == "超速 112 km/h，限 80"
    assert alarm.ended_at - alarm.started_at == timedelta(seconds=60)
    assert alarm.vehicle == terminal.vehicle
    assert alarm.organisation == terminal.vehicle.company.organisation


def test_a_batch_that_comes_twice_changes_nothing(terminal):
    records = batch(row(7, terminal), row(7, terminal, at_ms=NOON_MS + 9_000, is_end=1), row(8))
    take_alarms(records)
    before = list(Alarm.objects.order_by("pk").values())

    take_alarms(records)

    after = list(Alarm.objects.order_by("pk").values())
    unchanged = [{k: v for k, v in line.items() if k != "changed_at"} for line in before]
    assert [{k: v for k, v in line.items() if k != "changed_at"} for line in after] == unchanged


def test_a_handled_alarm_stays_handled_when_its_end_arrives(terminal):
    take_alarms(batch(row(7, terminal)))
    Alarm.objects.update(state="handled")

    take_alarms(batch(row(7, terminal, at_ms=NOON_MS + 9_000, is_end=1)))

    assert Alarm.objects.get().state == "handled"
    assert Alarm.objects.get().ended_at


def test_the_place_decides_the_county_not_the_home_of_the_vehicle(terminal, east):
    lon, lat = (round(degrees * 1e6) for degrees in EAST)

    take_alarms(batch(row(7, terminal, lon_e6=lon, lat_e6=lat)))

    alarm = Alarm.objects.get()
    assert alarm.region == east
    assert alarm.place == "渭南市 临渭区"


@pytest.mark.parametrize("nowhere", [(0, 0), (181_000_000, 34_000_000)])
def test_without_a_position_the_home_of_the_vehicle_stands_in(terminal, nowhere):
    take_alarms(batch(row(7, terminal, lon_e6=nowhere[0], lat_e6=nowhere[1])))

    alarm = Alarm.objects.get()
    assert alarm.position is None
    assert alarm.region == terminal.vehicle.region


def test_an_unknown_rule_is_left_out_and_the_rest_kept(terminal):
    take_alarms(batch(row(7, terminal, rule=999), row(8, terminal)))

    assert Alarm.objects.get().incident_key == 8
