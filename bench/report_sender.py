"""Sends one report a second on each of many links and notes when. Runs in a process of its own.

`python -m bench.report_sender --port P --links N --seconds S --notes FILE`: the latitude of a report
tells its round, so that whoever sees it knows when it was sent.
"""

import argparse
import socket
import time
from contextlib import suppress

import numpy as np

from bench.jt808_load import authentication, message

LATITUDE_E6 = 34_000_000
LINKS_PER_ADDRESS = 2_000


def body(number: int, turn: int, at_s: int) -> bytes:
    """0x0200 at a device time one second after the last."""
    when = time.strftime("%y%m%d%H%M%S", time.gmtime(at_s + 8 * 3600))
    fields = (0, 4), (0x00040003, 4), (LATITUDE_E6 + turn, 4), (108_000_000 + number, 4)
    rest = (412, 2), (605, 2), (90, 2)
    return b"".join(v.to_bytes(n, "big") for v, n in fields + rest) + bytes.fromhex(when)


def connect(port: int, number: int) -> socket.socket:
    source = f"127.0.0.{number // LINKS_PER_ADDRESS + 2}"
    link = socket.create_connection(("127.0.0.1", port), 10, (source, 0))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.sendall(authentication(number))
    link.recv(100)
    link.setblocking(False)
    return link


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("port", "links", "seconds"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--notes", required=True)
    options = parser.parse_args()
    links = [connect(options.port, number) for number in range(options.links)]
    sent_at = np.zeros((options.seconds, options.links))
    start = time.time() + 0.5
    for turn in range(options.seconds):
        for number, link in enumerate(links):
            data = message(number, 0x0200, turn + 1, body(number, turn, int(start) + turn))
            wait = start + turn + number / options.links - time.time()
            if wait > 0.001:
                time.sleep(wait)
            with suppress(BlockingIOError):  # acknowledgements are not what is measured
                link.recv(4096)
            sent_at[turn, number] = time.time()
            link.sendall(data)
    np.save(options.notes, sent_at)


if __name__ == "__main__":
    main()
