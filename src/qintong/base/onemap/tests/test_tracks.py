"""A vehicle's day: what it adds up to, who may look, and the files."""

import csv
import io
from datetime import datetime, timedelta
from xml.etree import ElementTree

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from qintong.base.identity.audit_records import AuditRecord
from qintong.base.onemap.tests.fleet import reports, to_lake
from qintong.base.onemap.track_facts import track_facts
from qintong.base.onemap.tracks import CHINA
from qintong.base.registry.vehicles import Vehicle
from tests.province import Province, vehicle

YESTERDAY = timezone.localdate() - timedelta(days=1)
EIGHT = datetime.combine(YESTERDAY, datetime.min.time(), CHINA).timestamp() + 8 * 3600
PER_KM = 1 / 111.195  # degrees of latitude


@pytest.fixture
def driven(province: Province) -> Vehicle:
    """North for 10 minutes at 60 km/h, an hour of silence, then standing for 5 minutes."""
    driven = vehicle(province, 1)
    at_s = [EIGHT + 60 * i for i in range(11)] + [EIGHT + 4200 + 60 * i for i in range(6)]
    lat = [34.0 + PER_KM * i for i in range(11)] + [34.5] * 6
    to_lake(reports(driven.pk, at_s, [108.9] * 17, lat, [60.0] * 11 + [0.0] * 6))
    return driven


def signed_in(province: Province, name: str) -> Client:
    client = Client()
    client.force_login(getattr(province, name))
    return client


def address(driven: Vehicle, part: str = "", **query: str) -> str:
    pairs = {"day": YESTERDAY.isoformat()} | query
    return f"/map/tracks/{driven.pk}/{part}?" + "&".join(f"{k}={v}" for k, v in pairs.items())


def test_distance_and_time_do_not_run_across_a_gap() -> None:
    at_s = np.array([0.0, 60, 120, 3720, 3780])
    lat = np.array([34, 34 + PER_KM, 34 + 2 * PER_KM, 35, 35 + PER_KM])

    facts = track_facts(at_s, np.full(5, 108.9), lat, np.full(5, 60.0))

    assert facts.distance_m == pytest.approx(3000, abs=3)
    assert facts.online_s == 180
    assert facts.gaps == 1
    assert facts.stops == ()


def test_standing_in_traffic_is_no_stop_and_three_minutes_are() -> None:
    at_s = np.arange(0.0, 480, 60)
    speed = np.array([50, 0, 0, 50, 0, 0, 0, 0.0])

    facts = track_facts(at_s, np.full(8, 108.9), np.full(8, 34.0), speed)

    assert [(stop.start_s, stop.lasts_s) for stop in facts.stops] == [(240, 180)]


def test_a_day_without_reports_adds_up_to_nothing() -> None:
    empty = np.zeros(0)

    facts = track_facts(empty, empty, empty, empty)

    assert (facts.distance_m, facts.online_s, facts.gaps) == (0, 0, 0)
    assert np.isnan(facts.fastest_kmh)


def test_the_page_shows_the_day_and_leaves_a_record(driven: Vehicle, province: Province) -> None:
    client = signed_in(province, "clerk")

    page = client.get(address(driven))
    data = client.get(address(driven, "data/")).json()

    assert page.status_code == 200
    assert data["distance_m"] == pytest.approx(10_000, abs=10)
    assert data["online_s"] == 600 + 300
    assert data["pieces"] == [[0, 11], [11, 17]]
    assert [stop["end"] - stop["start"] for stop in data["stops"]] == [300]
    record = AuditRecord.objects.latest("id")
    assert (record.act, record.object_key) == ("onemap.view_track", str(driven))


@pytest.mark.parametrize("part", ["", "data/", "reports/", "export/"])
def test_another_countys_vehicle_is_not_found(
    driven: Vehicle, province: Province, part: str
) -> None:
    client = signed_in(province, "stranger")

    assert client.get(address(driven, part, format="csv")).status_code == 404
    assert client.get(f"/map/vehicles/{driven.pk}/").status_code == 404


def test_files_hold_exactly_what_is_shown(driven: Vehicle, province: Province) -> None:
    client = signed_in(province, "clerk")

    table = client.get(address(driven, "export/", format="csv")).content.decode("utf-8-sig")
    drawn = client.get(address(driven, "export/", format="geojson")).json()
    gpx = ElementTree.fromstring(client.get(address(driven, "export/", format="gpx")).content)

    rows = list(csv.reader(io.StringIO(table)))
    assert len(rows) == 1 + 17
    assert rows[1][1] == f"{YESTERDAY} 08:00:00"
    kinds = [feature["geometry"]["type"] for feature in drawn["features"]]
    assert (kinds.count("LineString"), kinds.count("Point")) == (2, 17)
    name = "{http://www.topografix.com/GPX/1/1}"
    assert [len(piece) for piece in gpx.iter(f"{name}trkseg")] == [11, 6]
    assert AuditRecord.objects.filter(act="onemap.export_track").count() == 3


def test_the_evidence_is_paged_newest_first(driven: Vehicle, province: Province) -> None:
    page = signed_in(province, "clerk").get(address(driven, "reports/", page="999"))

    text = page.content.decode()
    assert "共 17，当前 1 至 17" in text
    assert text.index("09:15:00") < text.index("08:00:00")


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-31"])
def test_a_day_that_is_none_is_refused(driven: Vehicle, province: Province, day: str) -> None:
    page = signed_in(province, "clerk").get(f"/map/tracks/{driven.pk}/?day={day}")

    assert page.status_code == 404


@pytest.mark.parametrize("day", ["", "9999-12-31"])
def test_no_day_and_a_day_to_come_are_today(driven: Vehicle, province: Province, day: str) -> None:
    page = signed_in(province, "clerk").get(f"/map/tracks/{driven.pk}/?day={day}")

    assert page.status_code == 200
    assert timezone.localdate().isoformat() in page.content.decode()


def test_an_unknown_format_is_not_found(driven: Vehicle, province: Province) -> None:
    client = signed_in(province, "clerk")

    assert client.get(address(driven, "export/", format="kml")).status_code == 404
