"""How a data feed is judged by the age of its last record and the life of the process that takes it."""

from enum import StrEnum


class FeedState(StrEnum):
    OK = "ok"
    LATE = "late"
    DEAD = "dead"
    UNKNOWN = "unknown"


PULSE_S = 15.0
"""A consumer writes its figures every two seconds; older ones are those of a process that stopped."""


def judge(
    pulse_age_s: float | None,
    record_age_s: float | None,
    late_after_s: int,
    dead_after_s: int,
) -> FeedState:
    """`pulse_age_s`: since the taking process last wrote its figures, None = never. `record_age_s`:
    since the last record, None = none yet. A feed of events (`late_after_s` 0) may be silent."""
    if pulse_age_s is None:
        return FeedState.UNKNOWN
    if pulse_age_s > PULSE_S:
        return FeedState.DEAD
    if late_after_s == 0:
        return FeedState.OK
    if record_age_s is None or record_age_s > dead_after_s:
        return FeedState.DEAD
    return FeedState.LATE if record_age_s > late_after_s else FeedState.OK
