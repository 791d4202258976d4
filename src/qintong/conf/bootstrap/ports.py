"""TCP ports: is one free, and if not, who holds it."""

import errno
import os
import socket
from contextlib import suppress
from pathlib import Path

from qintong.conf.bootstrap.trouble import Trouble

_LISTEN = "0A"


def require_free(host: str, port: int, variable: str) -> None:
    """Raises Trouble naming the holder when the port cannot be bound; `variable` moves it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            return
        except OSError as error:
            if error.errno == errno.EACCES:
                raise Trouble(
                    f"端口 {port} 要特权才能用",
                    f"换一个 1024 以上的：{variable}=…",
                    f"port {port} needs privileges",
                    f"choose one above 1024: {variable}=…",
                ) from None
            if error.errno != errno.EADDRINUSE:
                raise Trouble(
                    f"地址 {host} 不能用（{error.strerror}）",
                    "用 QINTONG_HOST 换一个本机地址",
                    f"the address {host} cannot be used ({error.strerror})",
                    "choose an address of this machine with QINTONG_HOST",
                ) from None
    zh, en = holder(port)
    raise Trouble(
        f"端口 {port} 已被占用：{zh}",
        f"结束它，或换一个端口：make run {variable}={port + 1}",
        f"port {port} is taken by {en}",
        f"end it, or choose another port: make run {variable}={port + 1}",
    )


def holder(port: int) -> tuple[str, str]:
    """The process that listens on the port, in Chinese and English."""
    inodes = _listening_inodes(port)
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        if _opened(process) & inodes:
            name = (process / "comm").read_text().strip()
            return f"{name}（进程 {process.name}）", f"{name} (process {process.name})"
    return "别的用户的进程", "a process of another user"


def _opened(process: Path) -> set[str]:
    """What a process has open; nothing of one that is gone or belongs to another user."""
    targets = set()
    with suppress(OSError):
        for link in (process / "fd").iterdir():
            with suppress(FileNotFoundError):
                targets.add(os.readlink(link))
    return targets


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if not table.exists():
            continue
        for line in table.read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    return inodes
