"""Additional items of a position report (JT/T 808-2019 tables 26 to 31): {id, length, value}*."""

from dataclasses import dataclass, field

from qintong.stream.quality import Quality

ODOMETER = 0x01
FUEL = 0x02
RECORDER_SPEED = 0x03
SIGNAL_STRENGTH = 0x30
SATELLITES = 0x31

LENGTHS = {ODOMETER: 4, FUEL: 2, RECORDER_SPEED: 2, SIGNAL_STRENGTH: 1, SATELLITES: 1}
"""Items that become columns. All others stay raw."""

FUEL_IS_PERCENT = 0x80
"""Some terminals send a percentage with this bit of the first byte: no litres, so it stays raw."""


@dataclass(slots=True)
class Items:
    values: dict[int, int] = field(default_factory=dict)
    """Items of LENGTHS that were well-formed."""
    raw: bytes = b""
    """All other bytes, in their order."""
    quality: int = 0


def parse(data: bytes) -> Items:
    """Read by declared length with bounds. Of a repeated item the first counts."""
    items = Items()
    seen: set[int] = set()
    kept: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + data[at + 1] if at + 1 < len(data) else len(data) + 1
        if end > len(data):
            items.quality |= Quality.ITEM_OVERRUN
            kept.append(data[at:])
            break
        item_id, value = data[at], data[at + 2 : end]
        if item_id in seen:
            items.quality |= Quality.ITEM_REPEATED
            kept.append(data[at:end])
        elif item_id not in LENGTHS:
            kept.append(data[at:end])
        elif len(value) != LENGTHS[item_id]:
            items.quality |= Quality.ITEM_LENGTH
            kept.append(data[at:end])
        elif item_id == FUEL and value[0] & FUEL_IS_PERCENT:
            kept.append(data[at:end])
        else:
            items.values[item_id] = int.from_bytes(value, "big")
        seen.add(item_id)
        at = end
    items.raw = b"".join(kept)
    return items
