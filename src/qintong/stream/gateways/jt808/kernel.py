"""Batch kernel: received bytes to rows of POSITION and to escaped acknowledgements 0x8001.

It does what nearly all traffic is: heartbeats, reports and batches of a link whose terminal is
known. Everything else it hands back with its place in the inbox, to the plain path. Tests hold it to
`frame`, `header`, `positions` and `acks`, column by column and byte by byte.
"""

import numpy as np

from qintong.stream.gateways.jt808.compiled import compiled
from qintong.stream.gateways.jt808.frame import CONTENT_LIMIT
from qintong.stream.gateways.jt808.header import (
    ENCRYPTION_BITS,
    LENGTH_BITS,
    SUBPACKAGE_BIT,
    VERSION_BIT,
)
from qintong.stream.gateways.jt808.kernel_report import put_report, u16
from qintong.stream.gateways.reasons import Reason

SEGMENT = np.dtype([("descriptor", "i4"), ("start", "i4"), ("end", "i4")], align=True)
"""Consecutive bytes of one link in the inbox, with the held ones before the received ones."""

LEFT = np.dtype([("descriptor", "i4"), ("start", "i4"), ("end", "i4"), ("reason", "i4")])
"""Content for the plain path; reason 0 = a valid message the kernel does not do."""

CUT_WEIGHT = 128
"""A cut for length weighs as much as so many refused messages."""

FRAMES, REPORTS = 32, 33
COUNTS = 40
"""Places of the counters; below 32 they are counted under the number of a Reason."""

_REPORT, _BATCH, _HEARTBEAT = 0x0200, 0x0704, 0x0002
_CANNOT_SERVE_BITS = ENCRYPTION_BITS | SUBPACKAGE_BIT

GARBAGE = int(Reason.GARBAGE)
OVERLONG = int(Reason.OVERLONG)
TOO_SHORT = int(Reason.TOO_SHORT)
BAD_ESCAPE = int(Reason.BAD_ESCAPE)
BAD_CHECKSUM = int(Reason.BAD_CHECKSUM)


@compiled
def batch_reports(data, start, end):
    """Number of reports of a 0x0704 body; 0 if it is not well-formed throughout."""
    count = 0
    at = start + 3
    while at < end:
        if at + 2 > end:
            return 0
        length = u16(data, at)
        at += 2 + length
        if length < 28 or at > end:
            return 0
        count += 1
    return count


@compiled
def put(out, at, byte):
    """One escaped byte; the new end."""
    if byte == 0x7E:
        out[at] = 0x7D
        out[at + 1] = 2
        return at + 2
    out[at] = byte
    if byte == 0x7D:
        out[at + 1] = 1
        return at + 2
    return at + 1


@compiled
def put_answer(data, is_wide, serial, out, at):
    """0x8001 with result 0 to the message in `data`; the new end."""
    after = 15 if is_wide else 10
    flags = data[2] & np.uint8(0x40)
    total = np.uint8(0x80) ^ np.uint8(0x01) ^ flags ^ np.uint8(5)
    out[at] = 0x7E
    out[at + 1] = 0x80
    out[at + 2] = 0x01
    out[at + 3] = flags
    out[at + 4] = 5
    at += 5
    for place in range(4, after):
        total ^= data[place]
        at = put(out, at, data[place])
    high, low = np.uint8(serial >> 8), np.uint8(serial & 0xFF)
    total ^= high ^ low
    at = put(out, at, high)
    at = put(out, at, low)
    for place in (after, after + 1, 0, 1):
        total ^= data[place]
        at = put(out, at, data[place])
    out[at] = 0
    at = put(out, at + 1, total)
    out[at] = 0x7E
    return at + 1


