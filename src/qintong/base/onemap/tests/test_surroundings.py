"""The piece of map on a thing's page: whose it shows, and what it says when nothing is known."""

import time

import pytest
from django.test import Client

from qintong.base.onemap.tests.fleet import at, to_state
from tests.province import Province, vehicle


def picture(client: Client, pk: int, label: str = "registry.vehicle") -> tuple[int, str]:
    answer = client.get(f"/map/around/{label}/{pk}/")
    return answer.status_code, answer.content.decode()


@pytest.mark.django_db
def test_the_page_of_a_vehicle_shows_where_it_is_and_leads_to_its_track(
    province: Province, client: Client
) -> None:
    car = vehicle(province, 1)
    to_state(at(car.pk, time.time()))
    client.force_login(province.chief)

    page = client.get(f"/registry/vehicles/{car.pk}/").content.decode()
    status, drawn = picture(client, car.pk)

    assert f"/map/tracks/{car.pk}/" in page
    assert f"/map/around/registry.vehicle/{car.pk}/" in page
    assert status == 200
    assert "sk-mark vehicle" in drawn


@pytest.mark.django_db
def test_a_vehicle_never_heard_says_so(province: Province, client: Client) -> None:
    car = vehicle(province, 77)
    client.force_login(province.chief)

    status, drawn = picture(client, car.pk)

    assert status == 200
    assert "还没有收到它的位置" in drawn


@pytest.mark.django_db
def test_another_countys_vehicle_is_not_drawn(province: Province, client: Client) -> None:
    foreign = vehicle(province, 2, province.other)
    to_state(at(foreign.pk, time.time()))
    client.force_login(province.clerk)

    status, drawn = picture(client, foreign.pk)

    assert status == 404
    assert "sk-mark" not in drawn


@pytest.mark.django_db
def test_an_entity_nobody_registered_is_not_found(province: Province, client: Client) -> None:
    client.force_login(province.chief)

    assert picture(client, 1, "auth.permission")[0] == 404
