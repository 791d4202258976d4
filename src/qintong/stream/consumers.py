"""Consumers: what is done with the rows of a topic, apart from how they are fetched.

Delivery is at least once: after a crash rows are taken again that had been taken but not settled.
A consumer either keeps its offsets together with its effect (`start`) or has an effect that may be
repeated without harm.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from qintong.stream.log import Batch
from qintong.stream.topics import Topic


class Consumer(Protocol):
    """One consumer of one topic, used by one thread."""

    @property
    def name(self) -> str:
        """Under which its offsets are kept."""

    @property
    def topic(self) -> Topic: ...

    def start(self, partition: str) -> int | None:
        """Offset the effect itself says to go on at; None = the committed one."""

    def take(self, batch: Batch) -> None:
        """Take rows. When it raises, the same batch is given again, after a pause."""

    def caught_up(self, now_ms: int) -> None:
        """Called often, when all rows committed before `now_ms` have been taken."""

    def settle(self, now_ms: int, is_last: bool) -> bool:
        """True when everything taken is durable in the effect; its offset is then committed.

        Called between batches and at least twice a second, so it is also the consumer's clock.
        `is_last`: the process ends, settle now. When it raises, it is called again after a pause,
        and nothing is taken meanwhile.
        """

    def close(self) -> None: ...


def no_clock(now_ms: int) -> None:
    """A feed that does nothing between batches."""


@dataclass(frozen=True)
class FunctionConsumer:
    """A function whose effect is durable when it returns and harmless when repeated."""

    name: str
    topic: Topic
    function: Callable[[Batch], None]
    clock: Callable[[int], None] = no_clock
    """Called between batches, at least twice a second."""

    def start(self, partition: str) -> int | None:
        return None

    def take(self, batch: Batch) -> None:
        self.function(batch)

    def caught_up(self, now_ms: int) -> None:
        pass

    def settle(self, now_ms: int, is_last: bool) -> bool:
        self.clock(now_ms)
        return True

    def close(self) -> None:
        pass


FEEDS: dict[str, FunctionConsumer] = {}
"""What the rooms take from the log, filled by `@consumer` in their feeds.py."""


def consumer(
    name: str, topic: Topic, clock: Callable[[int], None] = no_clock
) -> Callable[[Callable[[Batch], None]], Callable[[Batch], None]]:
    """Register a room's feed, `name` like "command.alarms". The function must be idempotent: it
    runs in one database transaction for each batch, and a batch may come twice."""

    def register(function: Callable[[Batch], None]) -> Callable[[Batch], None]:
        if name in FEEDS:
            raise ValueError(f"a feed named {name} is registered already")
        FEEDS[name] = FunctionConsumer(name, topic, function, clock)
        return function

    return register
