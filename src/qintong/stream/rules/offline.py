"""Offline: nothing heard for longer than the vehicle's limit. Driven by the clock, by receive time."""

import numpy as np

from qintong.stream.rules.incidents import SIGN, Sign

CLOCK_TOLERANCE_MS = 300_000
"""A receive time further back than this is a clock set back, not an old report."""


def judge(
    heard_at: np.ndarray,
    offline_since: np.ndarray,
    limit_s: np.ndarray,
    listening_since_ms: int,
    now_ms: int,
) -> np.ndarray:
    """Begin an incident for each vehicle newly silent beyond its limit. Alters `offline_since`.

    Arrays are by place, times in ms, 0 = never heard, not offline, no limit. Silence counts from
    `listening_since_ms` at the earliest: while the platform was down nobody could be heard.
    """
    silent_ms = now_ms - np.maximum(heard_at, listening_since_ms)
    is_due = (heard_at > 0) & (offline_since == 0) & (limit_s > 0) & (silent_ms > limit_s * 1000.0)
    places = np.flatnonzero(is_due)
    out = np.zeros(len(places), SIGN)
    out["sign"], out["row"], out["place"] = Sign.BEGIN, -1, places
    out["started_at"], out["at"] = heard_at[places], now_ms
    out["value"] = (now_ms - heard_at[places]) / 1000
    offline_since[places] = heard_at[places]
    return out


def hear(offline_since: np.ndarray, place: np.ndarray, received_ms: np.ndarray) -> np.ndarray:
    """End the incidents of vehicles heard again. Alters `offline_since`.

    The report an incident counts from, judged again after a restart, does not end it.
    """
    since = offline_since[place]
    is_later = (received_ms > since) | (since - received_ms > CLOCK_TOLERANCE_MS)
    back = np.flatnonzero((since > 0) & is_later)
    places, first = np.unique(place[back], return_index=True)
    out = np.zeros(len(places), SIGN)
    out["sign"], out["row"], out["place"] = Sign.END, back[first], places
    out["started_at"], out["at"] = offline_since[places], received_ms[back[first]]
    out["value"] = (out["at"] - out["started_at"]) / 1000
    offline_since[places] = 0
    return out
