"""The map in a browser. The fixture `page` fails on script errors, policy breaches and foreign requests."""

import time
from datetime import datetime, timedelta
from datetime import time as clock

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from qintong.base.onemap.tests.fleet import XIAN, at, to_lake, to_state
from qintong.base.registry.vehicles import Vehicle
from tests.province import Province, vehicle

pytestmark = pytest.mark.browser


@pytest.fixture
def driving(page: Page, server: str, province: Province) -> Vehicle:
    """One vehicle, heard a second ago, and a browser signed in as the chief."""
    driving = vehicle(province, 1)
    to_state(at(driving.pk, time.time() - 1))
    client = Client()
    client.force_login(province.chief)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": server}])
    return driving


def test_a_vehicle_moves_on_the_map_and_opens_its_card(driving: Vehicle, page: Page) -> None:
    page.goto(f"/map/#map=14/{XIAN[1]}/{XIAN[0]}")
    page.wait_for_selector('#map[data-vehicles="1"][data-mode="arrows"]')

    to_state(at(driving.pk, time.time(), lon=XIAN[0] + 0.001))
    page.wait_for_selector('#map[data-moves="1"]')
    page.goto(f"/map/#map=14/{XIAN[1]}/{XIAN[0]}&vehicle={driving.pk}")
    page.reload()

    page.wait_for_selector("#card:not([hidden])")
    assert page.locator("#card .plate").text_content() == driving.plate_number
    assert "60" in page.locator('[data-show="speed"]').inner_text()
    assert page.locator("#feed").inner_text().startswith("定位")


def test_a_layer_switched_off_stays_off_by_its_address(driving: Vehicle, page: Page) -> None:
    page.goto("/map/")
    page.wait_for_selector("#map[data-ready]")

    page.get_by_label("营运车辆").first.uncheck()
    page.reload()
    page.wait_for_selector("#map[data-ready]")

    assert not page.get_by_label("营运车辆").first.is_checked()


def test_a_plate_is_found_and_flown_to(driving: Vehicle, page: Page) -> None:
    page.goto("/map/")
    page.wait_for_selector('#map[data-vehicles="1"]')

    page.get_by_label("在地图上找").fill(driving.plate_number)
    page.locator("#map-found button").first.click()

    page.wait_for_selector("#card:not([hidden])")
    page.wait_for_function("() => window.qintongMap.getZoom() > 12")


def test_a_track_is_played_from_its_beginning(driving: Vehicle, page: Page) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    noon = datetime.combine(yesterday, clock(12), timezone.get_current_timezone()).timestamp()
    for passed_s in (0, 60, 120):
        to_lake(at(driving.pk, noon + passed_s, lat=XIAN[1] + passed_s / 60_000))

    page.goto(f"/map/tracks/{driving.pk}/?day={yesterday}")
    page.wait_for_selector("#map[data-ready][data-at]")
    page.locator("#play").click()

    page.wait_for_selector('#play[aria-pressed="true"]')
    page.wait_for_selector('#play[aria-pressed="false"]', timeout=15_000)
    assert page.locator("#fact-distance").inner_text() == "222 m"
    assert page.locator("#reports tbody tr").count() == 3
