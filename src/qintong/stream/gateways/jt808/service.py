"""State of the plain path: who is admitted, whose session is on which link, what is kept."""

import time
from dataclasses import replace

from qintong.stream.gateways.jt808 import acks, messages
from qintong.stream.gateways.jt808.group import Group
from qintong.stream.gateways.jt808.header import Header
from qintong.stream.gateways.jt808.limits import Bucket, Buckets
from qintong.stream.gateways.jt808.links import Links
from qintong.stream.gateways.jt808.policy import Policy
from qintong.stream.gateways.jt808.reassembly import Reassembly
from qintong.stream.gateways.jt808.sessions import Sessions, TerminalSession
from qintong.stream.gateways.jt808.tally import Tally
from qintong.stream.gateways.reasons import Reason
from qintong.stream.roster import Entry, Watch
from qintong.stream.sessions import Reason as SessionReason
from qintong.stream.topics import RAW, REGISTRATION, SESSION

LATEST_BEFORE_REGISTRATION = 13
"""Edition of a short header until a body of 0x0100 or the roster says 2011."""

REPEAT_MS = 10 * 60 * 1000
"""An unknown terminal that says the same again is not entered again for so long."""


class Service:
    """`group` is the one that fills; `closing` are links to be closed."""

    def __init__(self, links: Links, watch: Watch, policy: Policy, tally: Tally) -> None:
        self.links, self.watch, self.policy, self.tally = links, watch, policy, tally
        self.sessions = Sessions()
        self.reassembly = Reassembly()
        self.group = Group()
        self.closing: list[tuple[int, int, SessionReason]] = []
        self.tick_ms = time.monotonic_ns() // 1_000_000
        """A clock that never jumps, for time-outs."""
        self._registrations = Buckets(policy.registrations_per_s, policy.registrations_burst)
        self._strangers = Bucket(policy.strangers_per_s, policy.strangers_burst)
        self._raw_budget = Bucket(policy.raw_budget_per_s, policy.raw_budget_burst)
        self._entered: dict[tuple[bytes, int], int] = {}

    def refuse(
        self, descriptor: int, message_id: int, reason: Reason, content: bytes, now_ms: int
    ) -> None:
        """Count bytes that are not served, and keep them as far as the budget goes."""
        self.tally.count(reason)
        self.links.table[descriptor]["faults"] += 1
        if self._raw_budget.take(len(content), now_ms):
            self.keep(descriptor, message_id, reason, content, now_ms)

    def keep(
        self, descriptor: int, message_id: int, reason: Reason, content: bytes, now_ms: int
    ) -> None:
        terminal_id = int(self.links.table[descriptor]["terminal_id"])
        row = (terminal_id, now_ms, message_id, int(reason))
        self.group.add(RAW, row, b"\x7e" + content + b"\x7e")

    def enter(self, to: Header, body: bytes, entry: Entry | None, result: int, now_ms: int) -> bool:
        """A row of REGISTRATION; False if a stranger's entry exceeds the limit.

        A stranger that repeats itself is entered once in a while only.
        """
        edition = 19 if to.is_wide else LATEST_BEFORE_REGISTRATION
        if to.message_id == 0x0100:
            edition = messages.registration(to, body).edition
        if entry is None:
            key = (to.identity, to.message_id)
            if self.tick_ms - self._entered.get(key, -REPEAT_MS) < REPEAT_MS:
                return True
            if not self._strangers.take(1, now_ms):
                self.tally.count(Reason.RATE_LIMITED)
                return False
            if len(self._entered) > 65536:
                self._entered.clear()
            self._entered[key] = self.tick_ms
        identity = to.identity.ljust(10, b"\0")
        length = len(to.identity)
        terminal_id = entry.terminal_id if entry else 0
        row = (terminal_id, now_ms, edition, to.message_id, identity, length, result)
        self.group.add(REGISTRATION, row, body)
        return True

    def may_register(self, descriptor: int, now_ms: int) -> bool:
        address = self.links.peers[descriptor].rpartition(":")[0]
        if self._registrations.take(address, now_ms):
            return True
        self.tally.count(Reason.RATE_LIMITED)
        self.links.table[descriptor]["faults"] += 1
        return False

    def begin(
        self, descriptor: int, to: Header, entry: Entry, is_authenticated: bool, now_ms: int
    ) -> bool:
        """Bind the link to a terminal; False if an authenticated link speaks for it already.

        The same identity on a new link means that the old one is dead (clause 5.3).
        """
        connection_id = int(self.links.table[descriptor]["connection_id"])
        former = self.sessions.of_link(descriptor)
        if former is not None and former.terminal_id == entry.terminal_id:
            is_authenticated = is_authenticated or former.is_authenticated
            if former.is_authenticated == is_authenticated:
                self._bind(descriptor, to, former)
                return True
            self.sessions.end(former)
        other = self.sessions.of_terminal(entry.terminal_id)
        if other is not None:
            if other.is_authenticated and not is_authenticated:
                return False
            self.end(other, SessionReason.TAKEN_OVER, now_ms)
            self.close_soon(other.descriptor, SessionReason.TAKEN_OVER)
        if former is not None and former.terminal_id != entry.terminal_id:
            self.end(former, SessionReason.REBOUND, now_ms)
        pinned = entry.edition_pinned or int(self.links.table[descriptor]["edition"])
        session = TerminalSession(
            entry.terminal_id,
            entry.vehicle_id,
            descriptor,
            connection_id,
            19 if to.is_wide else pinned or LATEST_BEFORE_REGISTRATION,
            is_authenticated,
        )
        self.sessions.begin(session)
        self._bind(descriptor, to, session)
        reason = SessionReason.AUTHENTICATED if is_authenticated else SessionReason.REPORTED
        self._note(session, True, reason, now_ms)
        return True

    def end(self, session: TerminalSession, reason: SessionReason, now_ms: int) -> None:
        """End a session; its link, if still there, belongs to no terminal then."""
        self._note(session, False, reason, now_ms)
        self.sessions.end(session)
        link = self.links.table[session.descriptor]
        if link["connection_id"] == session.connection_id:
            self.links.unbind(session.descriptor)

    def close_soon(self, descriptor: int, reason: SessionReason) -> None:
        """Close the link at the end of the round, if it is still the same."""
        connection_id = int(self.links.table[descriptor]["connection_id"])
        self.closing.append((descriptor, connection_id, reason))

    def follow_roster(self, now_ms: int) -> None:
        """A new roster: sessions of terminals that are no longer in it end."""
        roster = self.watch.roster
        for session in self.sessions.all():
            entry = roster.find(self.links.identity(session.descriptor))
            if entry is None or entry.terminal_id != session.terminal_id:
                self.end(session, SessionReason.REVOKED, now_ms)
            elif entry.vehicle_id != session.vehicle_id:
                self.sessions.begin(replace(session, vehicle_id=entry.vehicle_id))
                self.links.table[session.descriptor]["vehicle_id"] = entry.vehicle_id

    def ask_for_missing(self, now_ms: int) -> None:
        asking, given_up = self.reassembly.due(now_ms)
        for parts in asking:
            descriptor = parts.descriptor
            if self.links.identity(descriptor) == parts.first.identity:
                serial = self.links.next_serial(descriptor)
                self.reply(
                    descriptor,
                    acks.resend_request(parts.first, serial, parts.first_serial, parts.missing),
                )
        self.tally.count(Reason.SUBPACKAGE_TIMEOUT, len(given_up))

    def reply(self, descriptor: int, data: bytes) -> None:
        self.tally.answers += 1
        connection_id = int(self.links.table[descriptor]["connection_id"])
        self.group.reply(descriptor, connection_id, data)

    def _bind(self, descriptor: int, to: Header, session: TerminalSession) -> None:
        self.links.bind(
            descriptor,
            session.terminal_id,
            session.vehicle_id,
            to.identity,
            session.edition if session.edition != 19 else LATEST_BEFORE_REGISTRATION,
            session.is_authenticated,
        )

    def _note(
        self, session: TerminalSession, is_online: bool, reason: SessionReason, now_ms: int
    ) -> None:
        row = (
            session.terminal_id,
            session.vehicle_id,
            now_ms,
            session.connection_id,
            int(is_online),
            int(reason),
            session.edition,
        )
        self.group.add(SESSION, row, self.links.peers.get(session.descriptor, "").encode())
