"""The plain path over a link's bytes, as a reference for the kernel."""

import numpy as np

from qintong.stream.gateways.jt808 import acks, frame, header, positions
from qintong.stream.gateways.jt808.frame import FrameError, Splitter
from qintong.stream.gateways.jt808.group import Group
from qintong.stream.gateways.jt808.links import Links, standing


class PlainLink:
    """One link with a bound terminal. `feed` gives rows and answers into a group."""

    def __init__(self, descriptor: int, links: Links, group: Group) -> None:
        self.descriptor, self.group = descriptor, group
        link = links.table[descriptor]
        self.identity = links.identity(descriptor)
        self.known = {
            "terminal_id": int(link["terminal_id"]),
            "vehicle_id": int(link["vehicle_id"]),
        }
        self.pinned = int(link["edition"])
        self.standing = int(link["quality"])
        self.serial = int(link["serial"])
        self.splitter = Splitter()
        self.left: list[tuple[bytes, int]] = []
        self.answers = b""

    def feed(self, data: bytes, now_ms: int) -> None:
        contents, _, _ = self.splitter.feed(data)
        for content in contents:
            self._take(content, now_ms)

    def _take(self, content: bytes, now_ms: int) -> None:
        try:
            to, body = header.parse(frame.unpack(content))
        except FrameError as error:
            if len(content) >= 13:
                self.left.append((content, int(error.reason)))
            return
        is_exact = len(body) == to.body_length and not to.is_encrypted and not to.total
        is_exact &= not to.attribute & header.SUBPACKAGE_BIT and to.identity == self.identity
        reports, is_backfill = [], False
        if to.message_id == 0x0200 and len(body) >= 28:
            reports = [body]
        elif to.message_id == 0x0704 and len(body) > 3:
            is_backfill, reports, rest = positions.split_batch(body)
            is_exact &= not rest
        elif to.message_id != 0x0002:
            is_exact = False
        if not is_exact:
            self.left.append((content, 0))
            return
        for index, report in enumerate(reports):
            position = positions.decode(report, now_ms, is_backfill)
            self.group.add_position(
                position,
                **self.known,
                received_at_ms=now_ms,
                message_id=to.message_id,
                serial=to.serial,
                item_index=index,
                edition=19 if to.is_wide else self.pinned,
                is_backfill=int(is_backfill),
            )
            self.group.rows["quality"][int(self.group.sizes[0]) - 1] |= self.standing
        self.answers += acks.general_reply(to, self.serial, acks.Result.DONE)
        self.serial = (self.serial + 1) & 0xFFFF


def bound_links(*identities: bytes, capacity: int = 64) -> Links:
    """Descriptors 3, 4, … are links with the given identities."""
    links = Links(capacity)
    for place, identity in enumerate(identities):
        links.open(3 + place, "test", 0)
        links.bind(3 + place, 100 + place, 200 + place, identity, 13, True)
        links.table[3 + place]["quality"] |= int(standing(identity, True))
        links.table[3 + place]["serial"] = 0x7D7D
    return links


def used_rows(group: Group) -> np.ndarray:
    return group.rows[: int(group.sizes[0])]
