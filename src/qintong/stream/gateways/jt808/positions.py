"""Position report 0x0200 (JT/T 808-2019 table 23) and the batch 0x0704: the plain, slow decoder."""

from dataclasses import dataclass
from datetime import datetime
from struct import Struct

from qintong.stream.gateways.jt808 import items
from qintong.stream.gateways.jt808.frame import FrameError
from qintong.stream.gateways.reasons import Reason
from qintong.stream.quality import Quality

BASIC_LENGTH = 28
STATUS_FIXED = 1 << 1
STATUS_SOUTH = 1 << 2
STATUS_WEST = 1 << 3
STATUS_ENCRYPTED = 1 << 5

_BASIC = Struct(">IIIIhHH")
_EPOCH = datetime(1970, 1, 1, 8)
"""1970-01-01 00:00 UTC on the terminal's clock: times of the protocol are GMT+8."""
FUTURE_MS = 10 * 60 * 1000
OLD_MS = 24 * 3600 * 1000
ROLLOVER_MS = 1024 * 7 * 24 * 3600 * 1000
ROLLOVER_MARGIN_MS = 30 * 24 * 3600 * 1000
SPEED_LIMIT_DKMH = 2200
INT32_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Position:
    """What one report says; names and units are those of the columns of POSITION."""

    alarm_bits: int
    status_bits: int
    lat_e6: int
    lon_e6: int
    altitude_m: int
    speed_kmh: float
    heading_deg: int
    device_at_ms: int
    odometer_m: int
    recorder_speed_kmh: float
    fuel_l: float
    signal_strength: int
    satellites: int
    quality: int
    raw_items: bytes


def device_time_ms(bcd: bytes) -> int | None:
    """BCD[6] YY-MM-DD-hh-mm-ss of GMT+8 in ms UTC; None if it is no time."""
    text = bcd.hex()
    if not text.isdecimal():
        return None
    year, month, day, hour, minute, second = (int(text[at : at + 2]) for at in range(0, 12, 2))
    try:
        since = datetime(2000 + year, month, day, hour, minute, second) - _EPOCH
    except ValueError:
        return None
    return (since.days * 86_400 + since.seconds) * 1000


def judge_time(device_at_ms: int, received_at_ms: int, is_backfill: bool) -> int:
    """A satellite week counter of 10 bits runs over every 1024 weeks."""
    ahead = device_at_ms - received_at_ms
    if abs(abs(ahead) - ROLLOVER_MS) < ROLLOVER_MARGIN_MS:
        return Quality.TIME_ROLLOVER
    if ahead > FUTURE_MS:
        return Quality.TIME_FUTURE
    if ahead < -OLD_MS and not is_backfill:
        return Quality.TIME_OLD
    return 0


def decode(body: bytes, received_at_ms: int, is_backfill: bool = False) -> Position:
    """One report. Raises FrameError(SHORT_BODY) below the 28 basic bytes, and for nothing else."""
    if len(body) < BASIC_LENGTH:
        raise FrameError(Reason.SHORT_BODY)
    alarm, status, latitude, longitude, altitude, speed, heading = _BASIC.unpack_from(body)
    quality = _judge_place(status, latitude, longitude)
    if speed > SPEED_LIMIT_DKMH:
        quality |= Quality.SPEED_RANGE
    if heading > 359:
        quality |= Quality.HEADING_RANGE
    device_at_ms = device_time_ms(body[22:28])
    if device_at_ms is None:
        device_at_ms = received_at_ms
        quality |= Quality.TIME_INVALID
    else:
        quality |= judge_time(device_at_ms, received_at_ms, is_backfill)
    found = items.parse(body[BASIC_LENGTH:])
    values = found.values
    return Position(
        alarm_bits=alarm,
        status_bits=status,
        lat_e6=_signed(latitude, bool(status & STATUS_SOUTH)),
        lon_e6=_signed(longitude, bool(status & STATUS_WEST)),
        altitude_m=altitude,
        speed_kmh=speed / 10,
        heading_deg=heading,
        device_at_ms=device_at_ms,
        odometer_m=values[items.ODOMETER] * 100 if items.ODOMETER in values else -1,
        recorder_speed_kmh=_tenths(values, items.RECORDER_SPEED),
        fuel_l=_tenths(values, items.FUEL),
        signal_strength=values.get(items.SIGNAL_STRENGTH, -1),
        satellites=values.get(items.SATELLITES, -1),
        quality=quality | found.quality,
        raw_items=found.raw,
    )


def split_batch(body: bytes) -> tuple[bool, list[bytes], bytes]:
    """0x0704: whether it is a backfill, the 0x0200 bodies, and what is left over.

    The declared count is not trusted: items are read by their lengths until the body ends. What is
    left over (a cut item, or items too short to be a report) is not empty for a damaged batch.
    """
    if len(body) < 3:
        raise FrameError(Reason.SHORT_BODY)
    reports: list[bytes] = []
    left = b""
    at = 3
    while at < len(body):
        end = at + 2 + int.from_bytes(body[at : at + 2], "big")
        if at + 2 > len(body) or end > len(body):
            left += body[at:]
            break
        if end - at - 2 < BASIC_LENGTH:
            left += body[at:end]
        else:
            reports.append(body[at + 2 : end])
        at = end
    return body[2] == 1, reports, left


def _signed(magnitude: int, is_negative: bool) -> int:
    """The sign stands in the status bits, never in the number."""
    value = min(magnitude, INT32_MAX)
    return -value if is_negative else value


def _tenths(values: dict[int, int], item_id: int) -> float:
    return values[item_id] / 10 if item_id in values else float("nan")


def _judge_place(status: int, latitude: int, longitude: int) -> int:
    quality = 0
    if not status & STATUS_FIXED:
        quality |= Quality.NOT_FIXED
    if latitude == 0 and longitude == 0:
        quality |= Quality.COORDINATES_ZERO
    if latitude > 90_000_000 or longitude > 180_000_000:
        quality |= Quality.COORDINATES_RANGE
    if status & STATUS_ENCRYPTED:
        quality |= Quality.COORDINATES_ENCRYPTED
    return quality
