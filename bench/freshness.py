"""From a report sent by a terminal to the report seen in the live feed, at 5,000 reports/s.

Real gateway, log, state consumer and web server, each a process; 5,000 links; one signed-in viewer.
"""

import argparse
import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import numpy as np

from bench import harness, web_stage
from bench.jt808_stage import gateway
from bench.report_sender import LATITUDE_E6

LINKS = 5_000
WARM_UP_S = 4


def measure(options: argparse.Namespace) -> harness.Figures:
    seconds = int(options.seconds) + WARM_UP_S
    with harness.database("freshness"), gateway(LINKS) as stage:
        cookie = web_stage.sign_in("registry.view_vehicle")
        _register_vehicles()
        environment = {**os.environ, "QINTONG_VAR": str(stage.var)}
        notes = stage.var / "sent.npy"
        with _process(["consume", "state"], environment), web_stage.worker(environment) as port:
            feed = _open_feed(port, cookie)
            arguments = ["--port", stage.port, "--links", LINKS, "--seconds", seconds]
            arguments += ["--notes", notes]
            sender = subprocess.Popen(
                [sys.executable, "-m", "bench.report_sender", *map(str, arguments)]
            )
            seen_at = _watch(feed, sender, seconds)
        sent_at = np.load(notes)
    sent, seen = sent_at[WARM_UP_S:], seen_at[WARM_UP_S:]
    is_seen = seen > 0
    latency_ms = (seen - sent)[is_seen] * 1000
    return {
        "rate_per_s": sent.size / (sent.max() - sent.min()),
        "p50_ms": harness.percentile(latency_ms, 50),
        "p99_ms": harness.percentile(latency_ms, 99),
        "seen_percent": 100 * is_seen.mean(),
    }


def _watch(feed: socket.socket, sender: subprocess.Popen, turns: int) -> np.ndarray:
    """Time at which each report was first seen, float64[turn, link]; 0 = overtaken by the next one."""
    seen_at = np.zeros((turns, LINKS))
    pending = b""
    stop_at = float("inf")
    feed.settimeout(0.2)
    while time.monotonic() < stop_at:
        if stop_at == float("inf") and sender.poll() is not None:
            if sender.returncode:
                raise RuntimeError(f"the sender ended with {sender.returncode}")
            stop_at = time.monotonic() + 2
        try:
            chunk = feed.recv(1 << 20)
        except TimeoutError:
            continue
        if not chunk:
            raise ConnectionError("the feed was closed")
        now = time.time()
        *events, pending = (pending + chunk).split(b"\n\n")
        for event in events:
            data = event.partition(b"data: ")[2]
            if len(data) > 40:
                vehicles, latitudes = _columns(data)
                turn, link = latitudes - LATITUDE_E6, vehicles - 1
                is_new = seen_at[turn, link] == 0
                seen_at[turn[is_new], link[is_new]] = now
    return seen_at


def _columns(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """(vehicles, latitudes) of a packet; see onemap/position_packets.py."""
    raw = base64.b64decode(data)
    count = int(np.frombuffer(raw, "<u4", 1, 16)[0])
    vehicles = np.frombuffer(raw, "<f8", count, 24).astype(np.int64)
    return vehicles, np.frombuffer(raw, "<i4", count, 24 + 12 * count).astype(np.int64)


def _open_feed(port: int, cookie: str) -> socket.socket:
    """HTTP/1.0, so that the answer is not cut into chunks."""
    feed = socket.create_connection(("127.0.0.1", port), 10)
    feed.sendall(
        f"GET /live/positions HTTP/1.0\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()
    )
    head = feed.recv(1 << 16)
    if b" 200 " not in head.partition(b"\r\n")[0]:
        raise ConnectionError(head[:200].decode("latin-1"))
    return feed


def _register_vehicles() -> None:
    """Those of the load; they stay registered."""
    from qintong.base.identity.regions import Region
    from qintong.base.registry.vehicle_classes import VehicleClass
    from qintong.base.registry.vehicles import Vehicle

    province = Region.objects.get(code="610000")
    kind, _ = VehicleClass.objects.get_or_create(
        code="bench",
        defaults={
            "name": "测量",
            "speed_limit_kmh": 0,
            "offline_limit_s": 0,
            "valid_from": date(2020, 1, 1),
            "source": "测量",
        },
    )
    known = set(Vehicle.objects.values_list("pk", flat=True))
    Vehicle.objects.bulk_create(
        Vehicle(
            pk=n,
            plate_number=f"陕A{n:05}",
            plate_colour=2,
            vehicle_class=kind,
            region=province,
            is_demo=True,
        )
        for n in range(1, LINKS + 1)
        if n not in known
    )


@contextmanager
def _process(arguments: list[str], environment: dict[str, str]) -> Iterator[None]:
    entry = "from qintong.conf.cli import main; raise SystemExit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", entry, *arguments], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    harness.main("freshness", measure, seconds=15)
