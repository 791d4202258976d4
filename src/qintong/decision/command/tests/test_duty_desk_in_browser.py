"""The duty desk by keyboard alone: an alarm arrives, is acknowledged, taken back and handled."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from qintong import desk as desk_kit

from .conftest import make_alarm

AXE = """async () => (await axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
})).violations.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(" ")).join(" | ")}`)"""

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(page: Page, server: str, officer, west) -> Page:
    client = Client()
    client.force_login(officer("lin", west))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": server}]
    )
    page.goto("/duty/")
    return page


def test_an_alarm_arrives_and_is_acknowledged_and_handled_by_keyboard(desk, vehicle, west):
    expect(desk.locator("#duty-link")).to_contain_text("连接正常")
    expect(desk.locator("h1")).to_have_text("没有要处理的告警")

    alarm = make_alarm(1, west, vehicle)

    expect(desk.locator(".ql li")).to_have_count(1)
    expect(desk.locator("h1")).to_have_text("超速 112 km/h，限 80")
    expect(desk.locator("#bell b")).to_have_text("1")
    assert desk.title().startswith("(1)")

    desk.keyboard.press("Space")
    expect(desk.locator(".dh .st")).to_have_text("已确认")
    expect(desk.locator("#bell b")).to_be_hidden()
    alarm.refresh_from_db()
    assert alarm.state == "acknowledged"

    desk.keyboard.press("z")
    expect(desk.locator(".dh .st")).to_have_text("新")

    desk.keyboard.press("2")
    desk.keyboard.press("n")
    desk.keyboard.type("驾驶员确认为误触，j k 不换行")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".dh .st")).to_have_text("已处理")
    expect(desk.locator(".ql li[data-id]")).to_have_count(0)
    alarm.refresh_from_db()
    assert (alarm.state, alarm.verdict) == ("handled", "false")
    assert alarm.steps.first().note == "驾驶员确认为误触，j k 不换行"


def test_a_grave_alarm_is_said_aloud_and_others_are_not(desk, west):
    expect(desk.locator("#duty-link")).to_contain_text("连接正常")
    make_alarm(1, west, level=3)
    expect(desk.locator(".ql li[data-id]")).to_have_count(1)
    assert desk.locator("#duty-grave").inner_text() == ""

    make_alarm(2, west, rule=2, level=1)

    expect(desk.locator("#duty-grave")).to_contain_text("SOS 紧急报警")
    assert desk.locator("#duty-grave").get_attribute("role") == "alert"


def test_j_and_k_walk_the_queue(desk, west):
    for key, value in ((1, 90), (2, 95), (3, 99)):
        make_alarm(key, west, value=value)
    desk.reload()
    titles = desk.locator(".ql li b").all_inner_texts()
    expect(desk.locator("h1")).to_have_text(titles[0])

    desk.keyboard.press("j")
    expect(desk.locator("h1")).to_have_text(titles[1])
    desk.keyboard.press("k")

    expect(desk.locator("h1")).to_have_text(titles[0])


def test_the_sound_can_be_switched_off_and_stays_off(desk):
    desk.keyboard.press("s")
    expect(desk.locator("#duty-sound")).to_have_attribute("aria-pressed", "false")

    desk.reload()

    expect(desk.locator("#duty-sound")).to_have_attribute("aria-pressed", "false")


def test_on_a_phone_the_queue_comes_first_and_an_alarm_takes_the_page(desk, vehicle, west):
    make_alarm(1, west, vehicle)
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.reload()
    expect(desk.locator("#work")).to_be_hidden()

    desk.locator(".ql li a").click()

    expect(desk.locator("#work")).to_be_visible()
    expect(desk.locator("#queue")).to_be_hidden()


@pytest.mark.parametrize("address", ["/duty/", "/"])
def test_alarms_at_hand_leave_the_page_accessible(desk, vehicle, west, address):
    make_alarm(1, west, vehicle, route_code="G30", stake_m=905_400)
    make_alarm(2, west, vehicle, rule=2, level=1, route_code="G30", stake_m=905_400)
    make_alarm(3, west, vehicle, rule=3, level=4, value=900, limit=600)
    desk.goto(address)

    found = {}
    for theme in ("light", "dark"):
        desk.evaluate(f"document.documentElement.dataset.bsTheme = '{theme}'")
        desk.evaluate(
            (Path(desk_kit.__file__).parent / "static/vendor/axe.min.js").read_text(
                encoding="utf-8"
            )
        )
        desk.wait_for_timeout(300)
        found[theme] = desk.evaluate(AXE)

    assert found == {"light": [], "dark": []}
