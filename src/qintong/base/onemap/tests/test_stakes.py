"""Between places and stakes, on a route whose middle belongs to another."""

import pytest
from django.contrib.gis.geos import Point

from qintong.base.onemap.stakes import parse_stake, place_of, stake_at
from qintong.base.registry.routes import Route, RoutePoint
from tests.province import Province


@pytest.fixture
def route(province: Province) -> Route:
    """Due east along 34° N: stakes 0, 10 km, none, none, 40 km, 50 km."""
    route = Route.objects.create(route_code="G65", name="包茂高速", administrative_class="national")
    for sequence, stake in enumerate((0, 10_000, None, None, 40_000, 50_000), 1):
        RoutePoint.objects.create(
            route=route,
            sequence=sequence,
            name=f"点 {sequence}",
            kind="control_point",
            stake_m=stake,
            geom=Point(108.0 + sequence * 0.1, 34.0, srid=4490),
            region=province.changan,
        )
    return route


@pytest.mark.parametrize(
    ("text", "stake"),
    [
        ("G65 K1034+200", ("G65", 1_034_200)),
        ("g65k1034", ("G65", 1_034_000)),
        ("S107 12+5", ("S107", 12_500)),
        ("G65", None),
        ("陕A12345", None),
        ("K10+000", None),
    ],
)
def test_route_and_stake_are_read(text: str, stake: tuple[str, int] | None) -> None:
    assert parse_stake(text) == stake


def test_a_stake_lies_between_its_neighbours(route: Route) -> None:
    assert place_of("G65", 5_000) == pytest.approx((108.15, 34.0))

    found = stake_at(108.15, 34.001)

    assert found is not None
    assert (found.route_code, str(found)) == ("G65", "K5+000")
    assert found.distance_m == pytest.approx(110, abs=1)


def test_where_another_route_carries_the_stakes_there_is_none(route: Route) -> None:
    assert place_of("G65", 25_000) is None
    assert stake_at(108.35, 34.0) is None


def test_a_place_far_from_every_route_has_no_stake(route: Route) -> None:
    assert stake_at(108.15, 34.005) is None
    assert place_of("G65", 60_000) is None
    assert place_of("G5", 5_000) is None
