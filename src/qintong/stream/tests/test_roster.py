"""The roster snapshot: what registry writes, gateways and rules read."""

from pathlib import Path

import pytest

from qintong.stream import roster
from qintong.stream.roster import Entry, Roster

SHORT = bytes.fromhex("013900001234")
LONG = bytes.fromhex("00000000013900001234")
HEX = bytes.fromhex("0A3900FF1234")


def test_written_entries_are_found_by_identity(tmp_path: Path):
    path = tmp_path / "roster.arrow"
    first = Entry(1, 11, SHORT, "A000001", "陕A12345", 2, "token-1", 100.0, 600, 13)
    second = Entry(2, 0, HEX)

    count = roster.write(path, [first, second])

    loaded = Roster.load(path)
    assert count == len(loaded) == 2
    assert loaded.find(SHORT) == first
    assert loaded.find(HEX) == second
    assert loaded.speed_limit_kmh.tolist() == [100.0, 0.0]


def test_a_phone_number_is_the_same_in_6_and_in_10_bytes(tmp_path: Path):
    path = tmp_path / "roster.arrow"

    roster.write(path, [Entry(1, 11, SHORT)])

    found = Roster.load(path).find(LONG)
    assert found is not None and found.terminal_id == 1


def test_an_identity_cannot_stand_in_the_roster_twice(tmp_path: Path):
    with pytest.raises(ValueError, match="twice"):
        roster.write(tmp_path / "roster.arrow", [Entry(1, 0, SHORT), Entry(2, 0, LONG)])


def test_an_absent_snapshot_is_an_empty_roster(tmp_path: Path):
    loaded = Roster.load(tmp_path / "roster.arrow")

    assert len(loaded) == 0
    assert loaded.find(SHORT) is None


def test_a_watch_sees_a_new_snapshot_once(tmp_path: Path):
    path = tmp_path / "roster.arrow"
    watch = roster.Watch(path)

    roster.write(path, [Entry(1, 11, SHORT, plate_number="陕A12345", plate_colour=2)])

    assert watch.poll() is True
    assert watch.poll() is False
    assert watch.roster.has_plate("陕A12345", 2)
    assert not watch.roster.has_plate("陕A12345", 1)


def test_a_failed_write_leaves_the_old_snapshot(tmp_path: Path):
    path = tmp_path / "roster.arrow"
    roster.write(path, [Entry(1, 11, SHORT)])

    with pytest.raises(ValueError):
        roster.write(path, [Entry(2, 0, b"\1")])

    assert len(Roster.load(path)) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["roster.arrow"]


def test_identities_with_zero_bytes_at_either_end_are_told_apart(tmp_path: Path):
    path = tmp_path / "roster.arrow"
    identities = [bytes.fromhex(text) for text in ("000000000100", "000000010000", "010000000000")]

    roster.write(path, [Entry(n, n, identity) for n, identity in enumerate(identities)])

    loaded = Roster.load(path)
    found = [loaded.find(identity) for identity in identities]
    assert [entry and entry.terminal_id for entry in found] == [0, 1, 2]
    assert loaded.find(bytes.fromhex("000001000000")) is None


def test_a_watch_keeps_its_roster_when_the_file_is_damaged(tmp_path: Path):
    path = tmp_path / "roster.arrow"
    roster.write(path, [Entry(1, 11, SHORT)])
    watch = roster.Watch(path)

    path.write_bytes(b"no roster")

    assert watch.poll() is False
    assert watch.roster.find(SHORT) is not None
