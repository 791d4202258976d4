"""The unit that a field carries at the end of its name: 长度 m → 长度, m."""

import re
from typing import Any

_UNIT = re.compile(r"^(?P<title>.*\S) (?P<unit>(?:km/h|km²|m²|m³|°C|[a-zA-Z%‰°]{1,4}))$")


def title_and_unit(field: Any) -> tuple[str, str]:
    """Split of the verbose name; the unit is empty for a field that has none."""
    text = str(getattr(field, "verbose_name", ""))
    found = _UNIT.match(text)
    if found and getattr(field, "get_internal_type", lambda: "")() in NUMBERS:
        return found["title"], found["unit"]
    return text, ""


NUMBERS = {
    "IntegerField", "PositiveIntegerField", "PositiveSmallIntegerField", "SmallIntegerField",
    "BigIntegerField", "PositiveBigIntegerField", "FloatField", "DecimalField",
}  # fmt: skip
"""Internal types of fields that hold a number."""
