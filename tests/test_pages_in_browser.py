"""The main pages in a browser: they open, they are accessible, they fit, and nothing leaves the host.

The last is asserted by the fixture `page` for every request of every test.
"""

from dataclasses import dataclass

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from qintong.base.registry.vehicles import Vehicle
from qintong.conf.bootstrap.places import VENDOR_DIR
from tests.province import Province, vehicle

pytestmark = pytest.mark.browser
PAGES = (
    "/",
    "/map/",
    "/duty/",
    "/registry/vehicles/",
    "/registry/vehicles/{vehicle}/",
    "/registry/vehicles/{vehicle}/?tab=changes",
    "/registry/vehicles/{vehicle}/change/",
    "/registry/structures/new/",
    "/registry/vehicles/import/",
    "/search/?q=陕",
    "/transfers/",
    "/api/docs/",
    "/account/",
)
"""`{vehicle}` is filled in with one that is there."""
PHONE = {"width": 390, "height": 844}
AXE = """async () => (await axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
})).violations.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(" ")).join(" | ")}`)"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Signed:
    """A browser page of somebody who may see everything, in a province with three vehicles."""

    page: Page
    server: str

    def filled(self, address: str) -> str:
        return address.format(vehicle=Vehicle.objects.earliest("pk").pk)


@pytest.fixture
def signed(page: Page, server: str, province: Province) -> Signed:
    for number in range(3):
        vehicle(province, number)
    client = Client()
    client.force_login(province.chief)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": server}]
    )
    return Signed(page, server)


def test_the_sign_in_page_is_accessible_and_leads_in(page: Page, province: Province) -> None:
    province.chief.set_password("Qintong-2026-test")
    province.chief.save()
    page.goto("/sign-in/")
    assert _violations(page) == []

    page.get_by_label("账号").fill("chief")
    page.get_by_label("口令", exact=True).fill("Qintong-2026-test")
    page.get_by_role("button", name="登录").click()

    page.wait_for_url(lambda url: "/sign-in/" not in url)


@pytest.mark.parametrize("address", PAGES)
def test_a_main_page_is_accessible_in_light_and_dark(signed: Signed, address: str) -> None:
    response = signed.page.goto(signed.filled(address))
    assert response
    assert response.status == 200

    found = {"light": _violations(signed.page)}
    signed.page.evaluate("() => document.documentElement.dataset.bsTheme = 'dark'")
    found["dark"] = _violations(signed.page)

    assert found == {"light": [], "dark": []}


@pytest.mark.parametrize("address", PAGES)
def test_a_main_page_fits_desk_and_phone(signed: Signed, address: str) -> None:
    signed.page.goto(signed.filled(address))
    assert signed.page.evaluate(OVERFLOW) <= 0

    signed.page.set_viewport_size(PHONE)
    signed.page.wait_for_timeout(200)

    assert signed.page.evaluate(OVERFLOW) <= 0


def _violations(page: Page) -> list[str]:
    page.evaluate((VENDOR_DIR / "axe.min.js").read_text(encoding="utf-8"))
    page.wait_for_timeout(300)  # rows and panels end their transitions
    found: list[str] = page.evaluate(AXE)
    return found
