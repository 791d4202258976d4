"""When a sign-in may be tried again after failures: first a short wait, then a lock. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FREE_FAILURES = 2
"""Typing errors that cost no waiting."""


@dataclass(frozen=True, slots=True)
class Limits:
    failures: int
    """Failures in a row that lock."""
    lock: timedelta
    slows_down: bool = True
    """False: no wait before the lock. An address is a whole office: one person's typing errors must
    not make the others wait."""


def counted(count: int, last_at: datetime | None, now: datetime, limits: Limits) -> int:
    """Failures that still count: a row of them is forgotten when nobody failed for the lock's time."""
    if last_at is None or now - last_at >= limits.lock:
        return 0
    return count


def wait_after(count: int, limits: Limits) -> timedelta:
    """Time until the next try after `count` failures in a row: 0, 0, 1, 2, 4 … s, then the lock."""
    if count >= limits.failures:
        return limits.lock
    if count <= FREE_FAILURES or not limits.slows_down:
        return timedelta(0)
    return min(timedelta(seconds=2 ** (count - FREE_FAILURES - 1)), limits.lock)
