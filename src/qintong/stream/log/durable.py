"""Small files that survive a crash, and how the file system's refusals are named."""

import errno
import os
from pathlib import Path

from qintong.stream.log import LogError, LogFull

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def refusal(error: OSError, doing: str) -> LogError:
    """LogFull when there is no room, else LogError, with the file system's own words."""
    kind = LogFull if error.errno in _NO_ROOM else LogError
    return kind(f"{doing}: {error.strerror or error}")


def sync_directory(path: Path) -> None:
    """Make names created, renamed or removed in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace(path: Path, data: bytes) -> None:
    """Write a whole file so that a crash leaves the old or the new content, never a mixture."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, path)
        sync_directory(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise refusal(error, str(path)) from error
