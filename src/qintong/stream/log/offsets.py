"""Committed offsets: one small file for each consumer in each partition."""

import struct
import zlib
from pathlib import Path

from qintong.stream.log import LogError, durable

_FILE = struct.Struct("<4sIQ")
_MAGIC = b"QTOF"
SUFFIX = ".offset"


def write(partition: Path, consumer: str, offset: int) -> None:
    """Durable when it returns."""
    number = offset.to_bytes(8, "little")
    data = _FILE.pack(_MAGIC, zlib.crc32(number), offset)
    durable.replace(partition / f"{consumer}{SUFFIX}", data)


def read(partition: Path, consumer: str) -> int | None:
    """None for a consumer that is not registered here."""
    path = partition / f"{consumer}{SUFFIX}"
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    if len(data) == _FILE.size:
        magic, crc, offset = _FILE.unpack(data)
        if magic == _MAGIC and zlib.crc32(data[8:]) == crc:
            return int(offset)
    raise LogError(f"{path}: damaged; remove it to let {consumer} begin at the oldest row kept")


def files(topic: Path) -> list[Path]:
    """The offsets of all consumers in all partitions of a topic."""
    return list(topic.glob(f"*/[!.]*{SUFFIX}"))


def registered(partition: Path) -> dict[str, int]:
    """Every consumer of a partition and what it has committed."""
    names = [p.name.removesuffix(SUFFIX) for p in partition.glob(f"[!.]*{SUFFIX}")]
    return {name: offset for name in names if (offset := read(partition, name)) is not None}
