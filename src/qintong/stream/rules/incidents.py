"""Incidents of one rule: what is kept for each vehicle, and what a kernel has to say."""

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np


class Sign(IntEnum):
    """What happened to an incident."""

    BEGIN = 0
    CONTINUE = 1
    END = 2


@dataclass(slots=True)
class Incidents:
    """One place of each array for each vehicle; 0 = none. Times in ms."""

    started_at: np.ndarray
    """Device time of the incident that is open."""
    since: np.ndarray
    """Device time since which the condition holds without a gap."""
    last_at: np.ndarray
    """Device time of the last report judged."""
    last_received: np.ndarray
    """Receive time of the last report that kept the condition."""
    told_at: np.ndarray
    """Device time of the last sign given."""
    peak: np.ndarray
    """Highest value since `since`."""
    told: np.ndarray
    """Highest value told."""

    @classmethod
    def of(cls, count: int) -> "Incidents":
        return cls(*(np.zeros(count, kind) for kind in _KINDS))

    def grow(self, count: int) -> None:
        for field in fields(self):
            old = getattr(self, field.name)
            new = np.zeros(count, old.dtype)
            new[: len(old)] = old
            setattr(self, field.name, new)

    def arrays(self) -> tuple[np.ndarray, ...]:
        return tuple(getattr(self, f.name) for f in fields(self))


_KINDS = (np.int64, np.int64, np.int64, np.int64, np.int64, np.float64, np.float64)

SIGN = np.dtype(
    [
        ("sign", "u1"),
        ("row", "<i8"),  # row of the batch that gave the sign; -1 = the clock did
        ("place", "<i8"),
        ("started_at", "<i8"),
        ("at", "<i8"),
        ("value", "<f8"),
    ]
)


def hush(incidents: Incidents, now_ms: int, silence_s: int) -> np.ndarray:
    """End the incidents that nothing has kept up for `silence_s`. Alters `incidents`."""
    is_silent = now_ms - incidents.last_received > silence_s * 1000
    places = np.flatnonzero((incidents.started_at > 0) & is_silent)
    out = np.zeros(len(places), SIGN)
    out["sign"], out["row"], out["place"] = Sign.END, -1, places
    out["started_at"], out["at"] = incidents.started_at[places], incidents.last_at[places]
    out["value"] = incidents.peak[places]
    incidents.started_at[places] = incidents.since[places] = 0
    return out


def signs_of(columns: tuple[np.ndarray, ...], count: int) -> np.ndarray:
    """What a kernel wrote, as rows of SIGN."""
    out = np.zeros(count, SIGN)
    for name, column in zip(SIGN.names or (), columns, strict=True):
        out[name] = column[:count]
    return out


def blank(count: int) -> tuple[np.ndarray, ...]:
    """Columns of SIGN for a kernel to write into."""
    return tuple(np.zeros(count, SIGN[name]) for name in SIGN.names or ())
