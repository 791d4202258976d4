"""`qintong replay`: send recorded frames (hex lines) through a real socket and print the answers.

It registers nothing by itself: what a gateway does with the frames is what it does with terminals.
"""

import argparse
import os
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from qintong.stream.gateways.jt808 import frame, header
from qintong.stream.gateways.jt808.frame import FrameError, Splitter

ANSWER_PATIENCE_S = 2.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """One recorded line and what was answered before the next was sent."""

    line: int
    message: str
    answers: tuple[str, ...]


def read_frames(path: Path) -> Iterator[tuple[int, bytes]]:
    """(line number, bytes) of every line with hex digits. Raises ValueError with the line number."""
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        text = line.partition("#")[0].strip()
        if text:
            try:
                yield number, bytes.fromhex(text)
            except ValueError:
                raise ValueError(f"{path.name}, line {number}: not hex: {text[:32]}") from None


def describe(content: bytes) -> str:
    """Message id and what matters of an answer."""
    try:
        head, body = header.parse(frame.unpack(content))
    except FrameError as error:
        return error.reason.name
    name = f"0x{head.message_id:04X}"
    if head.message_id == 0x8001 and len(body) == 5:
        return f"{name} result {body[4]}"
    if head.message_id == 0x8100 and len(body) >= 3:
        return f"{name} result {body[2]}"
    return name


def replay(
    frames: Iterable[tuple[int, bytes]],
    host: str,
    port: int,
    frames_per_s: float = 0,
    patience_s: float = ANSWER_PATIENCE_S,
) -> Iterator[Exchange]:
    """Send frame after frame on one link, each when the former was answered or patience ends.

    `frames_per_s` 0 = as fast as answers come. Raises OSError if the gateway hangs up.
    """
    with socket.create_connection((host, port), timeout=10) as link:
        splitter = Splitter()
        for number, data in frames:
            began = time.monotonic()
            link.sendall(data)
            contents, _, _ = Splitter().feed(data)
            expected = {key for content in contents if (key := sent_key(content))}
            answers: list[str] = []
            while expected:
                left = patience_s - (time.monotonic() - began)
                link.settimeout(max(0.01, left))
                try:
                    received = link.recv(65536)
                except TimeoutError:
                    break
                if not received:
                    raise ConnectionResetError("the gateway closed the link")
                for content in splitter.feed(received)[0]:
                    answers.append(describe(content))
                    expected.discard(answered_key(content))
            yield Exchange(number, " ".join(map(describe, contents)), tuple(answers))
            if frames_per_s:
                time.sleep(max(0.0, 1 / frames_per_s - (time.monotonic() - began)))


def sent_key(content: bytes) -> tuple[int, int] | None:
    """(message id, serial) of a message that a gateway owes an answer, else None.

    The answer to 0x0004 does not say which it answers, so its serial is taken as 0. Nothing is owed to an acknowledgement, nor to what is no message.
    """
    try:
        head, _ = header.parse(frame.unpack(content))
    except FrameError:
        return None
    if head.message_id == 0x0001:
        return None
    return head.message_id, 0 if head.message_id == 0x0004 else head.serial


def answered_key(content: bytes) -> tuple[int, int]:
    """What a platform message answers: (message id, serial); (0, 0) if it is no answer."""
    head, body = header.parse(frame.unpack(content))
    serial = int.from_bytes(body[:2], "big")
    if head.message_id == 0x8001:
        return int.from_bytes(body[2:4], "big"), serial
    if head.message_id == 0x8100:
        return 0x0100, serial
    return (0x0004, 0) if head.message_id == 0x8004 else (0, 0)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="qintong replay", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--port", type=int, default=int(os.environ.get("QINTONG_JT808_PORT", "6808"))
    )
    parser.add_argument("--speed", type=float, default=0, help="frames per second; 0 = no pause")
    arguments = parser.parse_args(argv)
    totals: Counter[str] = Counter()
    try:
        frames = list(read_frames(arguments.file))
        host, port = arguments.host, arguments.port
        for exchange in replay(frames, host, port, arguments.speed):
            answers = ", ".join(exchange.answers) or "no answer"
            totals.update(exchange.answers or ["no answer"])
            sys.stdout.write(f"{exchange.line:>5}  {exchange.message:<18} -> {answers}\n")
    except (OSError, ValueError) as error:
        sys.stderr.write(f"qintong replay: {error} ({arguments.host}:{arguments.port})\n")
        return 1
    for answer, count in sorted(totals.items()):
        sys.stdout.write(f"{count:>7}  {answer}\n")
    return 0
