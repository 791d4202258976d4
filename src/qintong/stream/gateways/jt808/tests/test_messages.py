"""What becomes of each message: rows, answers, raw copies, over real sockets."""

import json
import time
from datetime import UTC, datetime

import numpy as np

from qintong.stream.gateways.jt808 import frame, header, reassembly
from qintong.stream.gateways.jt808.header import Header
from qintong.stream.gateways.jt808.tests.conftest import (
    PHONE,
    REPORT,
    WIDE_PHONE,
    Stage,
    message,
    packet,
)
from qintong.stream.gateways.reasons import Reason
from qintong.stream.quality import Quality
from qintong.stream.topics import POSITION, RAW


def batch(count: int, kind: int = 0) -> bytes:
    item = len(REPORT).to_bytes(2, "big") + REPORT
    return count.to_bytes(2, "big") + bytes([kind]) + item * count


def test_a_report_is_durable_before_it_is_acknowledged(stage: Stage):
    terminal = stage.terminal()

    for serial in range(3):
        assert terminal.result(message(0x0200, REPORT, serial)) == 0
        assert stage.rows(POSITION)[0]["serial"].tolist() == list(range(serial + 1))

    row = stage.rows(POSITION)[0][2]
    assert (row["lat_e6"], row["lon_e6"]) == (34_264_987, 108_944_340)
    assert (row["terminal_id"], row["vehicle_id"], row["message_id"]) == (1, 11, 0x0200)
    assert abs(int(row["received_at_ms"]) - time.time() * 1000) < 60_000


def test_a_batch_gives_a_row_for_each_report(stage: Stage):
    terminal = stage.terminal()

    assert terminal.result(message(0x0200, REPORT)) == 0
    assert terminal.result(message(0x0704, batch(3, kind=1), 9)) == 0
    assert terminal.result(message(0x0704, batch(2), 10)) == 0

    rows = stage.rows(POSITION)[0][1:]
    assert rows["item_index"].tolist() == [0, 1, 2, 0, 1]
    assert rows["is_backfill"].tolist() == [1, 1, 1, 0, 0]
    assert rows["message_id"].tolist() == [0x0704] * 5
    assert rows["serial"].tolist() == [9, 9, 9, 10, 10]


def test_a_damaged_batch_keeps_its_good_reports_and_the_raw_message(stage: Stage):
    terminal = stage.terminal()

    assert terminal.result(message(0x0704, batch(2) + b"\x00\x20\x01")) == 0

    assert len(stage.rows(POSITION)[0]) == 2
    assert stage.rows(RAW)[0]["reason"].tolist() == [Reason.BATCH_ITEM]


def test_a_batch_in_packets_out_of_order_and_repeated_is_put_together(stage: Stage):
    terminal = stage.terminal()
    body = batch(20, kind=1)
    parts = [body[:400], body[400:700], body[700:]]
    first_serial = 0xFFFF  # serials wrap inside the message

    for index in (3, 1, 1, 2):
        serial = (first_serial + index - 1) & 0xFFFF
        assert terminal.result(packet(0x0704, parts[index - 1], serial, 3, index)) == 0

    rows = stage.rows(POSITION)[0]
    assert rows["item_index"].tolist() == list(range(20))
    assert rows["is_backfill"].all()
    assert len(stage.gateway.service.reassembly) == 0
    assert stage.rows(RAW)[0]["reason"].tolist() == [Reason.SUBPACKAGE] * 4


def test_lost_packets_are_asked_for(stage: Stage, monkeypatch):
    monkeypatch.setattr(reassembly, "ASK_AFTER_MS", 100)
    terminal = stage.terminal()
    body = batch(20)
    terminal.result(packet(0x0704, body[:400], 100, 3, 1, WIDE_PHONE))

    head, asked = terminal.answer()

    assert head.message_id == 0x8003
    assert asked.hex() == "0064000200020003"
    terminal.result(packet(0x0704, body[400:700], 101, 3, 2, WIDE_PHONE))
    terminal.result(packet(0x0704, body[700:], 102, 3, 3, WIDE_PHONE))
    assert len(stage.rows(POSITION)[0]) == 20


