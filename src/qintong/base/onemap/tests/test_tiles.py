"""Tiles through the real application: what is in them, for whom, and when they are made anew."""

import http.client
import time
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client

from qintong.base.identity.regions import Region
from qintong.base.onemap.tests.places import make_province, signed_in
from qintong.base.registry.structures import Structure

BOTH = "/tiles/registry.structure/9/410/204.mvt"
"""A tile that holds both counties."""
VIEW = "registry.view_structure"


@pytest.fixture
def province(transactional_db: None) -> None:
    make_province()


def fetch(
    server: str, client: Client | None, path: str, headers: dict[str, str] | None = None
) -> tuple[int, bytes, str]:
    """(status, body, entity tag)"""
    name = settings.SESSION_COOKIE_NAME
    cookie = f"{name}={client.cookies[name].value}" if client else ""
    connection = http.client.HTTPConnection(urlsplit(server).netloc)
    connection.request("GET", path, headers={"Cookie": cookie, **(headers or {})})
    answer = connection.getresponse()
    return answer.status, answer.read(), answer.getheader("ETag", "")


def test_a_tile_holds_the_rows_of_the_viewers_region_only(province: None, server: str) -> None:
    county = signed_in("610102", VIEW)
    whole = signed_in("610000", VIEW)

    _, seen_by_all, _ = fetch(server, whole, BOTH)
    _, seen_by_county, _ = fetch(server, county, BOTH)

    assert "新城区收费站".encode() in seen_by_all
    assert "碑林区收费站".encode() in seen_by_all
    assert "新城区收费站".encode() in seen_by_county
    assert "碑林区收费站".encode() not in seen_by_county


def test_a_kept_tile_is_not_served_to_another_scope(province: None, server: str) -> None:
    whole, county = signed_in("610000", VIEW), signed_in("610103", VIEW)
    for _ in range(2):
        fetch(server, whole, BOTH)

    _, seen, _ = fetch(server, county, BOTH)

    assert "新城区收费站".encode() not in seen


def test_the_grounds_names_and_borders_are_the_same_for_everyone(
    province: None, server: str
) -> None:
    county = signed_in("610102", VIEW)

    status, seen, _ = fetch(server, county, "/tiles/onemap.paper/9/410/204.mvt")

    assert status == 200
    assert "碑林区".encode() in seen


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/tiles/registry.structure/9/512/204.mvt", 404),
        ("/tiles/registry.structure/9/0/512.mvt", 404),
        ("/tiles/registry.structure/3/0/0.mvt", 404),
        ("/tiles/registry.structure/15/0/0.mvt", 404),
        ("/tiles/registry.structure/9/410/204.png", 404),
        ("/tiles/registry.structure/9/-1/203.mvt", 404),
        ("/tiles/registry.structure/9/410/204.mvt/", 404),
        ("/tiles/identity.user/9/410/204.mvt", 404),
        ("/tiles/no.such/9/410/204.mvt", 404),
        ("/tiles/identity.region/9/410/204.mvt", 403),
    ],
)
def test_an_address_outside_the_grid_or_the_rights_is_refused(
    province: None, server: str, path: str, status: int
) -> None:
    client = signed_in("610000", VIEW)

    assert fetch(server, client, path)[0] == status


def test_a_stranger_and_a_person_signed_out_get_nothing(province: None, server: str) -> None:
    client = signed_in("610000", VIEW)
    assert fetch(server, client, BOTH)[0] == 200
    cookies = client.cookies.copy()

    client.logout()
    time.sleep(2.1)
    client.cookies = cookies

    assert fetch(server, client, BOTH)[0] == 401
    assert fetch(server, None, BOTH)[0] == 401


def test_an_unchanged_tile_is_not_sent_again_and_a_changed_one_is(
    province: None, server: str
) -> None:
    client = signed_in("610000", VIEW)
    _, _, tag = fetch(server, client, BOTH)
    assert fetch(server, client, BOTH, {"If-None-Match": tag})[:2] == (304, b"")

    Structure.objects.filter(code="T610102").update(name="改名收费站")
    time.sleep(0.2)
    status, seen, _ = fetch(server, client, BOTH, {"If-None-Match": tag})

    assert status == 200
    assert "改名收费站".encode() in seen


def test_rows_added_moved_and_deleted_are_followed_by_the_tile(province: None, server: str) -> None:
    client = signed_in("610103", VIEW)
    Structure.objects.filter(code="T610103").delete()
    time.sleep(0.2)
    assert "碑林区收费站".encode() not in fetch(server, client, BOTH)[1]

    east = Region.objects.get(code="610103")
    Structure.objects.filter(code="T610102").update(region=east)
    time.sleep(0.2)

    assert "新城区收费站".encode() in fetch(server, client, BOTH)[1]


def test_a_region_given_another_code_takes_its_rows_along(province: None, server: str) -> None:
    client = signed_in("610103", VIEW)

    Region.objects.filter(code="610102").update(code="610199")
    other = signed_in("610199", VIEW)

    assert "新城区收费站".encode() in fetch(server, other, BOTH)[1]
    assert "新城区收费站".encode() not in fetch(server, client, BOTH)[1]
