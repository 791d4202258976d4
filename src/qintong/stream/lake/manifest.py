"""Which files make up the lake, and how far into the log they reach: an append-only journal.

A line is `crc32 json`: files added, files removed, next offsets. One line is one change, durable when
it is whole. Readers in other processes read on from where they were.
"""

import errno
import fcntl
import json
import os
import threading
import zlib
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from qintong.stream.log import LogLocked, durable

FILE = "manifest"
_COMPACT_ABOVE = 20_000


class Level(StrEnum):
    """How far a file has got."""

    OPEN = "open"
    PART = "part"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class LakeFile:
    """One Parquet file, path relative to the lake."""

    path: str
    level: Level
    hours: tuple[int, ...]
    """Numbers of the hours it holds: one when it is sealed."""
    rows: int
    size: int
    first_at_ms: int
    last_at_ms: int
    """Smallest and largest device time inside."""
    made_at_ms: int


@dataclass(slots=True)
class Manifest:
    """The lake at one moment."""

    files: dict[str, LakeFile] = field(default_factory=dict)
    offsets: dict[str, int] = field(default_factory=dict)

    def hours(self) -> dict[int, list[LakeFile]]:
        """Sealed files of each hour."""
        found: dict[int, list[LakeFile]] = {}
        for file in self.files.values():
            if file.level is not Level.OPEN:
                found.setdefault(file.hours[0], []).append(file)
        return found

    def open_files(self) -> list[LakeFile]:
        return [f for f in self.files.values() if f.level is Level.OPEN]

    def apply(self, change: dict) -> None:
        for path in change.get("remove", ()):
            self.files.pop(path, None)
        for said in change.get("add", ()):
            file = LakeFile(**said | {"level": Level(said["level"]), "hours": tuple(said["hours"])})
            self.files[file.path] = file
        self.offsets.update(change.get("offsets", {}))


def _line(change: dict) -> bytes:
    text = json.dumps(change, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _changes(data: bytes) -> tuple[list[dict], int]:
    """Sound lines, and the bytes they take: what follows them is torn."""
    found, used = [], 0
    for line in data.split(b"\n")[:-1]:
        try:
            if int(line[:8], 16) != zlib.crc32(line[9:]):
                break
        except ValueError:
            break
        found.append(json.loads(line[9:]))
        used += len(line) + 1
    return found, used


class ManifestReader:
    """The manifest of another process, kept up to date at every `read`."""

    def __init__(self, root: Path) -> None:
        self._path = root / FILE
        self._manifest, self._inode, self._position = Manifest(), 0, 0

    def read(self) -> Manifest:
        try:
            with self._path.open("rb") as file:
                inode = os.fstat(file.fileno()).st_ino
                if inode != self._inode:
                    self._manifest, self._inode, self._position = Manifest(), inode, 0
                file.seek(self._position)
                data = file.read()
        except FileNotFoundError:
            self._manifest, self._inode, self._position = Manifest(), 0, 0
            return self._manifest
        changes, used = _changes(data)
        if changes:
            self._manifest = Manifest(dict(self._manifest.files), dict(self._manifest.offsets))
            for change in changes:
                self._manifest.apply(change)
            self._position += used
        return self._manifest


class ManifestWriter:
    """The one process that changes the lake, from any thread; raises LogLocked when there is another. `manifest` is replaced, never altered, so whoever holds it may go through it in peace."""

    def __init__(self, root: Path) -> None:
        self._path = root / FILE
        root.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(root / "lock", os.O_RDWR | os.O_CREAT, 0o640)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise LogLocked(f"{root}: written by another process") from None
        data = self._path.read_bytes() if self._path.exists() else b""
        changes, self._size = _changes(data)
        self._changing = threading.Lock()
        self.manifest = Manifest()
        for change in changes:
            self.manifest.apply(change)
        if not data or len(changes) > _COMPACT_ABOVE:
            everything = {
                "add": [asdict(f) for f in self.manifest.files.values()],
                "offsets": self.manifest.offsets,
            }
            durable.replace(self._path, _line(everything))
            self._size = self._path.stat().st_size
        self._file = os.open(self._path, os.O_RDWR)
        os.ftruncate(self._file, self._size)

    def change(
        self,
        add: list[LakeFile] | None = None,
        remove: list[str] | None = None,
        offsets: dict[str, int] | None = None,
    ) -> None:
        """Make one change, durably and as a whole; raises LogFull or LogError and changes nothing."""
        said = {
            "add": [asdict(f) for f in add or []],
            "remove": remove or [],
            "offsets": offsets or {},
        }
        line = _line(said)
        with self._changing:
            self._write(line)
            manifest = Manifest(dict(self.manifest.files), dict(self.manifest.offsets))
            manifest.apply(said)
            self.manifest = manifest

    def close(self) -> None:
        os.close(self._file)
        os.close(self._lock)

    def _write(self, line: bytes) -> None:
        try:
            if os.pwrite(self._file, line, self._size) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fdatasync(self._file)
        except OSError as error:
            os.ftruncate(self._file, self._size)
            raise durable.refusal(error, str(self._path)) from error
        self._size += len(line)
