"""0x0200 of mixed editions to rows, acknowledgement built: the kernel against the plain decoder."""

import argparse
import time

import numpy as np

from bench import harness, jt808_load
from qintong.stream.gateways.jt808 import acks, frame, header, kernel, positions
from qintong.stream.gateways.jt808.frame import CONTENT_LIMIT
from qintong.stream.gateways.jt808.group import INBOX_SIZE, Group
from qintong.stream.gateways.jt808.links import Links

LINKS = 100
FRAMES_OF_A_LINK = 100


def measure(options: argparse.Namespace) -> harness.Figures:
    contents = [
        [jt808_load.report(number, serial) for serial in range(FRAMES_OF_A_LINK)]
        for number in range(LINKS)
    ]
    now_ms = time.time_ns() // 1_000_000
    kernel_rate = _kernel_frames_per_s(contents, now_ms, options.seconds / 2)
    plain_rate = _plain_frames_per_s(contents, now_ms, options.seconds / 2)
    frames = [data for link in contents for data in link]
    return {
        "kernel_frames_per_s": kernel_rate,
        "plain_frames_per_s": plain_rate,
        "ratio_to_plain": kernel_rate / plain_rate,
        "bytes_per_frame": sum(map(len, frames)) / len(frames),
    }


def _kernel_frames_per_s(contents: list[list[bytes]], now_ms: int, seconds: float) -> float:
    links, group = Links(LINKS + 3), Group()
    joined = [b"".join(link) for link in contents]
    inbox = np.zeros(INBOX_SIZE, np.uint8)
    inbox[: sum(map(len, joined))] = np.frombuffer(b"".join(joined), np.uint8)
    segments = np.zeros(LINKS, kernel.SEGMENT)
    start = 0
    for number, data in enumerate(joined):
        links.open(3 + number, "bench", 0)
        links.bind(3 + number, number + 1, number + 1, jt808_load.identity(number), 13, True)
        segments[number] = (3 + number, start, start + len(data))
        start += len(data)
    plain, seen = np.zeros(CONTENT_LIMIT + 2, np.uint8), np.zeros(257, np.int64)
    left, counts = np.zeros(1024, kernel.LEFT), np.zeros(kernel.COUNTS, np.int64)

    def decode_all() -> None:
        group.clear()
        kernel.decode(
            inbox, segments, links.table, links.held, now_ms, now_ms, plain, seen, group.rows,
            group.blob_offsets, group.blob_data, group.arena, group.entries, group.sizes, left,
            counts,
        )  # fmt: skip

    decode_all()
    if int(group.sizes[0]) != LINKS * FRAMES_OF_A_LINK:
        raise AssertionError(f"{group.sizes[0]} rows")
    rounds, began = 0, time.process_time()
    while time.process_time() - began < seconds:
        decode_all()
        rounds += 1
    return rounds * LINKS * FRAMES_OF_A_LINK / (time.process_time() - began)


def _plain_frames_per_s(contents: list[list[bytes]], now_ms: int, seconds: float) -> float:
    frames, began = 0, time.process_time()
    while time.process_time() - began < seconds:
        for link in contents:
            split = frame.Splitter().feed(b"".join(link))[0]
            for serial, content in enumerate(split):
                to, body = header.parse(frame.unpack(content))
                positions.decode(body, now_ms)
                acks.general_reply(to, serial, acks.Result.DONE)
            frames += len(split)
    return frames / (time.process_time() - began)


if __name__ == "__main__":
    harness.main("decode", measure, seconds=10)
