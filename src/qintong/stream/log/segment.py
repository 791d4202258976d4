"""Segment files: a self-describing header, then one record for each commit.

    header   "QTLOG\\0\\0\\1" | u32 length of the JSON | u32 CRC-32 of the JSON | JSON, blank-padded to 8
    record   "QTR1" | u32 CRC-32 of what follows | u64 offset of the first row | u64 commit time (ms)
             | u32 rows | u32 bytes of rows | u32 flags (1 = blobs) | u32 bytes of blobs
             | rows | blob offsets u32[rows + 1] | blobs | zero padding to 8

Numbers are little-endian. The JSON names topic, writer, first offset and columns, so that rows
written before a column was added can still be read.
"""

import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from qintong.stream.log import Blobs, LogError
from qintong.stream.topics import Topic

SUFFIX = ".segment"
FILE_MAGIC = b"QTLOG\0\0\1"
RECORD_MAGIC = b"QTR1"
HAS_BLOBS = 1
_FILE = struct.Struct("<8sII")
RECORD = struct.Struct("<4sIQQIIII")
MAX_PAYLOAD = 1 << 30


def file_name(base_offset: int) -> str:
    return f"{base_offset:020d}{SUFFIX}"


def pack_header(topic: Topic, writer: str, base_offset: int, created_at_ms: int) -> bytes:
    text = json.dumps(
        {
            "topic": topic.number,
            "name": topic.name,
            "writer": writer,
            "base_offset": base_offset,
            "created_at_ms": created_at_ms,
            "fields": [[f.name, f.dtype] for f in topic.fields],
        }
    ).encode()
    text += b" " * (-(_FILE.size + len(text)) % 8)
    return _FILE.pack(FILE_MAGIC, len(text), zlib.crc32(text)) + text


@dataclass(frozen=True, slots=True)
class Header:
    """What a segment says about itself."""

    topic: int
    dtype: np.dtype
    size: int

    @classmethod
    def parse(cls, data: bytes | memoryview, path: object) -> "Header":
        """Raises LogError when this is not a segment."""
        if len(data) < _FILE.size:
            raise LogError(f"{path}: no segment header")
        magic, length, crc = _FILE.unpack_from(data)
        text = bytes(data[_FILE.size : _FILE.size + length])
        if magic != FILE_MAGIC or len(text) != length or zlib.crc32(text) != crc:
            raise LogError(f"{path}: damaged segment header")
        said = json.loads(text)
        dtype = np.dtype([(name, kind) for name, kind in said["fields"]])
        return cls(said["topic"], dtype, _FILE.size + length)


def pack_record(
    base_offset: int, at_ms: int, rows: list[np.ndarray], blobs: Blobs | None
) -> list[memoryview]:
    """Pieces to be written one after another."""
    count = sum(len(r) for r in rows)
    pieces = [r.data.cast("B") for r in rows if len(r)]
    rows_bytes = sum(p.nbytes for p in pieces)
    blob_bytes = 0
    if blobs is not None:
        pieces.append(np.ascontiguousarray(blobs.offsets, "<u4").data.cast("B"))
        if blob_bytes := blobs.data.nbytes:
            pieces.append(blobs.data.data.cast("B"))
    flags = 0 if blobs is None else HAS_BLOBS
    head = RECORD.pack(RECORD_MAGIC, 0, base_offset, at_ms, count, rows_bytes, flags, blob_bytes)
    crc = zlib.crc32(head[8:])
    for piece in pieces:
        crc = zlib.crc32(piece, crc)
    size = RECORD.size + sum(p.nbytes for p in pieces)
    head = RECORD_MAGIC + crc.to_bytes(4, "little") + head[8:]
    return [memoryview(head), *pieces, memoryview(b"\0" * (-size % 8))]


@dataclass(frozen=True, slots=True)
class Record:
    """Where one commit lies in a segment. `position` and `end` are bytes from its beginning."""

    position: int
    end: int
    base_offset: int
    at_ms: int
    count: int
    rows_bytes: int
    has_blobs: bool
    blob_bytes: int

    @property
    def next_offset(self) -> int:
        return self.base_offset + self.count


def record_at(data: memoryview, index: int, position: int) -> Record | None:
    """The record that begins at `data[index]`, byte `position` of its segment.

    None when the bytes there are too few or damaged.
    """
    if index + RECORD.size > len(data):
        return None
    magic, crc, base, at_ms, count, rows_bytes, flags, blob_bytes = RECORD.unpack_from(data, index)
    offsets_bytes = 4 * (count + 1) if flags & HAS_BLOBS else 0
    size = RECORD.size + rows_bytes + offsets_bytes + blob_bytes
    if magic != RECORD_MAGIC or index + size > len(data):
        return None
    if zlib.crc32(data[index + 8 : index + size]) != crc:
        return None
    end = position + size + (-size % 8)
    return Record(
        position, end, base, at_ms, count, rows_bytes, bool(flags & HAS_BLOBS), blob_bytes
    )


def record_size(head: bytes | memoryview) -> int | None:
    """Bytes the record with this head takes, padding included; None when it is no head."""
    if len(head) < RECORD.size:
        return None
    magic, _, _, _, count, rows_bytes, flags, blob_bytes = RECORD.unpack_from(head)
    size = RECORD.size + rows_bytes + blob_bytes + (4 * (count + 1) if flags & HAS_BLOBS else 0)
    if magic != RECORD_MAGIC or size > MAX_PAYLOAD:
        return None
    return size + (-size % 8)


def unpack(data: memoryview, index: int, record: Record, dtype: np.dtype) -> tuple:
    """(rows, blobs) of the record at `data[index]`, as views."""
    at = index + RECORD.size
    rows = np.frombuffer(data, dtype, record.count, at)
    if not record.has_blobs:
        return rows, None
    at += record.rows_bytes
    offsets = np.frombuffer(data, "<u4", record.count + 1, at)
    at += offsets.nbytes
    return rows, Blobs(offsets, np.frombuffer(data, np.uint8, record.blob_bytes, at))


def scan(data: memoryview, start: int) -> Iterator[Record]:
    """All sound records from byte `start` on. Damaged stretches are stepped over: a sound record
    behind one proves rot of the medium, not a torn tail, and must not be thrown away."""
    position = start
    whole = None
    while position < len(data):
        record = record_at(data, position, position)
        if record is None:
            whole = whole if whole is not None else bytes(data)
            position = whole.find(RECORD_MAGIC, position + 1)
            if position < 0:
                return
            continue
        yield record
        position = record.end


def to_current(rows: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Rows of an older set of columns in today's; columns they lack are zero."""
    if rows.dtype == dtype:
        return rows
    out = np.zeros(len(rows), dtype)
    for name in set(rows.dtype.names or ()) & set(dtype.names or ()):
        out[name] = rows[name]
    return out
