"""A gateway on a real port with a real log, in a thread of the test's process."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from qintong.stream import roster
from qintong.stream.gateways.jt808 import frame, header
from qintong.stream.gateways.jt808.frame import Splitter
from qintong.stream.gateways.jt808.header import VERSION_BIT, Header
from qintong.stream.gateways.jt808.policy import Policy
from qintong.stream.gateways.jt808.server import Gateway
from qintong.stream.log import Blobs, Log
from qintong.stream.log.local import open_log
from qintong.stream.roster import Entry, Watch
from qintong.stream.topics import Topic

PHONE = bytes.fromhex("013900001234")
WIDE_PHONE = bytes.fromhex("00000000013900005678")
STRANGER = bytes.fromhex("013999999999")
TERMINALS = [
    Entry(1, 11, PHONE, "A000001", "陕A12345", 2, "token-1"),
    Entry(2, 22, WIDE_PHONE, "B000002", "陕A67890", 1, "token-2"),
]
REPORT = bytes.fromhex(
    "0000000000000003020AD79B067E5BD4019C025D005A261101120000010400 01E240300118 31010C"
)
"""The worked report of 2026-11-01 12:00 without header."""


def message(message_id: int, body: bytes = b"", serial: int = 1, identity: bytes = PHONE) -> bytes:
    is_wide = len(identity) == 10
    head = Header(message_id, VERSION_BIT if is_wide else 0, int(is_wide), identity, serial)
    return frame.pack(header.build(head, body))


def packet(
    message_id: int, body: bytes, serial: int, total: int, index: int, identity: bytes = PHONE
) -> bytes:
    """One sub-package."""
    flags = header.SUBPACKAGE_BIT | (VERSION_BIT if len(identity) == 10 else 0)
    return frame.pack(
        header.build(Header(message_id, flags, 1, identity, serial, total, index), body)
    )


class Terminal:
    """A client with a link of its own."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self.link = socket.create_connection(("127.0.0.1", port), 10, (source, 0))
        self._splitter = Splitter()
        self._answers: list[tuple[Header, bytes]] = []

    def send(self, data: bytes) -> None:
        self.link.sendall(data)

    def answer(self, timeout_s: float = 5.0) -> tuple[Header, bytes]:
        """Next message of the platform. Raises TimeoutError or ConnectionError."""
        self.link.settimeout(timeout_s)
        while not self._answers:
            data = self.link.recv(65536)
            if not data:
                raise ConnectionResetError
            contents, garbage, _ = self._splitter.feed(data)
            assert garbage == 0
            self._answers += [header.parse(frame.unpack(content)) for content in contents]
        return self._answers.pop(0)

    def ask(self, data: bytes) -> tuple[Header, bytes]:
        self.send(data)
        return self.answer()

    def result(self, data: bytes) -> int:
        """Result of the 0x8001 that answers."""
        head, body = self.ask(data)
        assert head.message_id == 0x8001
        return body[4]

    def is_closed(self, timeout_s: float = 5.0) -> bool:
        self.link.settimeout(timeout_s)
        try:
            while self.link.recv(65536):
                pass
        except TimeoutError:
            return False
        except ConnectionError:
            return True
        return True


@dataclass
class Stage:
    """A running gateway and what it leaves."""

    var: Path
    gateway: Gateway
    thread: threading.Thread
    terminals: list[Terminal] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.gateway.port

    def terminal(self, source: str = "127.0.0.1") -> Terminal:
        self.terminals.append(Terminal(self.port, source))
        return self.terminals[-1]

    def stop(self) -> None:
        for terminal in self.terminals:
            terminal.link.close()
        if self.thread.is_alive():
            self.gateway.stop()
            self.thread.join(20)
            assert not self.thread.is_alive()

    def rows(self, topic: Topic) -> tuple[np.ndarray, Blobs | None]:
        """All durable rows of a topic."""
        reader = open_log(self.var / "log", None).reader(topic, "test")
        batches = []
        while batch := reader.read():
            batches.append(batch)
        reader.close()
        if not batches:
            return np.zeros(0, topic.dtype), Blobs.empty(0) if topic.has_blob else None
        rows = np.concatenate([batch.rows for batch in batches])
        blobs = [batch.blobs for batch in batches if batch.blobs is not None]
        return rows, Blobs.join(blobs) if blobs else None

    def write_roster(self, entries: list[Entry]) -> None:
        roster.write(self.var / "roster.arrow", entries)

    def wait_until(self, condition: Callable[[], bool], timeout_s: float = 5.0) -> None:
        patience = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < patience, "it did not come about in time"
            time.sleep(0.01)


Start = Callable[..., Stage]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a gateway: `start(policy=…, open_log=…, entries=…)`; it is stopped after the test."""
    stages: list[Stage] = []

    def _start(
        policy: Policy | None = None,
        log: Callable[[], Log] | None = None,
        entries: list[Entry] | None = None,
    ) -> Stage:
        roster.write(tmp_path / "roster.arrow", TERMINALS if entries is None else entries)
        gateway = Gateway(
            "127.0.0.1",
            0,
            log or (lambda: open_log(tmp_path / "log", "gateway-1")),
            Watch(tmp_path / "roster.arrow"),
            policy or Policy(),
            tmp_path / "gateway-1.json",
        )
        thread = threading.Thread(target=gateway.run, daemon=True)
        thread.start()
        stages.append(Stage(tmp_path, gateway, thread))
        return stages[-1]

    yield _start
    for stage in stages:
        stage.stop()


@pytest.fixture
def stage(start: Start) -> Stage:
    """A gateway with the default policy."""
    return start()