@compiled
def serve(data, size, link, now_ms, tick_ms, rows, blob_offsets, blob, arena, sizes, counts, seen):
    """Rows and answer of one checked message of `size` bytes; False if the plain path must do it."""
    attribute = u16(data, 2)
    is_wide = attribute & VERSION_BIT != 0 or size == 17 + (attribute & LENGTH_BITS)
    width, start = (10, 17) if is_wide else (6, 12)
    if not link.is_served or attribute & _CANNOT_SERVE_BITS or link.identity_length != width:
        return False
    if start + (attribute & LENGTH_BITS) != size:
        return False
    for place in range(width):
        if link.identity[place] != data[start - 2 - width + place]:
            return False
    message_id = u16(data, 0)
    reports = 0
    if message_id == _REPORT:
        if size - start < 28:
            return False
        reports = 1
    elif message_id == _BATCH:
        reports = batch_reports(data, start, size)
        if reports == 0:
            return False
    elif message_id != _HEARTBEAT:
        return False
    is_backfill = message_id == _BATCH and data[start + 2] == 1
    at = start + 3 if message_id == _BATCH else start
    for index in range(reports):
        end = size
        if message_id == _BATCH:
            end = at + 2 + u16(data, at)
            at += 2
        place = sizes[0]
        row = rows[place]
        blob_end = put_report(data, at, end, is_backfill, now_ms, row, blob, sizes[1], seen)
        row.terminal_id = link.terminal_id
        row.vehicle_id = link.vehicle_id
        row.message_id = message_id
        row.serial = u16(data, start - 2)
        row.item_index = index
        row.edition = 19 if is_wide else link.edition
        row.quality |= link.quality
        blob_offsets[place + 1] = blob_end
        sizes[0] += 1
        sizes[1] = blob_end
        at = end
    sizes[2] = put_answer(data, is_wide, link.serial, arena, sizes[2])
    link.serial = (np.int64(link.serial) + 1) & 0xFFFF
    link.last_seen_ms = tick_ms
    link.faults = 0
    counts[FRAMES] += 1
    counts[REPORTS] += reports
    return True


@compiled
def decode(
    inbox, segments, links, held, now_ms, tick_ms, plain, seen,
    rows, blob_offsets, blob, arena, entries, sizes, left, counts,
):  # fmt: skip
    """All segments of a round; the number of contents left to the plain path.

    Every non-empty run between two delimiters is a candidate frame. Answers of a segment lie
    together in the arena, one entry for the link.
    """
    n_left = 0
    for segment in segments:
        descriptor, end = segment.descriptor, segment.end
        link = links[descriptor]
        answers_at = sizes[2]
        is_open = link.is_open != 0
        begin = np.int64(segment.start)
        size, total, is_escaped, is_bad = 0, np.uint8(0), False, False
        for at in range(begin, end):
            byte = inbox[at]
            if byte == 0x7E:
                if not is_open:
                    counts[GARBAGE] += at - begin
                    is_open = True
                elif at - begin > CONTENT_LIMIT:
                    counts[OVERLONG] += 1
                    link.faults += CUT_WEIGHT
                elif at > begin:
                    reason = 0
                    if is_bad or is_escaped:
                        reason = BAD_ESCAPE
                    elif size < 13:
                        reason = TOO_SHORT
                    elif total != 0:
                        reason = BAD_CHECKSUM
                    if reason or not serve(
                        plain, size - 1, link, now_ms, tick_ms, rows, blob_offsets, blob, arena, sizes,
                        counts, seen,
                    ):  # fmt: skip
                        if at - begin < 13:
                            counts[reason] += 1
                        else:
                            entry = left[n_left]
                            entry.descriptor = descriptor
                            entry.start = begin
                            entry.end = at
                            entry.reason = reason
                            n_left += 1
                begin = at + 1
                size, total, is_escaped, is_bad = 0, np.uint8(0), False, False
            elif size < CONTENT_LIMIT:
                if is_escaped:
                    is_escaped = False
                    is_bad |= byte != 1 and byte != 2
                    byte = np.uint8(0x7C) + byte
                    plain[size] = byte
                    total ^= byte
                    size += 1
                elif byte == 0x7D:
                    is_escaped = True
                else:
                    plain[size] = byte
                    total ^= byte
                    size += 1
        rest = end - begin
        if not is_open:
            counts[GARBAGE] += rest
            rest = 0
        elif rest > CONTENT_LIMIT:
            counts[OVERLONG] += 1
            link.faults += CUT_WEIGHT
            is_open = False
            rest = 0
        for place in range(rest):
            held[descriptor, place] = inbox[begin + place]
        link.held = rest
        link.is_open = 1 if is_open else 0
        if sizes[2] > answers_at:
            entry = entries[sizes[3]]
            entry.descriptor = descriptor
            entry.length = sizes[2] - answers_at
            entry.connection_id = link.connection_id
            entry.start = answers_at
            sizes[3] += 1
    return n_left
