"""Runs the rules on the log: positions in, alarms out, with a memory that survives a restart."""

import io
import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from qintong.stream.log import Batch, Log, durable
from qintong.stream.roster import Watch
from qintong.stream.rules.engine import Engine
from qintong.stream.topics import ALARM, POSITION

logger = structlog.get_logger()

SNAPSHOT_EVERY_MS = 10_000
TICK_EVERY_MS = 1_000
CLOCK_JUMP_MS = 30_000
KIND = 1


class RulesConsumer:
    """Alarms are committed before the memory, and the memory names the offsets it has seen. After a
    crash the rows in between are judged again, and give the same alarms under the same keys."""

    name, topic = "rules", POSITION

    def __init__(self, log: Log, memory: Path, roster: Path, now_ms: int) -> None:
        """`log` is written here and must be open for the writer "rules"."""
        self._log, self._memory = log, memory
        self._watch = Watch(roster)
        self._engine = Engine(listening_since_ms=now_ms)
        self._offsets: dict[str, int] = {}
        self._ticked_at_ms = self._saved_at_ms = 0
        self._is_dirty = False
        self._clock = (now_ms, time.monotonic())
        self._own = log.reader(ALARM, "rules.memory")
        self._recall()
        for told in self._own_alarms():
            self._engine.recall(told.rows)
        self._engine.use(self._watch.roster)

    def start(self, partition: str) -> int | None:
        return self._offsets.get(partition)

    def take(self, batch: Batch) -> None:
        self._raise(self._engine.apply(batch.rows))
        self._offsets[batch.partition] = batch.next_offset

    def caught_up(self, now_ms: int) -> None:
        """All that was committed has been taken: now the clock may judge."""
        if 0 <= now_ms - self._ticked_at_ms < TICK_EVERY_MS:
            return
        self._ticked_at_ms = now_ms
        (then_ms, then), now = self._clock, time.monotonic()
        self._clock = (now_ms, now)
        if abs((now_ms - then_ms) - (now - then) * 1000) > CLOCK_JUMP_MS:
            logger.warning("clock_jumped", from_ms=then_ms, to_ms=now_ms)
            self._engine.listening_since_ms = now_ms
        if self._watch.poll():
            self._engine.use(self._watch.roster)
        self._raise(self._engine.tick(now_ms))

    def settle(self, now_ms: int, is_last: bool) -> bool:
        if self._is_dirty:
            self._log.commit()
            self._is_dirty = False
        if not is_last and 0 <= now_ms - self._saved_at_ms < SNAPSHOT_EVERY_MS:
            return False
        file = io.BytesIO()
        offsets = np.frombuffer(json.dumps(self._offsets).encode(), np.uint8)
        saved: dict[str, Any] = {"kind": KIND, "offsets": offsets, **self._engine.snapshot()}
        np.savez(file, **saved)
        self._memory.parent.mkdir(parents=True, exist_ok=True)
        durable.replace(self._memory, file.getvalue())
        for told in self._own_alarms():
            self._own.commit(told)
        self._saved_at_ms = now_ms
        return True

    def close(self) -> None:
        self._own.close()

    def _own_alarms(self) -> Iterator[Batch]:
        """Alarms of this process that the memory did not yet hold when they were last read."""
        while (batch := self._own.read()) is not None:
            if batch.partition == "rules":
                yield batch

    def _raise(self, alarms: np.ndarray) -> None:
        if len(alarms):
            self._log.append(ALARM, alarms)
            self._is_dirty = True

    def _recall(self) -> None:
        """A memory that cannot be read is left out: open incidents are then begun again by the
        reports that are still in the log."""
        if not self._memory.exists():
            return
        try:
            with np.load(self._memory) as saved:
                if saved["kind"] == KIND:
                    self._engine.restore(dict(saved))
                    self._offsets = json.loads(saved["offsets"].tobytes())
        except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
            logger.error("rules_memory_unreadable", path=str(self._memory), error=str(error))
