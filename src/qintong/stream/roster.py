"""Roster: the admitted terminals, as a snapshot that gateways and rules read without a database.

The registry writes it when terminals or vehicles change; processes in motion reload it when the file
changes. A snapshot is replaced whole and atomically, so a reader sees the old one or the new one.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import structlog

logger = structlog.get_logger()

IDENTITY_BYTES = 10

SCHEMA = pa.schema(
    [
        ("terminal_id", pa.int64()),
        ("vehicle_id", pa.int64()),
        ("identity", pa.binary(IDENTITY_BYTES)),
        ("identity_length", pa.uint8()),
        ("device_number", pa.string()),
        ("plate_number", pa.string()),
        ("plate_colour", pa.int16()),
        ("token", pa.string()),
        ("speed_limit_kmh", pa.float32()),
        ("offline_limit_s", pa.int32()),
        ("edition_pinned", pa.uint8()),
    ]
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One admitted terminal.

    `identity` is the phone field of the message header as received (6 or 10 raw bytes, BCD or not).
    """

    terminal_id: int
    vehicle_id: int
    """0 = terminal without vehicle."""
    identity: bytes
    device_number: str = ""
    """The maker's terminal id of 0x0100; empty = not checked."""
    plate_number: str = ""
    """Empty = not checked at registration."""
    plate_colour: int = 0
    """Code of JT/T 697.7 as in 0x0100."""
    token: str = ""
    """Authentication code handed out by 0x8100; an empty one authenticates nobody."""
    speed_limit_kmh: float = 0.0
    """0 = no limit."""
    offline_limit_s: int = 0
    """0 = no limit."""
    edition_pinned: int = 0
    """11, 13 or 19; 0 = found from the terminal's messages."""


def identity_key(identity: bytes) -> bytes:
    """The same phone number in 6 bytes (2011, 2013) and in 10 (2019) gives the same key."""
    return identity.rjust(IDENTITY_BYTES, b"\0")


def write(path: Path, entries: Iterable[Entry]) -> int:
    """Replace the snapshot atomically and durably; returns the number of entries.

    Entries are stored in the order of their keys, so that loading sorts nothing.

    Raises ValueError if an identity is not 6 or 10 bytes, or occurs twice.
    """
    rows = sorted(entries, key=lambda entry: identity_key(entry.identity))
    for entry in rows:
        if len(entry.identity) not in (6, IDENTITY_BYTES):
            raise ValueError(f"identity of 6 or 10 bytes expected: {entry.identity.hex()}")
    for former, entry in pairwise(rows):
        if identity_key(former.identity) == identity_key(entry.identity):
            raise ValueError(f"identity occurs twice: {entry.identity.hex()}")
    columns = {f.name: [getattr(entry, f.name) for entry in rows] for f in fields(Entry)}
    columns["identity_length"] = [len(value) for value in columns["identity"]]
    columns["identity"] = [value.ljust(IDENTITY_BYTES, b"\0") for value in columns["identity"]]
    table = pa.table(columns, schema=SCHEMA)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(draft, "wb") as file:
            with pa.ipc.new_file(file, SCHEMA) as writer:
                writer.write_table(table)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return len(rows)


class Roster:
    """A loaded snapshot. Numbers are arrays (one place per entry); text is read entry by entry."""

    def __init__(self, table: pa.Table) -> None:
        self._numbers = {f.name: table[f.name].to_numpy() for f in SCHEMA if not _is_text(f)}
        self._text = {f.name: table[f.name].combine_chunks() for f in SCHEMA if _is_text(f)}
        self.terminal_id: np.ndarray = self._numbers["terminal_id"]
        self.vehicle_id: np.ndarray = self._numbers["vehicle_id"]
        self.speed_limit_kmh: np.ndarray = self._numbers["speed_limit_kmh"]
        self.offline_limit_s: np.ndarray = self._numbers["offline_limit_s"]
        self._keys = _keys(self._text["identity"], self._numbers["identity_length"])
        self._plates: set[tuple[str, int]] | None = None

    @classmethod
    def load(cls, path: Path) -> "Roster":
        """Read the snapshot; an absent file is an empty roster."""
        if not path.exists():
            return cls(SCHEMA.empty_table())
        return cls(pa.ipc.open_file(pa.BufferReader(path.read_bytes())).read_all())

    def __len__(self) -> int:
        return len(self.terminal_id)

    def find(self, identity: bytes) -> Entry | None:
        """The terminal with this identity, as received in 6 or in 10 bytes."""
        key = identity_key(identity)
        place = int(np.searchsorted(self._keys, np.bytes_(key)))
        if place == len(self._keys) or self._keys[place].ljust(IDENTITY_BYTES, b"\0") != key:
            return None
        return self.entry(place)

    def entry(self, place: int) -> Entry:
        """The entry at a place of the arrays."""
        return Entry(
            terminal_id=int(self.terminal_id[place]),
            vehicle_id=int(self.vehicle_id[place]),
            identity=self._text["identity"][place].as_py()[
                : self._numbers["identity_length"][place]
            ],
            device_number=self._text["device_number"][place].as_py(),
            plate_number=self._text["plate_number"][place].as_py(),
            plate_colour=int(self._numbers["plate_colour"][place]),
            token=self._text["token"][place].as_py(),
            speed_limit_kmh=float(self.speed_limit_kmh[place]),
            offline_limit_s=int(self.offline_limit_s[place]),
            edition_pinned=int(self._numbers["edition_pinned"][place]),
        )

    def has_plate(self, number: str, colour: int) -> bool:
        """True if a vehicle with this plate has an admitted terminal."""
        if self._plates is None:
            colours = self._numbers["plate_colour"].tolist()
            self._plates = set(zip(self._text["plate_number"].to_pylist(), colours, strict=True))
        return (number, colour) in self._plates


def _keys(identities: pa.FixedSizeBinaryArray, lengths: np.ndarray) -> np.ndarray:
    """`identity_key` of all entries, ascending, as byte strings of 10."""
    count, skipped = len(identities), identities.offset * IDENTITY_BYTES
    data = identities.buffers()[1] if count else b""
    raw = np.frombuffer(data, np.uint8, count * IDENTITY_BYTES, skipped)
    raw = raw.reshape(count, IDENTITY_BYTES)
    keys = raw.copy()
    for length in np.unique(lengths):
        chosen = lengths == length
        keys[chosen] = 0
        keys[chosen, IDENTITY_BYTES - length :] = raw[chosen, :length]
    return keys.reshape(-1).view(f"S{IDENTITY_BYTES}")


def _is_text(field: pa.Field) -> bool:
    return not pa.types.is_integer(field.type) and not pa.types.is_floating(field.type)


class Watch:
    """Follows the snapshot file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp = self._read_stamp()
        self.roster = Roster.load(path)

    def poll(self) -> bool:
        """Reload if the file changed since the last look; True if it did.

        A file that cannot be read leaves the roster as it was.
        """
        stamp = self._read_stamp()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            self.roster = Roster.load(self.path)
        except (OSError, pa.ArrowInvalid) as error:
            logger.error("roster_unreadable", path=str(self.path), reason=str(error))
            return False
        return True

    def _read_stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size
