"""Scenarios: reports of one vehicle and what the duty desk hears of them."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from qintong.stream import roster
from qintong.stream.quality import Quality
from qintong.stream.rules import Rule
from qintong.stream.rules.engine import Engine, incident_key
from qintong.stream.rules.table import TABLE, in_force
from qintong.stream.topics import POSITION

NOON = 1_795_492_800_000
VEHICLE, LIMIT_KMH, SILENCE_S = 7, 80, 600


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    path = tmp_path / "roster.arrow"
    entry = roster.Entry(
        VEHICLE, VEHICLE, b"\x01" * 6, speed_limit_kmh=LIMIT_KMH, offline_limit_s=SILENCE_S
    )
    roster.write(path, [entry])
    engine = Engine(listening_since_ms=NOON)
    engine.use(roster.Roster.load(path))
    return engine


def report(second: float, speed: float = 0.0, **columns) -> np.ndarray:
    row = np.zeros(1, POSITION.dtype)
    row["terminal_id"] = row["vehicle_id"] = VEHICLE
    row["device_at_ms"] = NOON + second * 1000
    row["received_at_ms"] = row["device_at_ms"] + 300
    row["speed_kmh"], row["lon_e6"], row["lat_e6"] = speed, 108_944_340, 34_264_987
    for name, value in columns.items():
        row[name] = value
    return row


def heard(alarms: np.ndarray) -> list[tuple]:
    """(rule, begin/continue or end, started second, value)."""
    return [
        (
            Rule(a["rule"]).name,
            "end" if a["is_end"] else "on",
            (int(a["started_at_ms"]) - NOON) / 1000,
            None if np.isnan(a["value"]) else round(float(a["value"]), 1),
        )
        for a in alarms
    ]


OVERSPEED_SCENARIOS = [
    ("below the limit", [(0, 79), (10, 80), (20, 80)], []),
    ("one fast report is not yet an incident", [(0, 70), (10, 95), (20, 70)], []),
    ("held long enough", [(0, 95), (10, 96)], [("on", 0, 96)]),
    (
        "one incident however long",
        [(s, 90) for s in range(0, 300, 10)],
        [("on", 0, 90)],
    ),
    (
        "new maximum, not too often",
        [(0, 90), (10, 91), (20, 95), (30, 96), (40, 99), (50, 90)],
        [("on", 0, 91), ("on", 0, 99)],
    ),
    (
        "just below the limit goes on, clearly below ends",
        [(0, 90), (10, 90), (20, 79), (30, 90), (40, 76)],
        [("on", 0, 90), ("end", 0, 90)],
    ),
    (
        "again after an end is another incident",
        [(0, 90), (10, 90), (20, 70), (30, 99), (40, 99)],
        [("on", 0, 90), ("end", 0, 90), ("on", 30, 99)],
    ),
    (
        "a gap in the reports ends it",
        [(0, 90), (10, 90), (1000, 85)],
        [("on", 0, 90), ("end", 0, 90)],
    ),
    (
        "late and repeated reports do nothing",
        [(0, 90), (10, 90), (10, 90), (5, 140)],
        [("on", 0, 90)],
    ),
]


@pytest.mark.parametrize(
    ("reports", "wanted"),
    [s[1:] for s in OVERSPEED_SCENARIOS],
    ids=[s[0] for s in OVERSPEED_SCENARIOS],
)
@pytest.mark.parametrize("batch", [1, 2, 100])
def test_overspeed(engine: Engine, reports: list, wanted: list, batch: int):
    rows = np.concatenate([report(second, speed) for second, speed in reports])

    found = [engine.apply(rows[n : n + batch]) for n in range(0, len(rows), batch)]

    assert heard(np.concatenate(found)) == [("OVERSPEED", *w) for w in wanted]


@pytest.mark.parametrize(
    "columns",
    [
        {"is_backfill": 1},
        {"quality": Quality.NOT_FIXED},
        {"quality": Quality.SPEED_RANGE},
        {"vehicle_id": 0},
        {"vehicle_id": 99},
        {"received_at_ms": NOON + 86_400_000},
    ],
)
def test_reports_that_raise_no_overspeed(engine: Engine, columns: dict):
    rows = np.concatenate([report(s, 120, **columns) for s in (0, 10, 20)])

    assert heard(engine.apply(rows)) == []


def test_backfill_between_live_reports_changes_nothing(engine: Engine):
    rows = [report(0, 90), report(5, 20, is_backfill=1), report(10, 90)]

    assert heard(engine.apply(np.concatenate(rows))) == [("OVERSPEED", "on", 0, 90)]


def test_overspeed_of_half_as_much_again_is_more_urgent(engine: Engine):
    alarms = engine.apply(np.concatenate([report(0, 119.9), report(10, 119.9), report(50, 120)]))

    assert alarms["level"].tolist() == [3, 2]
    assert alarms["limit"].tolist() == [LIMIT_KMH] * 2


def test_silence_ends_overspeed(engine: Engine):
    engine.apply(np.concatenate([report(0, 90), report(10, 90)]))

    early = engine.tick(NOON + 300_000)
    late = engine.tick(NOON + 311_000)

    assert heard(early) == []
    assert heard(late) == [("OVERSPEED", "end", 0, 90)]


def test_vehicles_do_not_disturb_each_other(engine: Engine, tmp_path: Path):
    entries = [
        roster.Entry(n, n, bytes([n] * 6), speed_limit_kmh=limit)
        for n, limit in ((1, 60), (2, 100))
    ]
    roster.write(tmp_path / "roster.arrow", entries)
    engine.use(roster.Roster.load(tmp_path / "roster.arrow"))

    rows = [report(s, 80, vehicle_id=v, terminal_id=v) for s in (0, 10) for v in (1, 2, 7)]
    alarms = engine.apply(np.concatenate(rows))

    assert alarms["vehicle_id"].tolist() == [1]


def sos(second: float, **columns) -> np.ndarray:
    return report(second, alarm_bits=1, **columns)


def test_sos_is_one_incident_however_often_repeated(engine: Engine):
    alarms = engine.apply(np.concatenate([sos(n) for n in range(20)]))

    assert heard(alarms) == [("SOS", "on", 0, None)]
    assert alarms["level"].tolist() == [1]


def test_sos_ends_after_silence_and_may_begin_again(engine: Engine):
    first = heard(engine.apply(np.concatenate([sos(0), report(10), report(20)])))
    early = heard(engine.tick(NOON + 299_000))
    ended = heard(engine.tick(NOON + 301_000))
    second = heard(engine.apply(sos(400)))

    assert (first, early) == ([("SOS", "on", 0, None)], [])
    assert ended == [("SOS", "end", 0, None)]
    assert second == [("SOS", "on", 400, None)]


def test_sos_without_a_fix_counts_and_carries_the_last_place(engine: Engine):
    rows = [report(0), sos(10, quality=Quality.NOT_FIXED, lon_e6=0, lat_e6=0)]

    alarms = engine.apply(np.concatenate(rows))

    assert (alarms["lon_e6"][0], alarms["lat_e6"][0]) == (108_944_340, 34_264_987)


def test_sos_sent_again_later_is_the_same_and_backfill_raises_nothing(engine: Engine):
    engine.apply(sos(0))
    engine.tick(NOON + 400_000)

    again = engine.apply(sos(0, received_at_ms=NOON + 500_000))
    backfill = engine.apply(sos(50, is_backfill=1, received_at_ms=NOON + 501_000))

    assert heard(again) == heard(backfill) == []


def test_silence_beyond_the_limit_is_offline_once_until_heard_again(engine: Engine):
    engine.apply(report(0))

    signs = [heard(engine.tick(NOON + s * 1000)) for s in (600, 601, 602, 1000)]
    back = heard(engine.apply(report(1200)))
    again = heard(engine.tick(NOON + 1_900_000))

    assert signs == [[], [("OFFLINE", "on", 0.3, 600.7)], [], []]
    assert back == [("OFFLINE", "end", 0.3, 1200.0)]
    assert [s[:3] for s in again] == [("OFFLINE", "on", 1200.3)]


def test_backfill_and_reports_without_a_place_count_as_heard(engine: Engine):
    engine.apply(report(0))
    engine.apply(report(-900, is_backfill=1, received_at_ms=NOON + 500_000))
    engine.apply(report(550, quality=Quality.NOT_FIXED))

    assert heard(engine.tick(NOON + 1_100_000)) == []


def test_while_the_platform_was_down_nobody_is_offline(engine: Engine):
    engine.apply(report(0))
    engine.listening_since_ms = NOON + 3_600_000

    early = heard(engine.tick(NOON + 3_601_000))
    late = heard(engine.tick(NOON + 3_600_000 + 601_000))

    assert early == []
    assert [s[0] for s in late] == ["OFFLINE"]


def test_vehicle_without_a_limit_or_never_heard_is_never_offline(engine: Engine):
    engine.apply(report(0, vehicle_id=99))

    assert heard(engine.tick(NOON + 86_400_000)) == []


def test_restart_goes_on_in_the_middle_of_an_incident(engine: Engine, tmp_path: Path):
    before = engine.apply(np.concatenate([report(0, 90), report(10, 90), sos(11, speed_kmh=90)]))
    saved = engine.snapshot()

    again = Engine(listening_since_ms=NOON)
    again.restore(saved)
    again.use(roster.Roster.load(tmp_path / "roster.arrow"))
    after = again.apply(np.concatenate([sos(12, speed_kmh=90), report(20, 70)]))

    assert len(before) == 2
    assert heard(after) == [("OVERSPEED", "end", 0, 90)]
    assert after["incident_key"][0] == before["incident_key"][0]


def test_reports_judged_twice_give_the_same_keys(engine: Engine):
    saved = engine.snapshot()
    rows = np.concatenate([report(0, 90), report(10, 90), sos(11, speed_kmh=90), report(20, 70)])
    first = engine.apply(rows)
    engine.restore(saved)
    second = engine.apply(rows)

    assert first.tobytes() == second.tobytes() and len(first) == 3
    assert len(set(first["incident_key"].tolist())) == 2


def test_keys_differ_by_rule_vehicle_and_start():
    keys = {incident_key(r, v, s) for r in (1, 2) for v in (1, 2) for s in (NOON, NOON + 1)}

    assert len(keys) == 8 and all(0 < k < 1 << 63 for k in keys)


def test_every_rule_has_exactly_one_version_on_any_day():
    for rule in Rule:
        versions = sorted((v for v in TABLE if v.rule is rule), key=lambda v: v.valid_from)
        for earlier, later in itertools.pairwise(versions):
            assert earlier.valid_to == later.valid_from
        assert in_force(rule, NOON).rule is rule
        assert versions[-1].valid_to is None
        assert in_force(rule, 0) is versions[0]