def test_packets_numbered_wrongly_are_kept_and_refused(stage: Stage):
    terminal = stage.terminal()

    results = [
        terminal.result(packet(0x0704, b"x", 5, total, index))
        for total, index in ((3, 4), (3, 0), (0, 1))
    ]

    assert results == [2, 2, 2]
    assert stage.rows(RAW)[0]["reason"].tolist() == [Reason.SUBPACKAGE_INVALID] * 3


def test_media_in_packets_is_kept_and_answered_when_it_is_whole(stage: Stage):
    terminal = stage.terminal()
    data = (77).to_bytes(4, "big") + bytes(4) + REPORT[:28] + b"jpeg" * 100

    terminal.result(packet(0x0801, data[:200], 1, 2, 1))
    terminal.result(packet(0x0801, data[200:], 2, 2, 2))
    head, body = terminal.answer()

    assert (head.message_id, body) == (0x8800, (77).to_bytes(4, "big"))


def test_the_answer_to_a_query_is_a_report(stage: Stage):
    terminal = stage.terminal()

    assert terminal.result(message(0x0201, b"\x00\x05" + REPORT)) == 0

    assert stage.rows(POSITION)[0]["message_id"].tolist() == [0x0201]


def test_server_time_is_utc(stage: Stage):
    terminal = stage.terminal()

    head, body = terminal.ask(message(0x0004, identity=WIDE_PHONE))

    told = datetime.strptime(body.hex(), "%y%m%d%H%M%S").replace(tzinfo=UTC)
    assert head.message_id == 0x8004 and head.identity == WIDE_PHONE
    assert abs((told - datetime.now(UTC)).total_seconds()) < 60


def test_an_acknowledgement_is_not_acknowledged(stage: Stage):
    terminal = stage.terminal()

    terminal.send(message(0x0001, bytes(5)))

    head, body = terminal.ask(message(0x0002, serial=8))
    assert head.message_id == 0x8001 and body.hex() == "0008000200"


def test_unknown_messages_are_answered_and_kept(stage: Stage):
    terminal = stage.terminal()
    sent = [message(0x0F01, b"\x7e\x7d"), message(0x8103, b"x"), message(0x0700, b"abc")]

    assert [terminal.result(data) for data in sent] == [3, 3, 0]

    rows, blobs = stage.rows(RAW)
    assert rows["reason"].tolist() == [
        Reason.UNKNOWN_MESSAGE,
        Reason.DOWNLINK_MESSAGE,
        Reason.NO_TOPIC,
    ]
    assert blobs is not None and [blobs[i] for i in range(3)] == sent


def test_a_report_below_28_bytes_is_refused_and_kept(stage: Stage):
    terminal = stage.terminal()

    assert terminal.result(message(0x0200, REPORT[:27])) == 2

    assert stage.rows(RAW)[0]["reason"].tolist() == [Reason.SHORT_BODY]


def test_a_report_longer_than_declared_is_taken_and_marked(stage: Stage):
    terminal = stage.terminal()
    (content,), _, _ = frame.Splitter().feed(message(0x0200, REPORT))
    longer = frame.pack(frame.unpack(content) + b"\xe1\x01\x05")

    assert terminal.result(longer) == 0

    rows, blobs = stage.rows(POSITION)
    assert rows["quality"][0] & Quality.LENGTH_MISMATCH
    assert rows["lat_e6"][0] == 34_264_987
    assert blobs is not None and blobs[0] == b"\xe1\x01\x05"


def test_encrypted_bodies_are_kept_raw(stage: Stage):
    terminal = stage.terminal()
    data = frame.pack(header.build(Header(0x0200, 0x0400, 0, PHONE, 1), REPORT))

    assert terminal.result(data) == 3

    assert stage.rows(RAW)[0]["reason"].tolist() == [Reason.ENCRYPTED]
    assert len(stage.rows(POSITION)[0]) == 0


def test_the_health_file_tells_connections_rates_and_reasons(stage: Stage):
    terminal = stage.terminal()
    terminal.result(message(0x0200, REPORT))
    path = stage.var / "gateway-1.json"

    stage.wait_until(lambda: path.exists() and json.loads(path.read_text())["positions"] == 1)

    health = json.loads(path.read_text())
    assert (health["connections"], health["sessions"], health["terminals"]) == (1, 1, 2)
    assert health["log"]["failure"] == ""
    assert np.isfinite(health["messages_per_s"])
