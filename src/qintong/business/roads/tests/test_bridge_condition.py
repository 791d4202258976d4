"""Condition of bridges, JTG/T H21-2011: the handbook's worked example, the bands, the overrides."""

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError

from qintong.base.registry.structures import Structure
from qintong.business.roads.bridges import Bridge
from qintong.business.roads.rules.bridge_condition import class_of, rate_bridge
from tests.province import Province


def rate(*scores: int | str, has_single_control: bool = False) -> tuple[Decimal, int]:
    rating = rate_bridge(*(Decimal(s) for s in scores), has_single_control)
    return rating.score, rating.condition_class


def test_worked_example() -> None:
    assert rate(85, 78, 70) == (Decimal("79.20"), 3)


@pytest.mark.parametrize(
    ("score", "number"),
    [
        ("100", 1),
        ("95", 1),
        ("94.99", 2),
        ("80", 2),
        ("79.99", 3),
        ("60", 3),
        ("40", 4),
        ("39.99", 5),
    ],
)
def test_bands_include_their_lower_edge(score: str, number: int) -> None:
    assert class_of(Decimal(score)) == number


def test_rounding_does_not_lift_a_bridge_into_the_next_class() -> None:
    assert rate("79.999", "79.999", "79.999") == (Decimal("80.00"), 3)


def test_single_control_makes_class_5_whatever_the_score() -> None:
    assert rate(98, 97, 96, has_single_control=True)[1] == 5


def test_mercy_rule_keeps_class_3() -> None:
    assert rate(61, 61, 41) == (Decimal("57.00"), 3)
    assert rate(59, 61, 41)[1] == 4


@pytest.mark.parametrize("score", ["-0.01", "100.01"])
def test_scores_outside_0_to_100_are_refused(score: str) -> None:
    with pytest.raises(ValueError, match="不在 0 至 100 之间"):
        rate(score, 80, 80)


@pytest.fixture
def bridge(province: Province) -> Bridge:
    structure = Structure.objects.create(
        code="QL1", kind="bridge", name="演示桥", geom=Point(108.9, 34.1, srid=4490),
        region=province.changan,
    )  # fmt: skip
    return Bridge(structure=structure)


def test_saving_a_bridge_rates_it(bridge: Bridge) -> None:
    bridge.superstructure_score = Decimal(85)
    bridge.substructure_score = Decimal(78)
    bridge.deck_score = Decimal(70)
    bridge.rated_on = date(2026, 5, 1)

    bridge.full_clean()
    bridge.save()

    assert (bridge.score, bridge.condition_class) == (Decimal("79.20"), 3)


def test_part_scores_come_together_and_with_a_date(bridge: Bridge) -> None:
    bridge.superstructure_score = Decimal(85)
    with pytest.raises(ValidationError, match="须一起填"):
        bridge.full_clean()

    bridge.substructure_score = bridge.deck_score = Decimal(70)
    with pytest.raises(ValidationError, match="评定日期"):
        bridge.full_clean()
