"""Technical condition of a whole bridge (桥梁技术状况评定), JTG/T H21-2011."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

SUPERSTRUCTURE, SUBSTRUCTURE, DECK = Decimal("0.40"), Decimal("0.40"), Decimal("0.20")
"""Weights of table 4.1.5 (clause number unconfirmed)."""
FLOORS = ((1, 95), (2, 80), (3, 60), (4, 40), (5, 0))
"""Class → least score: [95, 100] is class 1, [0, 40) class 5."""


@dataclass(frozen=True, slots=True)
class BridgeRating:
    score: Decimal
    condition_class: int
    ground: str
    """Why the class is not the one of the score; empty when it is."""


def class_of(score: Decimal) -> int:
    """Class by score: of the whole bridge and of its three parts alike."""
    return next(number for number, floor in FLOORS if score >= floor)


def rate_bridge(
    superstructure: Decimal, substructure: Decimal, deck: Decimal, has_single_control: bool
) -> BridgeRating:
    """Dr = 0.40 SPCI + 0.40 SBCI + 0.20 BDCI, then the two overrides.

    A single-control condition (单项控制指标) makes class 5 whatever the score. Super- and substructure
    in class 3 with the deck in class 4 and 40 ≤ Dr < 60 stay class 3. Scores 0 to 100; raises
    ValueError outside.
    """
    for name, value in (("上部结构", superstructure), ("下部结构", substructure), ("桥面系", deck)):
        if not 0 <= value <= 100:
            raise ValueError(f"{name}评分 {value} 不在 0 至 100 之间")
    exact = SUPERSTRUCTURE * superstructure + SUBSTRUCTURE * substructure + DECK * deck
    score = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if has_single_control:
        return BridgeRating(score, 5, "有单项控制指标")
    parts = class_of(superstructure), class_of(substructure), class_of(deck)
    if parts == (3, 3, 4) and 40 <= exact < 60:
        return BridgeRating(score, 3, "上部、下部结构均为 3 类")
    return BridgeRating(score, class_of(exact), "")
