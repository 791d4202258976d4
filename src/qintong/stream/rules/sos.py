"""SOS (JT/T 808-2019 table 24, bit 0): the driver pressed the switch. The terminal repeats the bit
until it is acknowledged, so many reports are one incident; it is over after a silence."""

import numpy as np
from numba import njit

from qintong.stream.rules.incidents import Incidents, Sign, blank, signs_of
from qintong.stream.rules.table import RuleVersion

BIT = np.uint32(1)
_BEGIN, _END = int(Sign.BEGIN), int(Sign.END)


def judge(
    incidents: Incidents,
    place: np.ndarray,
    at_ms: np.ndarray,
    received_ms: np.ndarray,
    version: RuleVersion,
) -> np.ndarray:
    """Signs given by reports that carry the bit, in their order. Alters `incidents`.

    A report of a time already judged is a resend and raises nothing, however late it comes.
    """
    columns = blank(2 * len(place))
    count = _judge(  # type: ignore[call-arg]  # numba's stub
        *incidents.arrays()[:4],
        place,
        at_ms,
        received_ms,
        version.silence_s * 1000,
        version.live_s * 1000,
        columns,
    )
    return signs_of(columns, count)


@njit(cache=True, nogil=True)
def _judge(  # type: ignore[no-untyped-def]  # numba infers
    started_at, since, last_at, last_received, place, at_ms, received_ms, silence, live, out
):
    sign, row, where, begun, when, _ = out
    n = 0
    for i in range(len(place)):
        p, at, received = place[i], at_ms[i], received_ms[i]
        if at <= last_at[p] or received - at > live:
            continue
        if started_at[p] and received - last_received[p] > silence:
            sign[n], row[n], where[n] = _END, i, p
            begun[n], when[n] = started_at[p], last_at[p]
            n += 1
            started_at[p] = 0
        if started_at[p] == 0:
            started_at[p] = since[p] = at
            sign[n], row[n], where[n] = _BEGIN, i, p
            begun[n], when[n] = at, at
            n += 1
        last_at[p], last_received[p] = at, received
    return n
