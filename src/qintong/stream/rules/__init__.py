"""Rules on data in motion: reports in, ALARM rows out. No clock, no database: time is passed in."""

from enum import IntEnum


class Rule(IntEnum):
    """Numbers stand in the log and never change their meaning."""

    OVERSPEED = 1
    SOS = 2
    OFFLINE = 3

    @property
    def title(self) -> str:
        return _TITLES[self]

    @property
    def unit(self) -> str:
        """Unit of `value` and `limit`; empty where they are NaN."""
        return _UNITS[self]


_TITLES = {Rule.OVERSPEED: "超速", Rule.SOS: "紧急报警", Rule.OFFLINE: "离线超时"}
_UNITS = {Rule.OVERSPEED: "km/h", Rule.SOS: "", Rule.OFFLINE: "s"}
