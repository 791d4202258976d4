"""The machine: Python, release, privileges, disk, locale. Each check passes or raises Trouble."""

import enum
import locale
import os
import shutil
import subprocess
import sys
from pathlib import Path

from qintong.conf.bootstrap.trouble import Trouble

OLDEST, NEWEST = (3, 11), (3, 12)
SPACE_FIRST_GB = 4.0
"""Packages, virtual environment, front-end libraries and an empty cluster."""
SPACE_AGAIN_GB = 0.5


class Privilege(enum.Enum):
    ROOT = enum.auto()
    SUDO = enum.auto()
    NONE = enum.auto()


def require_python(version: tuple[int, int] = sys.version_info[:2]) -> None:
    if OLDEST <= version <= NEWEST:
        return
    found = ".".join(map(str, version))
    raise Trouble(
        f"Python {found} 不合用",
        "装 Python 3.11 或 3.12，用 make PYTHON=python3.11 指定",
        f"Python {found} does not fit",
        "install Python 3.11 or 3.12 and name it: make PYTHON=python3.11",
    )


def release(os_release: Path = Path("/etc/os-release")) -> tuple[str, str]:
    """Name and version of the distribution: ("debian", "12")."""
    fields = {}
    if os_release.exists():
        for line in os_release.read_text().splitlines():
            name, _, value = line.partition("=")
            fields[name] = value.strip().strip('"')
    return fields.get("ID", "unknown"), fields.get("VERSION_ID", "")


def privilege() -> Privilege:
    """ROOT, SUDO (password-free, or with a terminal to ask at), or NONE."""
    if os.geteuid() == 0:
        return Privilege.ROOT
    sudo = shutil.which("sudo")
    if sudo is None:
        return Privilege.NONE
    ask = [] if sys.stdin.isatty() else ["-n"]
    allowed = subprocess.run([sudo, *ask, "-v"], check=False, stderr=subprocess.DEVNULL)
    return Privilege.SUDO if allowed.returncode == 0 else Privilege.NONE


def require_space(folder: Path, wanted_gb: float) -> None:
    free_gb = shutil.disk_usage(folder).free / 1e9
    if free_gb >= wanted_gb:
        return
    raise Trouble(
        f"磁盘空间不够：{folder} 剩 {free_gb:.1f} GB，要 {wanted_gb:.1f} GB",
        "腾出空间，或用 QINTONG_VAR 指到别的磁盘",
        f"not enough disk space: {folder} has {free_gb:.1f} GB, {wanted_gb:.1f} GB needed",
        "free some space, or point QINTONG_VAR at another disk",
    )


def require_locale(name: str = "C.UTF-8") -> None:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, name)
    except locale.Error:
        raise Trouble(
            f"系统没有 {name} 语言环境",
            "装上 libc-bin (Debian) 或 glibc 的语言包",
            f"the system lacks the locale {name}",
            "install libc-bin (Debian) or the language pack of glibc",
        ) from None
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
