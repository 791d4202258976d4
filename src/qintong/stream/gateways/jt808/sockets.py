"""Socket kernels: wait, receive and send for many links in one call, with the interpreter lock free."""

import errno
import platform

import numpy as np
from numba import types

from qintong.stream.gateways.jt808.compiled import compiled
from qintong.stream.gateways.jt808.frame import CONTENT_LIMIT

EVENT = np.dtype(
    [("events", "u4"), ("descriptor", "i4"), ("padding", "i4")]
    if platform.machine() == "x86_64"
    else [("events", "u4"), ("alignment", "u4"), ("descriptor", "i4"), ("padding", "i4")]
)
"""struct epoll_event; it is packed on x86-64 only."""

SIGNAL = np.dtype([("descriptor", "i4"), ("kind", "i4")])
OTHER, WRITABLE, CLOSED = 1, 2, 3
"""Kinds of signals: no link's descriptor, room to send again, end of the link."""

RECEIVE_LIMIT = 16384
"""Bytes taken from one link in one round."""

_EPOLLIN, _EPOLLOUT, _EPOLLERR, _EPOLLHUP = 0x1, 0x4, 0x8, 0x10
_MSG_DONTWAIT, _MSG_NOSIGNAL = 0x40, 0x4000
_TRY_AGAIN = (errno.EAGAIN, errno.EINTR)

_epoll_wait = types.ExternalFunction(
    "epoll_wait", types.int32(types.int32, types.intp, types.int32, types.int32)
)
_recv = types.ExternalFunction(
    "recv", types.int64(types.int32, types.intp, types.uint64, types.int32)
)
_send = types.ExternalFunction(
    "send", types.int64(types.int32, types.intp, types.uint64, types.int32)
)
_errno = types.ExternalFunction("__errno_location", types.CPointer(types.int32)())


@compiled
def receive(epoll, timeout_ms, events, links, held, inbox, segments, signals):
    """Wait, then read every ready link into the inbox; the numbers of segments and of signals.

    A segment begins with the link's held bytes. What does not fit waits for the next round.
    """
    n_segments = n_signals = 0
    ready = _epoll_wait(epoll, events.ctypes.data, len(events), timeout_ms)
    end = np.int64(0)
    for index in range(ready):
        event = events[index]
        descriptor = event.descriptor
        link = links[descriptor]
        if link.connection_id == 0:
            signals[n_signals].descriptor = descriptor
            signals[n_signals].kind = OTHER
            n_signals += 1
            continue
        if event.events & _EPOLLOUT:
            signals[n_signals].descriptor = descriptor
            signals[n_signals].kind = WRITABLE
            n_signals += 1
        if not event.events & (_EPOLLIN | _EPOLLERR | _EPOLLHUP):
            continue
        if end + CONTENT_LIMIT + RECEIVE_LIMIT > len(inbox):
            continue
        start = end
        for place in range(link.held):
            inbox[end] = held[descriptor, place]
            end += 1
        count = _recv(descriptor, inbox.ctypes.data + end, RECEIVE_LIMIT, _MSG_DONTWAIT)
        if count > 0:
            end += count
            segment = segments[n_segments]
            segment.descriptor = descriptor
            segment.start = start
            segment.end = end
            n_segments += 1
        elif count == 0 or _errno()[0] not in _TRY_AGAIN:
            signals[n_signals].descriptor = descriptor
            signals[n_signals].kind = CLOSED
            n_signals += 1
            end = start
        else:
            end = start
    return n_segments, n_signals


@compiled
def deliver(links, arena, entries, n_entries, unsent):
    """Send the answers of a durable group to the links that still are the ones they were for.

    unsent[k] = (entry, bytes sent, 1 if the link is broken); the number of them is returned.
    """
    n_unsent = 0
    for index in range(n_entries):
        entry = entries[index]
        link = links[entry.descriptor]
        if link.connection_id != entry.connection_id:
            continue
        sent = np.int64(0)
        is_broken = 0
        if not link.is_blocked:
            sent = _send(
                entry.descriptor,
                arena.ctypes.data + entry.start,
                entry.length,
                _MSG_DONTWAIT | _MSG_NOSIGNAL,
            )
            if sent == entry.length:
                continue
            if sent < 0:
                is_broken = 0 if _errno()[0] in _TRY_AGAIN else 1
                sent = np.int64(0)
            link.is_blocked = 1
        unsent[n_unsent, 0] = index
        unsent[n_unsent, 1] = sent
        unsent[n_unsent, 2] = is_broken
        n_unsent += 1
    return n_unsent
