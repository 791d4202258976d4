"""Keeps the state from the log."""

from pathlib import Path

from qintong.stream.log import Batch
from qintong.stream.state.writer import StateWriter
from qintong.stream.topics import POSITION

SETTLE_EVERY_MS = 5_000


class StateConsumer:
    """Positions into the mapped file. It may take rows twice: an old report moves nothing."""

    name, topic = "state", POSITION

    def __init__(self, path: Path) -> None:
        self._writer = StateWriter(path)
        self._settled_at_ms = 0

    def start(self, partition: str) -> int | None:
        return None

    def take(self, batch: Batch) -> None:
        self._writer.apply(batch.rows)

    def caught_up(self, now_ms: int) -> None:
        pass

    def settle(self, now_ms: int, is_last: bool) -> bool:
        """The file reaches the disk before the offset does, so that no power cut can put the
        offset ahead of the positions."""
        if not is_last and 0 <= now_ms - self._settled_at_ms < SETTLE_EVERY_MS:
            return False
        self._writer.flush()
        self._settled_at_ms = now_ms
        return True

    def close(self) -> None:
        self._writer.close()
