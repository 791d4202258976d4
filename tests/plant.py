"""The processes of Qintong, each its own, in a directory of their own: to be killed."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from qintong.conf.bootstrap import cluster
from qintong.conf.bootstrap.places import VAR_DIR
from qintong.conf.bootstrap.trouble import Trouble
from qintong.stream import roster

QINTONG = [sys.executable, "-c", "import sys; from qintong.conf.cli import main; sys.exit(main())"]
LIMIT_KMH = 80


class Plant:
    """A gateway and its consumers; no database."""

    def __init__(self, var: Path, output: Path | None = None) -> None:
        self.var, self._output = var, output or var
        self.port = _free_port()
        self.environment = os.environ | {
            "QINTONG_VAR": str(var),
            "NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR", str(VAR_DIR.parent / "numba")),
        }
        self.commands = {
            "gateway": [*QINTONG, "gateway", "--host", "127.0.0.1", "--port", str(self.port)],
            "consume": [*QINTONG, "consume", "state", "lake", "rules"],
        }
        self._running: dict[str, subprocess.Popen] = {}

    @property
    def victims(self) -> list[str]:
        return list(self.commands)

    def admit(self, count: int) -> list[roster.Entry]:
        """Terminals that may report, each with a vehicle."""
        entries = [
            roster.Entry(
                terminal_id=number,
                vehicle_id=number,
                identity=bytes.fromhex(f"{13900000000 + number:012d}"),
                speed_limit_kmh=LIMIT_KMH,
                offline_limit_s=3600,
            )
            for number in range(1, count + 1)
        ]
        roster.write(self.var / "roster.arrow", entries)
        return entries

    def start(self, name: str) -> None:
        self._running[name] = subprocess.Popen(
            self.commands[name],
            env=self.environment,
            stdout=(self._output / f"{name}.out").open("ab"),
            stderr=subprocess.STDOUT,
        )

    def kill(self, name: str) -> None:
        """kill -9, and start it again."""
        self._running[name].send_signal(signal.SIGKILL)
        self._running[name].wait()
        self.start(name)

    def stop(self) -> dict[str, int]:
        """As the supervisor does; the exit codes."""
        for process in self._running.values():
            process.terminate()
        codes = {}
        for name, process in self._running.items():
            try:
                codes[name] = process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                codes[name] = process.wait()
        self._running.clear()
        return codes

    def run(self, *arguments: str) -> str:
        """A command of `qintong` to its end; what it printed."""
        done = subprocess.run(
            [*QINTONG, *arguments], env=self.environment, check=True, stdout=subprocess.PIPE
        )
        return done.stdout.decode()

    def said(self) -> str:
        return "\n".join(p.read_text()[-3000:] for p in sorted(self._output.glob("*.out")))


class FullPlant(Plant):
    """With a database of its own, the feeds and the web."""

    def __init__(self, var: Path) -> None:
        super().__init__(var)
        self.cluster = cluster.private(var)
        self.cluster.start()
        self.cluster.create_database()
        self.environment |= {
            "DATABASE_URL": self.cluster.url,
            "DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "qintong.conf.settings",
        }
        self.web_port = _free_port()
        self.commands |= {
            "feeds": [*QINTONG, "consume", "feeds"],
            "web": [
                *(sys.executable, "-m", "uvicorn", "qintong.conf.asgi:application"),
                *("--port", str(self.web_port), "--log-level", "warning"),
                *("--timeout-graceful-shutdown", "2"),
            ],
        }

    @property
    def victims(self) -> list[str]:
        return [*self.commands, "database"]

    def admit(self, count: int) -> list[roster.Entry]:
        self.run("migrate", "--noinput")
        self.run("seed", "--demo")
        admitted = roster.Roster.load(self.var / "roster.arrow")
        entries = [admitted.entry(place) for place in range(len(admitted))]
        return [e for e in entries if e.vehicle_id and e.speed_limit_kmh][:count]

    def kill(self, name: str) -> None:
        if name != "database":
            super().kill(name)
            return
        server = self.cluster.server_pid()
        assert server is not None
        os.kill(server, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while self.cluster.server_pid() is not None:
            time.sleep(0.01)
        while not self.cluster.is_ready():  # its children die of it, but not at once
            try:
                self.cluster.start()
            except Trouble:
                assert time.monotonic() < deadline, (self.cluster.data / "server.log").read_text()
                time.sleep(0.2)

    def stop(self) -> dict[str, int]:
        codes = super().stop()
        self.cluster.stop()
        return codes

    def remove(self) -> None:
        """The cluster may lie elsewhere than the rest: where the database's user can reach it."""
        self.stop()
        for folder in (self.cluster.data, self.cluster.sockets):
            shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
