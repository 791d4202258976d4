"""The plain path over a link's bytes, and the kernel over the same: what the tests compare."""

from dataclasses import dataclass, field

import numpy as np

from qintong.stream.gateways.jt808 import acks, frame, header, kernel, positions
from qintong.stream.gateways.jt808.frame import CONTENT_LIMIT, FrameError, Splitter
from qintong.stream.gateways.jt808.group import Group, position_row
from qintong.stream.gateways.jt808.header import Header
from qintong.stream.gateways.jt808.links import Links
from qintong.stream.gateways.reasons import Reason
from qintong.stream.quality import Quality
from qintong.stream.topics import POSITION

FIRST = 3
"""Descriptor of the first link."""


@dataclass
class Outcome:
    """What one link's bytes became."""

    rows: list[bytes] = field(default_factory=list)
    blobs: list[bytes] = field(default_factory=list)
    answers: bytes = b""
    left: list[tuple[bytes, int]] = field(default_factory=list)
    counts: dict[int, int] = field(default_factory=dict)

    def count(self, reason: int, amount: int) -> None:
        if amount:
            self.counts[reason] = self.counts.get(reason, 0) + amount


def bound_links(*identities: bytes, edition: int = 13) -> Links:
    """Descriptors from FIRST on are links that speak for the given identities."""
    links = Links(FIRST + len(identities))
    for place, identity in enumerate(identities):
        links.open(FIRST + place, "test", 0)
        links.bind(FIRST + place, 100 + place, 200 + place, identity, edition, True)
        links.table[FIRST + place]["serial"] = 0x7D7D
    return links


class PlainLink:
    """One bound link, by the plain decoder alone."""

    def __init__(self, links: Links, descriptor: int) -> None:
        link = links.table[descriptor]
        self.identity = links.identity(descriptor)
        self.known = {n: int(link[n]) for n in ("terminal_id", "vehicle_id")}
        self.edition, self.standing = int(link["edition"]), Quality(int(link["quality"]))
        self.serial = int(link["serial"])
        self.splitter = Splitter()
        self.outcome = Outcome()

    def feed(self, data: bytes, now_ms: int) -> None:
        contents, garbage, cuts = self.splitter.feed(data)
        self.outcome.count(Reason.GARBAGE, garbage)
        self.outcome.count(Reason.OVERLONG, cuts)
        for content in contents:
            self._take(content, now_ms)

    def _take(self, content: bytes, now_ms: int) -> None:
        try:
            to, body = header.parse(frame.unpack(content))
        except FrameError as error:
            if len(content) < 13:
                self.outcome.count(error.reason, 1)
            else:
                # A header cut short is seen by the plain path only.
                reason = 0 if _is_checked(content) else int(error.reason)
                self.outcome.left.append((content, reason))
            return
        reports, is_backfill, is_plain = self._reports(to, body)
        if not is_plain:
            self.outcome.left.append((content, 0))
            return
        for index, report in enumerate(reports):
            position = positions.decode(report, now_ms, is_backfill)
            row = position_row(
                position,
                self.standing,
                **self.known,
                received_at_ms=now_ms,
                message_id=to.message_id,
                serial=to.serial,
                item_index=index,
                edition=19 if to.is_wide else self.edition,
                is_backfill=int(is_backfill),
            )
            self.outcome.rows.append(np.array(row, POSITION.dtype).tobytes())
            self.outcome.blobs.append(position.raw_items)
        self.outcome.answers += acks.general_reply(to, self.serial, acks.Result.DONE)
        self.serial = (self.serial + 1) & 0xFFFF

    def _reports(self, to: Header, body: bytes) -> tuple[list[bytes], bool, bool]:
        """The reports of a message, whether they are a backfill, whether the kernel may do it."""
        is_plain = (
            len(body) == to.body_length
            and to.identity == self.identity
            and not to.attribute & (header.ENCRYPTION_BITS | header.SUBPACKAGE_BIT)
        )
        if to.message_id == 0x0002:
            return [], False, is_plain
        if to.message_id == 0x0200:
            return [body], False, is_plain and len(body) >= positions.BASIC_LENGTH
        if to.message_id == 0x0704 and len(body) >= 3:
            is_backfill, reports, left = positions.split_batch(body)
            return reports, is_backfill, is_plain and not left and bool(reports)
        return [], False, False


def _is_checked(content: bytes) -> bool:
    try:
        frame.unpack(content)
    except FrameError:
        return False
    return True


class KernelLinks:
    """The kernel over rounds of received bytes of several links."""

    def __init__(self, links: Links) -> None:
        self.links = links
        self.group = Group()
        self.inbox = np.zeros(1 << 18, np.uint8)
        self.plain = np.zeros(CONTENT_LIMIT + 2, np.uint8)
        self.seen = np.zeros(257, np.int64)
        self.left = np.zeros(len(self.inbox), kernel.LEFT)
        self.outcomes = {d: Outcome() for d in links.peers}
        self.counts = np.zeros(kernel.COUNTS, np.int64)

    def feed(self, chunks: list[tuple[int, bytes]], now_ms: int) -> None:
        """One round: at most one chunk for a descriptor."""
        segments = np.zeros(len(chunks), kernel.SEGMENT)
        end = 0
        for place, (descriptor, data) in enumerate(chunks):
            held = int(self.links.table[descriptor]["held"])
            whole = self.links.held[descriptor, :held].tobytes() + data
            self.inbox[end : end + len(whole)] = np.frombuffer(whole, np.uint8)
            segments[place] = (descriptor, end, end + len(whole))
            end += len(whole)
        group = self.group
        group.clear()
        n_left = kernel.decode(
            self.inbox, segments, self.links.table, self.links.held, now_ms, 77, self.plain,
            self.seen, group.rows, group.blob_offsets, group.blob_data, group.arena,
            group.entries, group.sizes, self.left, self.counts,
        )  # fmt: skip
        self._collect(n_left)

    def _collect(self, n_left: int) -> None:
        group = self.group
        by_terminal = {int(self.links.table[d]["terminal_id"]): d for d in self.outcomes}
        for place in range(int(group.sizes[0])):
            outcome = self.outcomes[by_terminal[int(group.rows[place]["terminal_id"])]]
            start, end = group.blob_offsets[place : place + 2].tolist()
            outcome.rows.append(group.rows[place].tobytes())
            outcome.blobs.append(group.blob_data[start:end].tobytes())
        for descriptor, length, connection_id, start in group.entries[: group.sizes[3]].tolist():
            assert connection_id == self.links.table[descriptor]["connection_id"]
            outcome = self.outcomes[descriptor]
            outcome.answers += group.arena[start : start + length].tobytes()
        for descriptor, start, end, reason in self.left[:n_left].tolist():
            self.outcomes[descriptor].left.append((self.inbox[start:end].tobytes(), reason))

    def reasons(self) -> dict[int, int]:
        """Counts of all links by reason."""
        return {place: int(n) for place, n in enumerate(self.counts[: kernel.FRAMES]) if n}
