"""Demo ratings of the seed's bridges: the bridges are in about their place, the scores are made up."""

from datetime import date, timedelta
from decimal import Decimal

from qintong.base.registry.demo import demo_rows
from qintong.base.registry.structures import Structure

from .bridges import Bridge

LARGE_M, EXTRA_LARGE_M = 100, 1000
"""Total length of large and extra large bridges, JTG D60-2015 table 1.0.5: 100 ≤ L ≤ 1000, L > 1000."""


@demo_rows("桥梁评定")
def seed_bridges() -> int:
    structures = Structure.objects.filter(kind=Structure.Kind.BRIDGE, is_schematic=True)
    for number, structure in enumerate(structures.order_by("code")):
        if Bridge.objects.filter(structure=structure).exists():
            continue
        Bridge.objects.create(
            structure=structure,
            kind="beam",
            span_class=_span_class(structure.length_m),
            superstructure_score=Decimal(98 - number * 7 % 45),
            substructure_score=Decimal(97 - number * 5 % 38),
            deck_score=Decimal(96 - number * 11 % 52),
            rated_on=date(2026, 3, 1) + timedelta(days=number),
            is_demo=True,
        )
    return structures.count()


def _span_class(length_m: int | None) -> str:
    if length_m is None:
        return ""
    if length_m > EXTRA_LARGE_M:
        return Bridge.SpanClass.EXTRA_LARGE
    return Bridge.SpanClass.LARGE if length_m >= LARGE_M else ""
