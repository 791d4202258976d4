"""`make run` as a person meets it: start, break things, stop, start again."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from qintong.conf.bootstrap.packages import find
from qintong.conf.bootstrap.places import BASE_DIR

_OWN = re.compile(r"DATABASE_URL|QINTONG_|DJANGO_|PYTEST_|DEMO")
"""Variables of the test run that are none of the started product's business."""

pytestmark = pytest.mark.slow


@dataclass
class Place:
    """A var/ folder and two ports of its own."""

    var: Path
    web_port: int
    jt808_port: int

    def environment(self) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in os.environ if not _OWN.match(name)},
            "DEMO": "0",
            "QINTONG_VAR": str(self.var),
            "QINTONG_WEB_PORT": str(self.web_port),
            "QINTONG_JT808_PORT": str(self.jt808_port),
            "PYTHONPATH": "src",
        }

    def start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "qintong.conf.bootstrap", "run"],
            cwd=BASE_DIR,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def call(self, *command: str) -> str:
        """Output of a program that knows this place."""
        done = subprocess.run(
            command,
            cwd=BASE_DIR,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def rows(self) -> str:
        """Rows and triggers of the database: what a backup has to bring back."""
        address = (self.var / "database_url").read_text()
        query = (
            "select (select count(*) from identity_region), (select count(*) from registry_route),"
            " (select count(*) from pg_trigger), (select count(*) from pg_constraint)"
        )
        return self.call(str(find("usr/lib/postgresql/*/bin/psql")), "-Atc", query, address)

    def is_well(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=5)
        try:
            connection.request("GET", "/health/")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def processes(self) -> dict[int, str]:
        """Every process whose environment names this place."""
        mark = f"QINTONG_VAR={self.var}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
        return found


@pytest.fixture
def place() -> Iterator[Place]:
    yield from _place("run")


@pytest.fixture
def other_place() -> Iterator[Place]:
    yield from _place("other")


def _place(name: str) -> Iterator[Place]:
    var = BASE_DIR / "var" / "test" / f"{name}-{os.getpid()}"
    var.mkdir(parents=True)
    yield Place(var, _free_port(), _free_port())
    note = var / "database_url"
    if note.exists():  # the cluster may lie elsewhere, where its user can enter
        data = note.read_text().partition("?host=")[2].removesuffix("-run")
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(f"{data}-run", ignore_errors=True)
    shutil.rmtree(var)


def test_everything_starts_survives_kills_and_stops(place: Place) -> None:
    run = place.start()
    lines = _until_greeted(run)
    assert any(f"http://127.0.0.1:{place.web_port}/" in line for line in lines)
    assert place.is_well()

    for name in ("gateway", "uvicorn", "postgres -D"):
        for pid in [pid for pid, command in place.processes().items() if name in command][:1]:
            os.kill(pid, signal.SIGKILL)
    time.sleep(1)
    _until(place.is_well)
    _until(lambda: _is_open(place.jt808_port))

    run.send_signal(signal.SIGINT)
    rest = run.communicate(timeout=60)[0]
    assert run.returncode == 0
    assert "已全部停止" in rest
    assert "强行停止" not in rest
    _until(lambda: place.processes() == {})


def test_a_second_start_does_nothing_again_and_refuses_a_third(place: Place) -> None:
    first = place.start()
    _until_greeted(first)
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=60)

    second = place.start()
    lines = _until_greeted(second)
    third = place.start()
    refusal = third.communicate(timeout=30)[0]
    second.send_signal(signal.SIGINT)
    second.communicate(timeout=60)

    assert [line for line in lines if "…" in line] == []
    seconds = re.search(r"秦通已启动（([\d.]+) s）", "".join(lines))
    assert seconds
    assert float(seconds[1]) < 20  # under 10 on a quiet machine; here other tests share it
    assert third.returncode == 1
    assert f"make run 已在运行（进程 {second.pid}）" in refusal


def test_a_backup_taken_while_it_runs_comes_back_in_another_place(
    place: Place, other_place: Place, tmp_path: Path
) -> None:
    run = place.start()
    _until_greeted(run)
    before = place.rows()

    archive = place.call("deploy/backup.sh", str(tmp_path))
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=60)
    other_place.call("deploy/restore.sh", archive)

    again = other_place.start()
    _until_greeted(again)
    assert other_place.is_well()
    assert other_place.rows() == before
    again.send_signal(signal.SIGINT)
    again.communicate(timeout=60)


def _until_greeted(run: subprocess.Popen[str]) -> list[str]:
    assert run.stdout
    lines = []
    for line in run.stdout:
        lines.append(line)
        if "停止     Ctrl-C" in line:
            return lines
    raise AssertionError("it did not start:\n" + "".join(lines))


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _is_open(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
