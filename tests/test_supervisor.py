"""The supervisor, on real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qintong.conf.bootstrap.places import BASE_DIR
from qintong.conf.bootstrap.processes import Process
from qintong.conf.bootstrap.supervisor import Supervisor

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def supervisor(lines: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(lines.append, os.environ)
    yield supervisor
    supervisor.stop(patience_s=0.2)


def test_output_carries_the_name_of_its_process(supervisor: Supervisor, lines: list[str]) -> None:
    supervisor.start(_python("web", SLEEPER))

    _until(supervisor, lambda: "web      | up" in lines)


def test_a_killed_process_is_started_again(supervisor: Supervisor, lines: list[str]) -> None:
    supervisor.start(_python("gateway", SLEEPER))
    _until(supervisor, lambda: len(lines) == 1)
    first = supervisor.pid("gateway")
    assert first

    os.kill(first, signal.SIGKILL)
    _until(supervisor, lambda: lines.count("gateway  | up") == 2)

    assert supervisor.pid("gateway") not in (None, first)
    assert any("意外结束（SIGKILL）" in line for line in lines)


def test_a_process_that_cannot_start_waits_longer_each_time(
    supervisor: Supervisor, lines: list[str]
) -> None:
    supervisor.start(_python("jobs", "raise SystemExit(3)"))

    _until(supervisor, lambda: len(lines) == 2)

    assert lines == [
        "jobs     | 意外结束（退出码 3），1 秒后重启",
        "jobs     | 意外结束（退出码 3），2 秒后重启",
    ]


def test_stop_ends_all_and_kills_the_stubborn(supervisor: Supervisor, lines: list[str]) -> None:
    supervisor.start(_python("web", SLEEPER))
    supervisor.start(_python("feeds", STUBBORN))
    _until(supervisor, lambda: len(lines) == 2)
    pids = [supervisor.pid("web"), supervisor.pid("feeds")]

    supervisor.stop(patience_s=0.5)

    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert [line for line in lines if "强行停止" in line] == ["feeds    | 0 秒没有结束，强行停止"]


def test_children_end_when_the_supervisor_itself_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from qintong.conf.bootstrap.processes import Process\n"
        "from qintong.conf.bootstrap.supervisor import Supervisor\n"
        "s = Supervisor(lambda line: None, os.environ)\n"
        "s.start(Process('web', (sys.executable, '-c', 'import time; time.sleep(60)')))\n"
        "print(s.pid('web'), flush=True)\n"
        "s.watch(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(BASE_DIR / "src")},
    )
    assert parent.stdout
    child = int(parent.stdout.readline())
    _until_true(lambda: _runs_python(child))

    parent.kill()
    parent.wait()

    _until_true(lambda: not _is_alive(child))


def _python(name: str, script: str) -> Process:
    return Process(name, (sys.executable, "-c", script))


def _until(supervisor: Supervisor, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not done():
        assert time.monotonic() < deadline
        supervisor.watch(0.05)


def _until_true(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _runs_python(pid: int) -> bool:
    """Whether setpriv, which ties it to its parent, has become the program by now."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().startswith(sys.executable.encode())
