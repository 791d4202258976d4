"""`make setup`, `make test`, `make check`, `make bench`: each brings in what it needs first."""

import os
import subprocess

from qintong.conf.bootstrap import preparation
from qintong.conf.bootstrap.database import environment, running
from qintong.conf.bootstrap.lock import only_one
from qintong.conf.bootstrap.packages import BROWSER
from qintong.conf.bootstrap.places import BASE_DIR, VAR_DIR, venv_program
from qintong.conf.bootstrap.report import say

CHECKS = (
    ("ruff", "format", "--check", "."),
    ("ruff", "check", "."),
    ("lint-imports",),
    ("mypy",),
    ("qintong", "check"),
    ("qintong", "makemigrations", "--check", "--dry-run"),
    ("qintong", "openapi", "--check"),
    ("qintong", "catalogue", "--check"),
)


def setup() -> None:
    """Everything `make run` does before it starts the processes."""
    with only_one(VAR_DIR / "run.lock", "make run"):
        preparation.programs()
        demo = os.environ.get("DEMO", "1") == "1"
        with running(VAR_DIR) as cluster:
            preparation.tables(cluster, demo)
        preparation.static_files()
    say("就绪，用 make run 启动")


def test(*arguments: str) -> int:
    """The default suite on a throw-away cluster under var/test. Returns pytest's exit code."""
    var = VAR_DIR / "test"
    with only_one(var / "test.lock", "make test"):
        preparation.programs(BROWSER)
        with running(var, throwaway=True) as cluster:
            command = [venv_program("python"), "-m", "pytest", "-n", "auto", "--dist", "loadfile"]
            return _run([*command, *arguments], environment(cluster))


def check() -> int:
    """Format, lint, floors, types, migrations, openapi.json, catalogue. All run, also after a failure."""
    preparation.programs()
    failed = []
    with running(VAR_DIR / "test", throwaway=True) as cluster:
        for program, *arguments in CHECKS:
            title = " ".join([program, *arguments])
            say(f"· {title}")
            if _run([venv_program(program), *arguments], environment(cluster)):
                failed.append(title)
    for title in failed:
        say(f"不通过：{title}")
    return len(failed)


def bench(*arguments: str) -> int:
    """All benches, on a cluster of their own; writes docs/performance.md."""
    var = VAR_DIR / "bench"
    with only_one(var / "bench.lock", "make bench"):
        preparation.programs()
        with running(var) as cluster:
            found = environment(cluster) | {"QINTONG_VAR": str(var)}
            return _run([venv_program("python"), "-m", "bench", *arguments], found)


def _run(command: list[str], found: dict[str, str]) -> int:
    return subprocess.run(command, check=False, cwd=BASE_DIR, env=found).returncode
