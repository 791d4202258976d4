"""The virtual environment: uv, pinned by hash, then exactly what uv.lock says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from qintong.conf.bootstrap import packages
from qintong.conf.bootstrap.command import run
from qintong.conf.bootstrap.places import BASE_DIR, VAR_DIR, VENV_DIR
from qintong.conf.bootstrap.report import step
from qintong.conf.bootstrap.stamps import digest, forget, unless_stamped

OLDEST_UV = (0, 8)
_PIN = Path(__file__).with_name("uv.txt")
_OWN_UV = BASE_DIR / "var" / "uv"


def sync() -> bool:
    """Brings .venv up to date with uv.lock. Returns whether anything was done."""
    if not (VENV_DIR / "bin" / "python").exists():
        forget("environment")
    wanted = digest([BASE_DIR / "uv.lock", BASE_DIR / "pyproject.toml"], sys.executable)
    return unless_stamped("environment", wanted, _sync)


def _sync() -> None:
    uv = _uv()
    with step("Python 依赖（uv.lock）"):
        run(
            "安装 Python 依赖",
            "installing the Python packages",
            [uv, "sync", "--frozen", "--quiet", "--python", sys.executable],
            cwd=BASE_DIR,
            environment={"UV_PROJECT_ENVIRONMENT": str(VENV_DIR), "VIRTUAL_ENV": ""},
        )


def _uv() -> str:
    """uv of the machine when it is recent enough, else our own under var/uv, brought in by pip's wheel."""
    if (found := shutil.which("uv")) and _version(found) >= OLDEST_UV:
        return found
    own = _OWN_UV / "bin" / "uv"
    if own.exists() and _version(str(own)) >= OLDEST_UV:
        return str(own)
    packages.provide(packages.INSTALLER)
    pip = packages.find("usr/share/python-wheels/pip-*.whl")
    distutils = packages.find("usr/lib/python3*/distutils/cmd.py")
    folders = [str(pip)] + ([str(distutils.parents[1])] if distutils else [])
    with step("uv"):
        run(
            "安装 uv",
            "installing uv",
            [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes"),
                *("--only-binary", ":all:", "--no-deps", "--target", str(_OWN_UV)),
                *("--requirement", str(_PIN)),
            ],
            environment={
                "PYTHONPATH": os.pathsep.join(folders),
                "PIP_CACHE_DIR": str(VAR_DIR / "cache" / "pip"),
            },
        )
    return str(own)


def _version(uv: str) -> tuple[int, int]:
    done = subprocess.run([uv, "--version"], check=False, capture_output=True, text=True)
    numbers = re.search(r"(\d+)\.(\d+)", done.stdout)
    return (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)
