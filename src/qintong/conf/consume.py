"""`qintong consume state lake rules feeds`: any of them, in one process."""

import argparse
import os
import time
from collections.abc import Callable

import structlog

from qintong.conf.bootstrap.places import VAR_DIR
from qintong.stream import consume
from qintong.stream.consumers import FEEDS, Consumer, FunctionConsumer, no_clock
from qintong.stream.lake import lake_path
from qintong.stream.lake.consumer import LakeConsumer
from qintong.stream.log import Batch, LogError, LogFull
from qintong.stream.log.local import open_log, repair
from qintong.stream.rules.consumer import RulesConsumer
from qintong.stream.state import state_path
from qintong.stream.state.consumer import StateConsumer

logger = structlog.get_logger()

WAIT_FOR_ROOM_S = 1.0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="qintong consume", description=__doc__)
    parser.add_argument("names", nargs="+", choices=["state", "lake", "rules", "feeds"])
    names = parser.parse_args(arguments).names
    while True:
        try:
            return _run(names)
        except LogFull as full:  # at start as in full run: room comes back, then it goes on
            logger.warning("consumers_wait_for_room", reason=str(full))
        except (LogError, OSError) as error:
            logger.error("consumers_cannot_start", reason=str(error))
            return 1
        time.sleep(WAIT_FOR_ROOM_S)


def _run(names: list[str]) -> int:
    repair(VAR_DIR / "log")
    log = open_log(VAR_DIR / "log", "rules" if "rules" in names else None)
    consumers: list[Consumer] = []
    if "state" in names:
        consumers.append(StateConsumer(state_path(VAR_DIR)))
    if "lake" in names:
        keep_days = os.environ.get("QINTONG_LAKE_DAYS")
        consumers.append(LakeConsumer(lake_path(VAR_DIR), int(keep_days) if keep_days else None))
    if "feeds" in names:
        consumers += _feeds()
    if "rules" in names:
        memory = VAR_DIR / "state" / "rules.npz"
        consumers.append(RulesConsumer(log, memory, VAR_DIR / "roster.arrow", consume.now_ms()))
    try:
        return consume.run(log, consumers, VAR_DIR / "run")
    finally:
        log.close()


def _feeds() -> list[FunctionConsumer]:
    """The rooms' feeds, each batch in one transaction on a connection that is known to live."""
    import django
    from django.db import close_old_connections, transaction
    from django.utils.module_loading import autodiscover_modules

    django.setup()
    autodiscover_modules("feeds")

    def in_transaction(function: Callable[[Batch], None]) -> Callable[[Batch], None]:
        def take(batch: Batch) -> None:
            close_old_connections()
            with transaction.atomic():
                function(batch)

        return take

    def on_live_connection(clock: Callable[[int], None]) -> Callable[[int], None]:
        def tick(now_ms: int) -> None:
            if clock is not no_clock:
                close_old_connections()
                clock(now_ms)

        return tick

    return [
        FunctionConsumer(
            feed.name, feed.topic, in_transaction(feed.function), on_live_connection(feed.clock)
        )
        for feed in FEEDS.values()
    ]
