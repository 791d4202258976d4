"""Makes groups durable in a thread of its own, so that the loop goes on reading meanwhile."""

import os
import threading
from collections.abc import Callable
from queue import SimpleQueue

import structlog

from qintong.stream.gateways.jt808.group import Group
from qintong.stream.log import Log, LogError, LogFull

logger = structlog.get_logger()

RETRY_S = 0.5


class Committer:
    """One group at a time. While the log fails the group waits; nothing of it is acknowledged."""

    def __init__(self, open_log: Callable[[], Log]) -> None:
        self._open_log = open_log
        self._log: Log | None = open_log()
        self._groups: SimpleQueue[Group | None] = SimpleQueue()
        self._done: SimpleQueue[Group] = SimpleQueue()
        self._stopping = threading.Event()
        self.wake_descriptor = os.eventfd(0, os.EFD_NONBLOCK)
        """Readable when a group is durable."""
        self.failure = ""
        """Why the log takes nothing at present."""
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
        self._thread.start()

    def hand_over(self, group: Group) -> None:
        self._groups.put(group)

    def take_durable(self) -> Group:
        """The group that made `wake_descriptor` readable."""
        os.eventfd_read(self.wake_descriptor)
        return self._done.get()

    def stop(self) -> list[Group]:
        """Commit what was handed over, unless the log fails; the durable groups not yet taken."""
        self._stopping.set()
        self._groups.put(None)
        self._thread.join()
        if self._log is not None:
            self._log.close()
        os.close(self.wake_descriptor)
        return [self._done.get() for _ in range(self._done.qsize())]

    def _run(self) -> None:
        while (group := self._groups.get()) is not None:
            if self._make_durable(group):
                self._done.put(group)
                os.eventfd_write(self.wake_descriptor, 1)

    def _make_durable(self, group: Group) -> bool:
        is_appended = False
        while True:
            try:
                if self._log is None:
                    self._log = self._open_log()
                if not is_appended:
                    group.append_to(self._log)
                    is_appended = True
                self._log.commit()
            except LogError as error:
                self._note(str(error))
                if not isinstance(error, LogFull) and self._log is not None:
                    # In doubt: what was pending is given up with the log and appended again.
                    self._log.close()
                    self._log, is_appended = None, False
            else:
                self._note("")
                return True
            if self._stopping.wait(RETRY_S):
                return False

    def _note(self, failure: str) -> None:
        if bool(failure) != bool(self.failure):
            if failure:
                logger.error("log_refuses", reason=failure)
            else:
                logger.info("log_accepts_again")
        self.failure = failure
