"""The gateway process: one loop over epoll, a thread that commits, answers after the commit."""

import errno
import os
import resource
import select
import socket
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from qintong.stream.gateways.jt808 import serving, sockets, tally
from qintong.stream.gateways.jt808.committer import Committer
from qintong.stream.gateways.jt808.group import Group
from qintong.stream.gateways.jt808.inbox import Inbox
from qintong.stream.gateways.jt808.limits import Buckets
from qintong.stream.gateways.jt808.links import Links
from qintong.stream.gateways.jt808.outbox import Outbox
from qintong.stream.gateways.jt808.policy import Policy
from qintong.stream.gateways.jt808.service import Service
from qintong.stream.gateways.jt808.tally import Tally
from qintong.stream.gateways.reasons import Reason
from qintong.stream.log import Log
from qintong.stream.roster import Watch
from qintong.stream.sessions import Reason as SessionReason

logger = structlog.get_logger()

MAX_LINKS = 65_536
RESERVED_DESCRIPTORS = 64
"""Kept for the log, the roster and the health file."""
BACKLOG = 4096
HOUSEKEEPING_MS = 1000


class Gateway:
    """Everything but the commit happens in the thread that calls `run`."""

    def __init__(
        self,
        host: str,
        port: int,
        open_log: Callable[[], Log],
        watch: Watch,
        policy: Policy,
        health: Path,
        is_port_shared: bool = False,
    ) -> None:
        self.policy, self.health = policy, health
        self.capacity = min(_raise_descriptor_limit(), MAX_LINKS)
        self.links = Links(self.capacity)
        self.tally = Tally()
        self.service = Service(self.links, watch, policy, self.tally)
        self._spare: Group | None = Group()
        self._connects = Buckets(policy.connects_per_s, policy.connects_burst)
        self._inbox = Inbox(self.links)
        self._warm()
        self.committer = Committer(open_log)
        self._listener = _listen(host, port, is_port_shared)
        self.port = self._listener.getsockname()[1]
        self._epoll = select.epoll()
        self._outbox = Outbox(self.links, self._epoll, policy.outbox_limit)
        self._epoll.register(self._listener.fileno(), select.EPOLLIN)
        self._epoll.register(self.committer.wake_descriptor, select.EPOLLIN)
        self._wake, self._waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._epoll.register(self._wake, select.EPOLLIN)
        self._is_stopping = False

    def stop(self) -> None:
        """End `run` soon; may be called from a signal handler or another thread."""
        self._is_stopping = True
        os.write(self._waker, b".")

    def run(self) -> None:
        """Serve until `stop`. What was received by then is made durable and answered."""
        next_housekeeping = 0
        while not self._is_stopping:
            if self.service.tick_ms >= next_housekeeping:
                self._keep_house(wall_clock_ms())
                next_housekeeping = self.service.tick_ms + HOUSEKEEPING_MS
            self._round()
            self._commit_if_due()
        self._shut_down()

    def _round(self) -> None:
        """Wait for whatever comes first, receive, decode, serve."""
        is_reading = self.service.group.has_room
        signals = self._inbox.receive(self._epoll, self._patience_ms(), is_reading)
        now_ms = wall_clock_ms()
        self.service.tick_ms = time.monotonic_ns() // 1_000_000
        if len(self._inbox.descriptors):
            self._serve(now_ms)
        for descriptor, kind in signals:
            if kind == sockets.CLOSED:
                self._close(descriptor, SessionReason.CLOSED, now_ms)
            elif kind == sockets.WRITABLE:
                self._send_waiting(descriptor, now_ms)
            elif descriptor == self._listener.fileno():
                self._accept(now_ms)
            elif descriptor == self.committer.wake_descriptor:
                self._finish(self.committer.take_durable())
        for descriptor, connection_id, reason in self.service.closing:
            if self.links.table[descriptor]["connection_id"] == connection_id:
                self._close(descriptor, reason, now_ms)
        self.service.closing.clear()
        if not is_reading and not signals:
            time.sleep(0.001)

    def _serve(self, now_ms: int) -> None:
        """Everything received in this round."""
        service = self.service
        self._open_group()
        left = self._inbox.decode(service.group, now_ms, service.tick_ms, self.tally)
        for descriptor, content, reason in left:
            if reason:
                service.refuse(descriptor, 0, reason, content, now_ms)
                continue
            try:
                serving.take(service, descriptor, content, now_ms)
            except Exception:  # a fault of ours in one message must not end the others' links
                logger.exception("message_not_served", content=content[:64].hex())
                service.refuse(descriptor, 0, Reason.FAULT, content, now_ms)
        descriptors = self._inbox.descriptors
        is_hopeless = self.links.table["faults"][descriptors] >= self.policy.fault_limit
        for descriptor in descriptors[is_hopeless].tolist():
            service.close_soon(descriptor, SessionReason.GARBAGE)

    def _patience_ms(self) -> int:
        """How long the loop may wait for the network."""
        group = self.service.group
        if self._spare is None or group.is_empty:
            return 200
        waited_ms = (time.monotonic_ns() - group.opened_ns) // 1_000_000
        return max(0, self.policy.window_ms - waited_ms)

    def _commit_if_due(self) -> None:
        group = self.service.group
        if self._spare is None or group.is_empty:
            return
        waited_ms = (time.monotonic_ns() - group.opened_ns) / 1e6
        if group.size >= self.policy.group_size or waited_ms >= self.policy.window_ms:
            self.service.group, self._spare = self._spare, None
            self.committer.hand_over(group)

    def _finish(self, group: Group) -> None:
        """The group is durable: send its answers."""
        broken, slow = self._outbox.deliver(group)
        for descriptor in broken:
            self.service.close_soon(descriptor, SessionReason.CLOSED)
        for descriptor in slow:
            self.service.close_soon(descriptor, SessionReason.SLOW_READER)
        group.clear()
        self._spare = group

    def _send_waiting(self, descriptor: int, now_ms: int) -> None:
        try:
            self._outbox.send_waiting(descriptor)
        except OSError:
            self._close(descriptor, SessionReason.CLOSED, now_ms)

    def _accept(self, now_ms: int) -> None:
        while True:
            try:
                connection, address = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE):
                    self._epoll.modify(self._listener.fileno(), 0)
                    logger.warning("no_descriptors_left", connections=len(self.links))
                return
            host = address[0]
            refusal = self._refusal(connection.fileno(), host, now_ms)
            if refusal:
                self.tally.count(refusal)
                connection.close()
                continue
            connection.setblocking(False)
            descriptor = connection.detach()
            self.links.open(descriptor, f"{host}:{address[1]}", self.service.tick_ms)
            self._epoll.register(descriptor, select.EPOLLIN)

    def _refusal(self, descriptor: int, host: str, now_ms: int) -> Reason | None:
        if descriptor >= self.capacity - RESERVED_DESCRIPTORS:
            return Reason.NO_ROOM
        return None if self._connects.take(host, now_ms) else Reason.RATE_LIMITED

    def _close(self, descriptor: int, reason: SessionReason, now_ms: int) -> None:
        if not self.links.table[descriptor]["connection_id"]:
            return
        session = self.service.sessions.of_link(descriptor)
        if session is not None:
            self._open_group()
            self.service.end(session, reason, now_ms)
        self._outbox.forget(descriptor)
        self.links.close(descriptor)
        os.close(descriptor)

    def _open_group(self) -> None:
        if self.service.group.is_empty:
            self.service.group.opened_ns = time.monotonic_ns()

    def _keep_house(self, now_ms: int) -> None:
        self._open_group()
        if self.service.watch.poll():
            self.service.follow_roster(now_ms)
            logger.info("roster_loaded", terminals=len(self.service.watch.roster))
        if self.committer.failure or not self.service.group.has_room:
            self.links.forgive(self.service.tick_ms)
        else:
            self._close_silent(now_ms)
            self.service.ask_for_missing(now_ms)
        self._epoll.modify(self._listener.fileno(), select.EPOLLIN)
        tally.write_health(self.health, self._health(now_ms))

    def _close_silent(self, now_ms: int) -> None:
        """Links without a valid message for too long."""
        policy, table = self.policy, self.links.table
        tick_ms = self.service.tick_ms
        shortest_s = min(policy.greeting_timeout_s, policy.session_timeout_s)
        for descriptor in self.links.silent_since(tick_ms - shortest_s * 1000):
            is_greeted = table[descriptor]["terminal_id"] != 0
            limit_s = policy.session_timeout_s if is_greeted else policy.greeting_timeout_s
            if table[descriptor]["last_seen_ms"] < tick_ms - limit_s * 1000:
                self._close(int(descriptor), SessionReason.TIMED_OUT, now_ms)

    def _health(self, now_ms: int) -> dict[str, object]:
        waiting = self.service.group.size
        return {
            "name": self.health.stem,
            "protocol": "JT/T 808",
            "pid": os.getpid(),
            "port": self.port,
            "at_ms": now_ms,
            "connections": len(self.links),
            "sessions": len(self.service.sessions),
            "terminals": len(self.service.watch.roster),
            **self.tally.rates(self.service.tick_ms),
            "messages": self.tally.messages,
            "positions": self.tally.positions,
            "reasons": {reason.name: n for reason, n in self.tally.reasons.items() if n},
            "log": {"failure": self.committer.failure, "waiting_bytes": waiting},
        }

    def _shut_down(self) -> None:
        now_ms = wall_clock_ms()
        for session in self.service.sessions.all():
            self.service.end(session, SessionReason.STOPPED, now_ms)
        self.committer.hand_over(self.service.group)
        for group in self.committer.stop():
            self._finish(group)
        for descriptor in list(self.links.peers):
            self.links.close(descriptor)
            os.close(descriptor)
        self._listener.close()
        self._epoll.close()
        os.close(self._wake)
        os.close(self._waker)
        tally.write_health(self.health, self._health(now_ms))

    def _warm(self) -> None:
        """Compile the kernels, or load them from the cache, before the port is open."""
        began = time.monotonic()
        with select.epoll() as empty:
            self._inbox.receive(empty, 0, is_reading=True)
            list(self._inbox.decode(self.service.group, 0, 0, self.tally))
            Outbox(self.links, empty, 0).deliver(self.service.group)
        logger.info("kernels_ready", seconds=round(time.monotonic() - began, 2))


def wall_clock_ms() -> int:
    return time.time_ns() // 1_000_000


def _raise_descriptor_limit() -> int:
    """As many open files as the process may have; the number."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = MAX_LINKS if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return limit


def _listen(host: str, port: int, is_port_shared: bool) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if is_port_shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind((host, port))
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener
