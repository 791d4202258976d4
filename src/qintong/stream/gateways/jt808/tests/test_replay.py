"""All recorded frames go through a real socket: each is decoded, or counted under a named reason."""

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from qintong.stream.gateways.jt808 import frame, header, replay
from qintong.stream.gateways.jt808.frame import FrameError, Splitter
from qintong.stream.gateways.jt808.tests.conftest import Start
from qintong.stream.gateways.reasons import Reason
from qintong.stream.roster import Entry, identity_key
from qintong.stream.topics import POSITION, RAW

BESIDE = Path(__file__).resolve().parents[7] / "shared" / "data"
DATA_DIR = Path(os.environ.get("QINTONG_DATA", BESIDE))
RECORDED = {name: DATA_DIR / "telemetry" / name for name in ("JT808.txt", "TJSATL.txt")}

pytestmark = pytest.mark.skipif(
    not all(path.exists() for path in RECORDED.values()), reason="recorded frames are not here"
)


def speakers(path: Path) -> list[Entry]:
    """A roster of all identities that speak in a file."""
    identities: dict[bytes, bytes] = {}
    for _, data in replay.read_frames(path):
        for content in Splitter().feed(data)[0]:
            try:
                head, _ = header.parse(frame.unpack(content))
            except FrameError:
                continue
            identities.setdefault(identity_key(head.identity), head.identity)
    return [Entry(n, n, identity, token="t") for n, identity in enumerate(identities.values(), 1)]


def table(start: Start, name: str) -> tuple[Counter[str], list[replay.Exchange], object]:
    """Where each message of a file went."""
    stage = start(entries=speakers(RECORDED[name]))
    frames = replay.read_frames(RECORDED[name])
    exchanges = list(replay.replay(frames, "127.0.0.1", stage.port, patience_s=30))
    stage.stop()
    positions, raw = stage.rows(POSITION)[0], stage.rows(RAW)[0]
    went: Counter[str] = Counter(f"0x{i:04X} POSITION" for i in positions["message_id"].tolist())
    went.update(
        f"0x{i:04X} {Reason(r).name}"
        for i, r in zip(raw["message_id"].tolist(), raw["reason"].tolist(), strict=True)
    )
    for place, count in sorted(went.items()):
        sys.stdout.write(f"{place:<32}{count:>4}\n")
    return went, exchanges, positions


def test_every_frame_of_jt808_is_decoded_or_counted_under_a_reason(start: Start):
    went, exchanges, positions = table(start, "JT808.txt")

    assert len(exchanges) == 96
    silent = [e.message for e in exchanges if not e.answers]
    assert silent == ["0x0001", "0x0001"]
    assert went["0x0200 POSITION"] == 2
    assert went["0x0704 POSITION"] == 6
    assert went["0x0201 POSITION"] == 2
    uplink = {"0x0001", "0x0104", "0x0107", "0x0700", "0x0702", "0x0705", "0x0800", "0x0801"}
    uplink |= {"0x0301", "0x0302", "0x0303", "0x0802", "0x0805", "0x0900", "0x0901"}
    for place, count in went.items():
        message_id, reason = place.split()
        if message_id in uplink:
            assert reason == "NO_TOPIC" and count == 2, place
        elif int(message_id, 16) >= 0x8000:
            assert reason == "DOWNLINK_MESSAGE", place
    report = positions[positions["message_id"] == 0x0200]
    assert report["edition"].tolist() == [13, 19]
    assert report["lat_e6"].tolist() == [116_307_629] * 2  # the recording swaps the axes
    assert report["lon_e6"].tolist() == [40_058_359] * 2
    assert report["altitude_m"].tolist() == [312] * 2
    assert report["heading_deg"].tolist() == [99] * 2
    assert report["odometer_m"].tolist() == [1100] * 2
    assert report["signal_strength"].tolist() == [30] * 2
    assert report["satellites"].tolist() == [40] * 2
    assert report["device_at_ms"].tolist() == [1_594_121_039_000] * 2  # 2020-07-07 19:23:59 GMT+8


def test_every_frame_of_tjsatl_is_decoded_or_counted_under_a_reason(start: Start):
    went, exchanges, positions = table(start, "TJSATL.txt")

    assert [e.answers for e in exchanges] == [("0x8001 result 0",)]
    assert went == {"0x0200 POSITION": 1}
    (report,) = positions
    assert (report["lat_e6"], report["lon_e6"]) == (31_235_963, 121_388_280)
    assert report["odometer_m"] == 19_800
    assert report["heading_deg"] == 140
    assert report["signal_strength"] == 5
    assert report["device_at_ms"] == 1_619_669_201_000  # 2021-04-29 12:06:41 GMT+8


def test_a_line_that_is_not_hex_is_named(tmp_path: Path):
    path = tmp_path / "frames.txt"
    path.write_text("7e7e\n\n# a remark\nno hex\n")

    with pytest.raises(ValueError, match="line 4"):
        list(replay.read_frames(path))
