"""A gateway of its own and its load generators, for benches: real log, real sockets, a roster."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import jt808_load
from qintong.conf.bootstrap.places import VAR_DIR
from qintong.stream import roster
from qintong.stream.log.local import open_log
from qintong.stream.topics import POSITION

START_PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Stage:
    port: int
    pid: int
    var: Path

    def durable_reports(self) -> int:
        """Rows of POSITION that a reader finds in the log."""
        reader = open_log(self.var / "log", None).reader(POSITION, "bench")
        count = 0
        while batch := reader.read():
            count += len(batch.rows)
        reader.close()
        return count


@contextmanager
def gateway(terminals: int) -> Iterator[Stage]:
    """A gateway process with so many terminals in its roster. Its log lies where the product's does."""
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=VAR_DIR) as directory:
        var = Path(directory)
        roster.write(var / "roster.arrow", jt808_load.entries(terminals))
        cache = os.environ.get(
            "NUMBA_CACHE_DIR", str(Path(tempfile.gettempdir()) / "qintong-numba")
        )
        environment = os.environ | {"QINTONG_VAR": directory, "NUMBA_CACHE_DIR": cache}
        port = _free_port()
        process = subprocess.Popen(
            [sys.executable, "-c", "from qintong.conf.cli import main; raise SystemExit(main())",
             "gateway", "--host", "127.0.0.1", "--port", str(port)],
            env=environment,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _await_port(port, process)
            yield Stage(port, process.pid, var)
        finally:
            process.terminate()
            process.wait(30)


class Generator:
    """A load generator in a process of its own."""

    def __init__(self, port: int, first: int, count: int, frames: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.jt808_load", "--port", str(port), "--first", str(first),
             "--count", str(count), "--frames", str(frames)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip

    def await_ready(self) -> None:
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != "ready":
            raise ConnectionError("a load generator did not come up")

    def begin(self, rate_per_s: float, seconds: float) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{rate_per_s} {seconds}\n")
        self._process.stdin.flush()

    def finish(self) -> dict[str, float]:
        assert self._process.stdout is not None
        result: dict[str, float] = json.loads(self._process.stdout.readline())
        return result

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    patience = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < patience and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the gateway did not start")
