"""Overspeed: above the limit for a while begins, clearly below it or silence ends. One incident is
one alarm, however long it lasts."""

import numpy as np
from numba import njit

from qintong.stream.rules.incidents import Incidents, Sign, blank, signs_of
from qintong.stream.rules.table import RuleVersion

CLOCK_TOLERANCE_MS = 600_000
_BEGIN, _CONTINUE, _END = int(Sign.BEGIN), int(Sign.CONTINUE), int(Sign.END)


def judge(
    incidents: Incidents,
    place: np.ndarray,
    at_ms: np.ndarray,
    received_ms: np.ndarray,
    speed_kmh: np.ndarray,
    limit_kmh: np.ndarray,
    version: RuleVersion,
) -> np.ndarray:
    """Signs given by reports, in their order. `limit_kmh` is by place, 0 = none.

    A report not later than the last one judged is passed over. Alters `incidents`.
    """
    columns = blank(2 * len(place))
    count = _judge(  # type: ignore[call-arg]  # numba's stub
        *incidents.arrays(),
        place,
        at_ms,
        received_ms,
        speed_kmh.astype(np.float64),
        limit_kmh,
        (
            version.hold_s * 1000,
            version.silence_s * 1000,
            version.repeat_s * 1000,
            version.live_s * 1000,
            version.release,
        ),
        columns,
    )
    return signs_of(columns, count)


@njit(cache=True, nogil=True)
def _judge(  # type: ignore[no-untyped-def]  # numba infers
    started_at, since, last_at, last_received, told_at, peak, told,
    place, at_ms, received_ms, speed, limit, numbers, out,
):  # fmt: skip
    hold, silence, repeat, live, release = numbers
    sign, row, where, begun, when, value = out
    n = 0
    for i in range(len(place)):
        p, at, received = place[i], at_ms[i], received_ms[i]
        if limit[p] <= 0 or received - at > live:
            continue
        if at <= last_at[p] and last_at[p] <= received + CLOCK_TOLERANCE_MS:
            continue
        is_broken = at - last_at[p] > silence or at < last_at[p]
        if is_broken:
            if started_at[p]:
                sign[n], row[n], where[n] = _END, i, p
                begun[n], when[n], value[n] = started_at[p], last_at[p], peak[p]
                n += 1
                started_at[p] = 0
            since[p], peak[p] = 0, 0.0
        last_at[p] = at
        if speed[i] > limit[p]:
            last_received[p] = received
            if since[p] == 0:
                since[p], peak[p] = at, speed[i]
            peak[p] = max(peak[p], speed[i])
            is_new = started_at[p] == 0
            if is_new and at - since[p] < hold:
                continue
            if not is_new and (peak[p] <= told[p] or at - told_at[p] < repeat):
                continue
            if is_new:
                started_at[p] = since[p]
            sign[n], row[n], where[n] = _BEGIN if is_new else _CONTINUE, i, p
            begun[n], when[n], value[n] = started_at[p], at, peak[p]
            n += 1
            told_at[p], told[p] = at, peak[p]
        elif started_at[p] == 0 or speed[i] <= limit[p] - release:
            if started_at[p]:
                sign[n], row[n], where[n] = _END, i, p
                begun[n], when[n], value[n] = started_at[p], at, peak[p]
                n += 1
                started_at[p] = 0
            since[p], peak[p] = 0, 0.0
        else:
            last_received[p] = received
    return n
