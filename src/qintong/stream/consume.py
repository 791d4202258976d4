"""The process that runs consumers: a thread for each, stopped together, measured in var/run."""

import json
import os
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog

from qintong.stream.consumers import Consumer
from qintong.stream.log import Batch, Log

logger = structlog.get_logger()

MAX_ROWS = 65536
POLL_S = 0.25
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 10.0
METRICS_EVERY_S = 2.0


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Metrics:
    """What `var/run/consume-NAME.json` says."""

    name: str
    topic: str
    pid: int
    at_ms: int = 0
    rows: int = 0
    """Since the start of the process."""
    rows_per_s: float = 0.0
    """Over the last interval."""
    lag_rows: int = 0
    lag_s: float = 0.0
    """Age of the last row taken while others wait; 0 when none waits."""
    last_row_at_ms: int = 0
    """Commit time of the last row taken."""
    error: str = ""
    """Why it is not getting on; empty when it is."""


class Loop:
    """Fetches, takes, settles and commits for one consumer until told to stop."""

    def __init__(self, log: Log, consumer: Consumer, run: Path, stopping: threading.Event) -> None:
        self._consumer, self._stopping = consumer, stopping
        self._reader = log.reader(consumer.topic, consumer.name, consumer.start)
        self._taken: dict[str, Batch] = {}
        self._suffered, self._pause = "", FIRST_PAUSE_S
        self._file = run / f"consume-{consumer.name}.json"
        self._metrics = Metrics(consumer.name, consumer.topic.name, os.getpid())
        self._measured = (time.monotonic(), 0)

    def run(self) -> None:
        batch: Batch | None = None
        while not self._stopping.is_set():
            if self._settle(is_last=False):
                batch = batch or self._reader.read(MAX_ROWS, POLL_S)
                if batch is not None and self._take(batch):
                    batch = None
                if batch is None and self._reader.lag() == 0:
                    self._caught_up()
            self._measure()
        self._settle(is_last=True)
        self._measure(is_last=True)
        self._consumer.close()
        self._reader.close()

    def _take(self, batch: Batch) -> bool:
        try:
            self._consumer.take(batch)
        except Exception as error:  # noqa: BLE001 - outer loop of a consumer
            return self._suffer("consumer_take_failed", error)
        self._taken[batch.partition] = batch
        self._metrics.rows += len(batch.rows)
        self._metrics.last_row_at_ms = batch.committed_at_ms
        return self._get_on("consumer_take_failed")

    def _caught_up(self) -> None:
        try:
            self._consumer.caught_up(now_ms())
        except Exception as error:  # noqa: BLE001 - outer loop of a consumer
            self._suffer("consumer_clock_failed", error)
        else:
            self._get_on("consumer_clock_failed")

    def _settle(self, *, is_last: bool) -> bool:
        """False when the consumer could not settle: then nothing more is taken for now."""
        try:
            if self._consumer.settle(now_ms(), is_last):
                for partition in list(self._taken):
                    self._reader.commit(self._taken[partition])
                    del self._taken[partition]
        except Exception as error:  # noqa: BLE001 - outer loop of a consumer
            return self._suffer("consumer_settle_failed", error)
        return self._get_on("consumer_settle_failed")

    def _get_on(self, event: str) -> bool:
        if self._suffered == event:
            self._suffered, self._metrics.error, self._pause = "", "", FIRST_PAUSE_S
        return True

    def _suffer(self, event: str, error: Exception) -> bool:
        """Say it (with the trace when it is new) and wait a while."""
        is_new = self._suffered != event
        logger.error(
            event,
            consumer=self._consumer.name,
            error=str(error),
            exc_info=error if is_new else None,
        )
        self._suffered, self._metrics.error = event, f"{type(error).__name__}: {error}"
        self._stopping.wait(self._pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE_S)
        return False

    def _measure(self, *, is_last: bool = False) -> None:
        now, (then, rows) = time.monotonic(), self._measured
        if now - then < METRICS_EVERY_S and not is_last:
            return
        metrics = self._metrics
        self._measured = (now, metrics.rows)
        metrics.at_ms = now_ms()
        metrics.rows_per_s = round((metrics.rows - rows) / max(now - then, 1e-3), 1)
        metrics.lag_rows = self._reader.lag()
        behind = metrics.at_ms - metrics.last_row_at_ms if metrics.last_row_at_ms else 0
        metrics.lag_s = round(max(behind, 0) / 1000, 3) if metrics.lag_rows else 0.0
        draft = self._file.with_suffix(".new")
        try:
            draft.write_text(json.dumps(asdict(metrics)))
            draft.replace(self._file)
        except OSError as refused:
            logger.warning("metrics_not_written", file=str(self._file), error=str(refused))


def run(log: Log, consumers: Sequence[Consumer], run_dir: Path) -> int:
    """Run consumers until SIGTERM or SIGINT; the exit code. Not 0 when one of them broke down."""
    run_dir.mkdir(parents=True, exist_ok=True)
    stopping, broken = threading.Event(), threading.Event()

    def work(consumer: Consumer) -> None:
        try:
            Loop(log, consumer, run_dir, stopping).run()
        except Exception as error:
            logger.error("consumer_broke_down", consumer=consumer.name, exc_info=error)
            broken.set()
            stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    threads = [threading.Thread(target=work, args=(c,), name=c.name) for c in consumers]
    for thread in threads:
        thread.start()
    logger.info("consumers_started", names=[c.name for c in consumers])
    for thread in threads:
        while thread.is_alive():
            thread.join(1.0)
    logger.info("consumers_stopped", names=[c.name for c in consumers])
    return 1 if broken.is_set() else 0
