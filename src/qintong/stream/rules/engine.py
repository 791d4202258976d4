"""All rules over one batch: reports in, ALARM rows out. Knows every vehicle heard so far."""

import hashlib
import struct

import numpy as np

from qintong.stream.quality import NO_PLACE, NO_TIME, Quality
from qintong.stream.roster import Roster
from qintong.stream.rules import Rule, offline, overspeed, sos
from qintong.stream.rules.incidents import Incidents, Sign, hush
from qintong.stream.rules.table import RuleVersion, in_force
from qintong.stream.topics import ALARM

_VEHICLE = np.dtype(
    [
        ("vehicle_id", "<i8"),
        ("terminal_id", "<i8"),
        ("heard_at", "<i8"),
        ("offline_since", "<i8"),
        ("placed_at", "<i8"),
        ("lon_e6", "<i4"),
        ("lat_e6", "<i4"),
    ]
)


class Engine:
    """State of all rules. `snapshot` and `restore` carry it over a restart."""

    def __init__(self, listening_since_ms: int = 0) -> None:
        self.listening_since_ms = listening_since_ms
        self._vehicles = np.zeros(0, _VEHICLE)
        self._overspeed, self._sos = Incidents.of(0), Incidents.of(0)
        self._ids = np.zeros(0, np.int64)
        self._places = np.zeros(0, np.int64)
        self._roster = (np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
        self._speed_limit_kmh, self._offline_limit_s = np.zeros(0), np.zeros(0)

    def use(self, roster: Roster) -> None:
        """Take the limits of vehicles from a new roster."""
        ids = roster.vehicle_id
        order = np.argsort(ids, kind="stable")
        self._roster = (
            ids[order],
            roster.speed_limit_kmh[order].astype(float),
            roster.offline_limit_s[order].astype(float),
        )
        self._spread_limits()

    def apply(self, rows: np.ndarray) -> np.ndarray:
        """Judge reports in the order of the log; the ALARM rows they give rise to."""
        rows = rows[rows["vehicle_id"] > 0]
        if not len(rows):
            return np.zeros(0, ALARM.dtype)
        place = self._places_of(rows["vehicle_id"])
        received = np.ascontiguousarray(rows["received_at_ms"])
        quality = rows["quality"]
        has_time = (quality & np.uint16(NO_TIME)) == 0
        at = np.where(has_time, rows["device_at_ms"], received)
        is_placed = (quality & np.uint16(NO_PLACE)) == 0
        self._locate(place, at, rows, is_placed)
        is_live = rows["is_backfill"] == 0
        found = [self._alarms(Rule.OFFLINE, self._hear(place, received), rows)]

        fast = np.flatnonzero(
            is_live & is_placed & ((quality & np.uint16(Quality.SPEED_RANGE)) == 0)
        )
        version = in_force(Rule.OVERSPEED, int(received[-1]))
        signs = overspeed.judge(
            self._overspeed,
            place[fast],
            at[fast],
            received[fast],
            rows["speed_kmh"][fast],
            self._speed_limit_kmh,
            version,
        )
        found.append(self._alarms(Rule.OVERSPEED, signs, rows[fast]))

        pressed = np.flatnonzero(is_live & ((rows["alarm_bits"] & sos.BIT) != 0))
        if len(pressed):
            version = in_force(Rule.SOS, int(received[-1]))
            signs = sos.judge(self._sos, place[pressed], at[pressed], received[pressed], version)
            found.append(self._alarms(Rule.SOS, signs, rows[pressed]))
        return np.concatenate(found)

    def tick(self, now_ms: int) -> np.ndarray:
        """What the clock gives rise to. To be called only when every report committed before
        `now_ms` has been applied; else vehicles look silent that are merely unread."""
        nothing = np.zeros(0, ALARM.dtype)
        fast, pressed = (in_force(rule, now_ms) for rule in (Rule.OVERSPEED, Rule.SOS))
        silent = offline.judge(
            self._vehicles["heard_at"],
            self._vehicles["offline_since"],
            self._offline_limit_s,
            self.listening_since_ms,
            now_ms,
        )
        return np.concatenate(
            [
                self._alarms(Rule.OFFLINE, silent, nothing),
                self._alarms(
                    Rule.OVERSPEED, hush(self._overspeed, now_ms, fast.silence_s), nothing
                ),
                self._alarms(Rule.SOS, hush(self._sos, now_ms, pressed.silence_s), nothing),
            ]
        )

    def recall(self, alarms: np.ndarray) -> None:
        """Learn from ALARM rows given earlier which vehicles are held to be offline. (The other
        rules give the same alarms when they judge the same reports again; the clock does not.)"""
        for alarm in alarms[alarms["rule"] == Rule.OFFLINE]:
            place = self._places_of(np.array([alarm["vehicle_id"]]))
            self._vehicles["offline_since"][place] = (
                0 if alarm["is_end"] else alarm["started_at_ms"]
            )
            if not alarm["is_end"]:
                heard = self._vehicles["heard_at"]
                heard[place] = np.maximum(heard[place], alarm["started_at_ms"])

    def snapshot(self) -> dict[str, np.ndarray]:
        """Everything needed to go on later."""
        saved = {"vehicles": self._vehicles.copy()}
        for name, incidents in (("overspeed", self._overspeed), ("sos", self._sos)):
            for number, array in enumerate(incidents.arrays()):
                saved[f"{name}_{number}"] = array.copy()
        return saved

    def restore(self, saved: dict[str, np.ndarray]) -> None:
        """Go on where `snapshot` was taken. Raises KeyError when it is of another kind."""
        self._vehicles = saved["vehicles"].astype(_VEHICLE)
        for name, incidents in (("overspeed", self._overspeed), ("sos", self._sos)):
            for number, field in enumerate(type(incidents).__dataclass_fields__):
                setattr(incidents, field, saved[f"{name}_{number}"].copy())
        self._index()

    def _hear(self, place: np.ndarray, received: np.ndarray) -> np.ndarray:
        signs = offline.hear(self._vehicles["offline_since"], place, received)
        self._vehicles["heard_at"][place] = received
        return signs

    def _locate(
        self, place: np.ndarray, at: np.ndarray, rows: np.ndarray, is_placed: np.ndarray
    ) -> None:
        """Keep the last known place: an alarm of the clock has no report to take one from."""
        vehicles = self._vehicles
        vehicles["terminal_id"][place] = rows["terminal_id"]
        later = np.flatnonzero(is_placed & (at > vehicles["placed_at"][place]))
        later = later[np.argsort(at[later], kind="stable")]
        vehicles["placed_at"][place[later]] = at[later]
        vehicles["lon_e6"][place[later]] = rows["lon_e6"][later]
        vehicles["lat_e6"][place[later]] = rows["lat_e6"][later]

    def _alarms(self, rule: Rule, signs: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Signs as rows of ALARM, at the place of the report that gave them, else at the last known."""
        out = np.zeros(len(signs), ALARM.dtype)
        if not len(signs):
            return out
        place = signs["place"]
        version = in_force(rule, int(signs["at"].max()))
        out["rule"], out["is_end"] = rule, signs["sign"] == Sign.END
        for name in ("terminal_id", "vehicle_id", "lon_e6", "lat_e6"):
            out[name] = self._vehicles[name][place]
        out["started_at_ms"], out["at_ms"] = signs["started_at"], signs["at"]
        out["value"], out["limit"] = signs["value"], self._limit(rule, place)
        if rule is Rule.SOS:
            out["value"] = np.nan
        out["level"] = _levels(version, out["value"], out["limit"])
        out["incident_key"] = [
            incident_key(rule, vehicle, started)
            for vehicle, started in zip(
                out["vehicle_id"].tolist(), out["started_at_ms"].tolist(), strict=True
            )
        ]
        for alarm in np.flatnonzero(signs["row"] >= 0):
            report = rows[signs["row"][alarm]]
            if not int(report["quality"]) & NO_PLACE:
                out["lon_e6"][alarm], out["lat_e6"][alarm] = report["lon_e6"], report["lat_e6"]
        return out

    def _limit(self, rule: Rule, place: np.ndarray) -> np.ndarray | float:
        if rule is Rule.OVERSPEED:
            return self._speed_limit_kmh[place]
        return self._offline_limit_s[place] if rule is Rule.OFFLINE else np.nan

    def _places_of(self, vehicle_ids: np.ndarray) -> np.ndarray:
        found = np.searchsorted(self._ids, vehicle_ids)
        is_known = found < len(self._ids)
        is_known[is_known] = self._ids[found[is_known]] == vehicle_ids[is_known]
        if not is_known.all():
            new = np.unique(vehicle_ids[~is_known])
            added = np.zeros(len(new), _VEHICLE)
            added["vehicle_id"] = new
            self._vehicles = np.concatenate([self._vehicles, added])
            self._overspeed.grow(len(self._vehicles))
            self._sos.grow(len(self._vehicles))
            self._index()
            found = np.searchsorted(self._ids, vehicle_ids)
        return self._places[found]

    def _index(self) -> None:
        self._places = np.argsort(self._vehicles["vehicle_id"])
        self._ids = self._vehicles["vehicle_id"][self._places]
        self._spread_limits()

    def _spread_limits(self) -> None:
        """Limits by place; a vehicle that is not in the roster has none."""
        ids, speed, silence = self._roster
        wanted = self._vehicles["vehicle_id"]
        self._speed_limit_kmh, self._offline_limit_s = (np.zeros(len(wanted)) for _ in range(2))
        if not len(ids):
            return
        found = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
        is_listed = ids[found] == wanted
        self._speed_limit_kmh[is_listed] = speed[found[is_listed]]
        self._offline_limit_s[is_listed] = silence[found[is_listed]]


def incident_key(rule: int, vehicle_id: int, started_at_ms: int) -> int:
    """The same incident has the same key, whoever computes it and however often."""
    said = struct.pack("<Hqq", rule, vehicle_id, started_at_ms)
    return int.from_bytes(hashlib.blake2b(said, digest_size=8).digest(), "little") >> 1


def _levels(version: RuleVersion, value: np.ndarray, limit: np.ndarray) -> np.ndarray:
    levels = np.full(len(value), version.level)
    if version.severe_ratio:
        levels[value >= version.severe_ratio * limit] -= 1
    return levels
