"""Load on a JT/T 808 gateway: many real links, closed loop or paced, driven by compiled loops.

Half of the terminals speak 2013, half 2019. Every link authenticates before the load begins. A
generator runs in a process of its own (`python -m bench.jt808_load`), so that it is never counted.
"""

import argparse
import json
import select
import socket
import sys
import time

import numpy as np
from numba import njit, types

from qintong.stream.gateways.jt808 import frame, header
from qintong.stream.gateways.jt808.acks import Result
from qintong.stream.gateways.jt808.header import VERSION_BIT, Header
from qintong.stream.gateways.jt808.sockets import EVENT
from qintong.stream.roster import Entry

VARIANTS = 8
"""Segments of a link, sent in turn: serials and coordinates differ."""
TOKEN = "bench-token"
MAX_SAMPLES = 2_000_000

_recv = types.ExternalFunction(
    "recv", types.int64(types.int32, types.intp, types.uint64, types.int32)
)
_send = types.ExternalFunction(
    "send", types.int64(types.int32, types.intp, types.uint64, types.int32)
)
_epoll_wait = types.ExternalFunction(
    "epoll_wait", types.int32(types.int32, types.intp, types.int32, types.int32)
)
_clock = types.ExternalFunction("clock_gettime", types.int32(types.int32, types.intp))
_DONTWAIT_NOSIGNAL = 0x4040
_MONOTONIC = 1


def identity(number: int) -> bytes:
    """Even terminals have a phone of 6 bytes, odd ones of 10."""
    digits = f"{13900000000 + number:012d}"
    return bytes.fromhex(digits if number % 2 == 0 else digits.zfill(20))


def entries(count: int) -> list[Entry]:
    """Roster of the load."""
    return [Entry(n + 1, n + 1, identity(n), token=TOKEN) for n in range(count)]


def message(number: int, message_id: int, serial: int, body: bytes) -> bytes:
    is_wide = number % 2 == 1
    head = Header(message_id, VERSION_BIT if is_wide else 0, int(is_wide), identity(number), serial)
    return frame.pack(header.build(head, body))


def report(number: int, serial: int) -> bytes:
    """0x0200 with mileage, signal strength and satellites, of this minute."""
    when = time.strftime("%y%m%d%H%M%S", time.gmtime(time.time() + 8 * 3600))
    latitude, longitude = 34_000_000 + number * 17 + serial, 108_000_000 + number * 31 + serial
    body = bytes(4) + (0x00040003).to_bytes(4, "big")
    body += latitude.to_bytes(4, "big") + longitude.to_bytes(4, "big")
    body += (412).to_bytes(2, "big") + (605).to_bytes(2, "big") + (90).to_bytes(2, "big")
    body += bytes.fromhex(when)
    body += bytes.fromhex("0104") + (123_456 + serial).to_bytes(4, "big")
    body += bytes.fromhex("30011831010c")
    return message(number, 0x0200, serial, body)


def authentication(number: int) -> bytes:
    token = TOKEN.encode()
    if number % 2 == 1:
        token = bytes([len(token)]) + token + bytes(35)
    return message(number, 0x0102, 0, token)


@njit(cache=True, nogil=True)
def now_ns(clock):
    _clock(_MONOTONIC, clock.ctypes.data)
    return clock[0] * 1_000_000_000 + clock[1]


@njit(cache=True, nogil=True)
def send_next(descriptor, links, place, segments, lengths, turns):
    """The link's next segment; False if it was not taken whole."""
    variant = turns[place] % VARIANTS
    turns[place] += 1
    length = lengths[place, variant]
    start = segments.ctypes.data + (place * VARIANTS + variant) * segments.shape[2]
    return _send(descriptor, start, length, _DONTWAIT_NOSIGNAL) == length


