"""One at a time: a lock file held by the running process, with its number inside for the other's message."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from os import getpid
from pathlib import Path

from qintong.conf.bootstrap.trouble import Trouble


@contextmanager
def only_one(path: Path, what: str) -> Iterator[None]:
    """Holds the lock until the block ends. The kernel frees it when the process dies, however it dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read().strip() or "?"
            raise Trouble(
                f"{what} 已在运行（进程 {pid}）",
                "用它，或先停掉它（Ctrl-C）",
                f"{what} is already running (process {pid})",
                "use that one, or stop it first (Ctrl-C)",
            ) from None
        file.truncate(0)
        file.write(str(getpid()))
        file.flush()
        yield
