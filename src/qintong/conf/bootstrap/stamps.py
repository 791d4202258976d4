"""Stamps: what was done last time, so that a second start skips what has not changed."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from qintong.conf.bootstrap.places import STAMP_DIR


def digest(paths: Iterable[Path], *words: str) -> str:
    """One hash over the names and bytes of files, and over further words, in a fixed order."""
    state = hashlib.blake2b(digest_size=16)
    for word in words:
        state.update(word.encode() + b"\0")
    for path in sorted(paths):
        state.update(str(path).encode() + b"\0")
        state.update(hashlib.blake2b(path.read_bytes()).digest())
    return state.hexdigest()


def unless_stamped(name: str, value: str, act: Callable[[], None]) -> bool:
    """Runs `act` when `value` differs from the stamp of that name; stamps only after success.

    Returns whether it ran.
    """
    stamp = STAMP_DIR / name
    if stamp.exists() and stamp.read_text() == value:
        return False
    act()
    STAMP_DIR.mkdir(parents=True, exist_ok=True)
    stamp.write_text(value)
    return True


def forget(name: str) -> None:
    (STAMP_DIR / name).unlink(missing_ok=True)
