"""Kernel of one position report: a 0x0200 body to a row of POSITION. Held to `positions` and `items`."""

import numpy as np

from qintong.stream.gateways.jt808.compiled import compiled
from qintong.stream.gateways.jt808.items import (
    FUEL,
    LENGTHS,
    ODOMETER,
    RECORDER_SPEED,
    SATELLITES,
    SIGNAL_STRENGTH,
)
from qintong.stream.gateways.jt808.positions import (
    FUTURE_MS,
    INT32_MAX,
    OLD_MS,
    ROLLOVER_MARGIN_MS,
    ROLLOVER_MS,
    SPEED_LIMIT_DKMH,
    STATUS_ENCRYPTED,
    STATUS_FIXED,
    STATUS_SOUTH,
    STATUS_WEST,
)
from qintong.stream.quality import Quality

_EPOCH_MS = 10957 * 86_400_000 - 8 * 3_600_000
"""2000-01-01 00:00 GMT+8 in ms UTC."""
_DAYS_BEFORE = np.array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334])
_DAYS_IN = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
LENGTH_OF = np.array([LENGTHS.get(item, 0) for item in range(256)])
"""Length that an item with a column must have; 0 = any."""
_NONE = np.float32("nan")

NOT_FIXED = int(Quality.NOT_FIXED)
COORDINATES_ZERO = int(Quality.COORDINATES_ZERO)
COORDINATES_RANGE = int(Quality.COORDINATES_RANGE)
COORDINATES_ENCRYPTED = int(Quality.COORDINATES_ENCRYPTED)
TIME_INVALID = int(Quality.TIME_INVALID)
TIME_ROLLOVER = int(Quality.TIME_ROLLOVER)
TIME_FUTURE = int(Quality.TIME_FUTURE)
TIME_OLD = int(Quality.TIME_OLD)
SPEED_RANGE = int(Quality.SPEED_RANGE)
HEADING_RANGE = int(Quality.HEADING_RANGE)
ITEM_OVERRUN = int(Quality.ITEM_OVERRUN)
ITEM_REPEATED = int(Quality.ITEM_REPEATED)
ITEM_LENGTH = int(Quality.ITEM_LENGTH)


@compiled
def u16(data, at):
    return (np.int64(data[at]) << 8) | np.int64(data[at + 1])


@compiled
def u32(data, at):
    return (u16(data, at) << 16) | u16(data, at + 2)


@compiled
def bcd(byte):
    """Two digits; -1 if a nibble is no digit."""
    high, low = np.int64(byte) >> 4, np.int64(byte) & 15
    return np.int64(-1) if high > 9 or low > 9 else high * 10 + low


@compiled
def device_time_ms(data, at):
    """BCD[6] of GMT+8 in ms UTC, years 2000 to 2099; -1 if it is no time."""
    year, month, day = bcd(data[at]), bcd(data[at + 1]), bcd(data[at + 2])
    hour, minute, second = bcd(data[at + 3]), bcd(data[at + 4]), bcd(data[at + 5])
    if year < 0 or month < 1 or month > 12 or day < 1:
        return np.int64(-1)
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or second < 0 or second > 59:
        return np.int64(-1)
    leap = 1 if year % 4 == 0 else 0
    if day > _DAYS_IN[month - 1] + (leap if month == 2 else 0):
        return np.int64(-1)
    days = year * 365 + (year + 3) // 4 + _DAYS_BEFORE[month - 1] + day - 1
    if month > 2:
        days += leap
    return _EPOCH_MS + ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000


@compiled
def judge_time(device_at_ms, received_at_ms, is_backfill):
    ahead = device_at_ms - received_at_ms
    if abs(abs(ahead) - ROLLOVER_MS) < ROLLOVER_MARGIN_MS:
        return TIME_ROLLOVER
    if ahead > FUTURE_MS:
        return TIME_FUTURE
    if ahead < -OLD_MS and not is_backfill:
        return TIME_OLD
    return 0


@compiled
def put_report(data, start, end, is_backfill, now_ms, row, blob, blob_at, seen):
    """One 0x0200 body into a row, its undecoded items behind blob[blob_at]; the new blob end."""
    status = u32(data, start + 4)
    latitude = u32(data, start + 8)
    longitude = u32(data, start + 12)
    speed = u16(data, start + 18)
    heading = u16(data, start + 20)
    quality = 0
    if not status & STATUS_FIXED:
        quality |= NOT_FIXED
    if latitude == 0 and longitude == 0:
        quality |= COORDINATES_ZERO
    if latitude > 90_000_000 or longitude > 180_000_000:
        quality |= COORDINATES_RANGE
    if status & STATUS_ENCRYPTED:
        quality |= COORDINATES_ENCRYPTED
    if speed > SPEED_LIMIT_DKMH:
        quality |= SPEED_RANGE
    if heading > 359:
        quality |= HEADING_RANGE
    device_at_ms = device_time_ms(data, start + 22)
    if device_at_ms < 0:
        device_at_ms = now_ms
        quality |= TIME_INVALID
    else:
        quality |= judge_time(device_at_ms, now_ms, is_backfill)
    latitude = min(latitude, INT32_MAX)
    longitude = min(longitude, INT32_MAX)
    row.device_at_ms = device_at_ms
    row.received_at_ms = now_ms
    row.lat_e6 = -latitude if status & STATUS_SOUTH else latitude
    row.lon_e6 = -longitude if status & STATUS_WEST else longitude
    row.altitude_m = np.int16(u16(data, start + 16))
    row.speed_kmh = np.float32(speed / 10)
    row.heading_deg = heading
    row.alarm_bits = u32(data, start)
    row.status_bits = status
    row.is_backfill = 1 if is_backfill else 0
    row.odometer_m = -1
    row.recorder_speed_kmh = _NONE
    row.fuel_l = _NONE
    row.signal_strength = -1
    row.satellites = -1
    seen[256] += 1
    report = seen[256]
    at = start + 28
    while at < end:
        after = at + 2 + np.int64(data[at + 1]) if at + 1 < end else end + 1
        is_kept = True
        if after > end:
            quality |= ITEM_OVERRUN
            after = end
        else:
            item, length = np.int64(data[at]), after - at - 2
            if seen[item] == report:
                quality |= ITEM_REPEATED
            elif item == ODOMETER:
                if length == 4:
                    row.odometer_m = u32(data, at + 2) * 100
                    is_kept = False
            elif item == FUEL:
                if length == 2 and not data[at + 2] & 0x80:
                    row.fuel_l = np.float32(u16(data, at + 2) / 10)
                    is_kept = False
            elif item == RECORDER_SPEED:
                if length == 2:
                    row.recorder_speed_kmh = np.float32(u16(data, at + 2) / 10)
                    is_kept = False
            elif item == SIGNAL_STRENGTH:
                if length == 1:
                    row.signal_strength = data[at + 2]
                    is_kept = False
            elif item == SATELLITES and length == 1:
                row.satellites = data[at + 2]
                is_kept = False
            if is_kept and seen[item] != report and LENGTH_OF[item] not in (0, length):
                quality |= ITEM_LENGTH
            seen[item] = report
        if is_kept:
            for place in range(at, after):
                blob[blob_at] = data[place]
                blob_at += 1
        at = after
    row.quality = quality
    return blob_at