@njit(cache=True, nogil=True)
def drive(
    epoll, events, links, place_of, segments, lengths, turns, frames, period_ns, seconds, samples
):  # fmt: skip
    """Run for `seconds`; (frames answered, samples taken, sends that failed).

    period_ns 0: every link sends again when its segment is answered. Otherwise every link sends each
    period, spread evenly; a link whose answer is missing when its turn comes is late, and its time
    runs on from when it should have sent.
    """
    clock = np.zeros(2, np.int64)
    buffer = np.zeros(65536, np.uint8)
    count = len(links)
    due = np.zeros(count, np.int64)
    marks = np.zeros(count, np.int64)
    waiting = np.zeros(count, np.uint8)
    began = now_ns(clock)
    finish = began + np.int64(seconds * 1e9)
    answered = n_samples = failed = 0
    first = 0
    for place in range(count):
        due[place] = began + (place * period_ns) // count
        if period_ns == 0:
            failed += not send_next(links[place], links, place, segments, lengths, turns)
            waiting[place] = 1
    while True:
        now = now_ns(clock)
        if now >= finish:
            break
        if period_ns:
            while due[first] <= now and waiting[first] == 0:
                failed += not send_next(links[first], links, first, segments, lengths, turns)
                waiting[first] = 1
                marks[first] = 0
                first = (first + 1) % count
        ready = _epoll_wait(epoll, events.ctypes.data, len(events), 1)
        for index in range(ready):
            descriptor = events[index].descriptor
            place = place_of[descriptor]
            size = _recv(descriptor, buffer.ctypes.data, len(buffer), _DONTWAIT_NOSIGNAL)
            for at in range(size):
                marks[place] += buffer[at] == 0x7E
            if marks[place] < 2 * frames or waiting[place] == 0:
                continue
            marks[place] = 0
            waiting[place] = 0
            answered += frames
            now = now_ns(clock)
            if n_samples < len(samples):
                samples[n_samples] = now - due[place]
                n_samples += 1
            if period_ns:
                due[place] += period_ns
            else:
                due[place] = now
                failed += not send_next(descriptor, links, place, segments, lengths, turns)
                waiting[place] = 1
    return answered, n_samples, failed


class Load:
    """Links `first` to `first + count` of the roster."""

    def __init__(self, host: str, port: int, first: int, count: int, frames: int) -> None:
        self.frames = frames
        self._sockets = [self._connect(host, port, first + n, n // 5000 + 1) for n in range(count)]
        for link in self._sockets:
            (content,), _, _ = frame.Splitter().feed(link.recv(100))
            _, body = header.parse(frame.unpack(content))
            if body[-1] != Result.DONE:
                raise ConnectionError(f"not authenticated: {body.hex()}")
            link.setblocking(False)
        self.links = np.array([link.fileno() for link in self._sockets], np.int32)
        self.place_of = np.zeros(self.links.max() + 1, np.int32)
        self.place_of[self.links] = np.arange(count)
        parts = [
            b"".join(report(first + n, 1 + v * frames + k) for k in range(frames))
            for n in range(count)
            for v in range(VARIANTS)
        ]
        self.lengths = np.array([len(p) for p in parts], np.int64).reshape(count, VARIANTS)
        width = int(self.lengths.max())
        joined = b"".join(part.ljust(width, b"\0") for part in parts)
        self.segments = np.frombuffer(joined, np.uint8).reshape(count, VARIANTS, width)
        self.turns = np.zeros(count, np.int64)
        self.epoll = select.epoll()
        for link in self._sockets:
            self.epoll.register(link.fileno(), select.EPOLLIN)

    def run(self, rate_per_s: float, seconds: float) -> dict[str, float]:
        """`rate_per_s` segments over all links; 0 = closed loop."""
        period_ns = int(len(self.links) / rate_per_s * 1e9) if rate_per_s else 0
        samples = np.zeros(MAX_SAMPLES, np.int64)
        began = time.monotonic()
        answered, taken, failed = drive(
            self.epoll.fileno(), np.zeros(1024, EVENT), self.links, self.place_of, self.segments,
            self.lengths, self.turns, self.frames, period_ns, seconds, samples,
        )  # fmt: skip
        elapsed = time.monotonic() - began
        p50, p99 = np.percentile(samples[:taken], [50, 99]) / 1e6 if taken else (0, 0)
        return {
            "answered": answered,
            "failed": failed,
            "rate_per_s": answered / elapsed,
            "p50_ms": float(p50),
            "p99_ms": float(p99),
        }

    def _connect(self, host: str, port: int, number: int, source: int) -> socket.socket:
        link = socket.create_connection((host, port), 10, (f"127.0.0.{source + 1}", 0))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.sendall(authentication(number))
        return link


def main() -> None:
    """Connect, say so, and run once for each line "rate seconds" of standard input."""
    parser = argparse.ArgumentParser()
    for name in ("port", "first", "count", "frames"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    load = Load("127.0.0.1", options.port, options.first, options.count, options.frames)
    load.run(0, 0.0)
    print("ready", flush=True)
    for line in sys.stdin:
        rate, seconds = map(float, line.split())
        print(json.dumps(load.run(rate, seconds)), flush=True)


if __name__ == "__main__":
    main()
