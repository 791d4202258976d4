"""What a gateway counts, and its small health file that the cockpit reads."""

import json
import os
from collections import Counter
from contextlib import suppress
from pathlib import Path

from qintong.stream.gateways.reasons import Reason


class Tally:
    """Counters since the start; rates over the last interval."""

    def __init__(self) -> None:
        self.messages = 0
        self.positions = 0
        self.answers = 0
        self.reasons: Counter[Reason] = Counter()
        self._before = (0, 0, 0)
        self._before_ms = 0

    def count(self, reason: Reason, amount: int = 1) -> None:
        if amount:
            self.reasons[reason] += amount

    def rates(self, tick_ms: int) -> dict[str, float]:
        """Messages, positions and answers per second since the last call, by a clock without jumps."""
        current = (self.messages, self.positions, self.answers)
        seconds = max(1, tick_ms - self._before_ms) / 1000
        names = ("messages_per_s", "positions_per_s", "answers_per_s")
        rates = {
            name: round((now - before) / seconds, 1)
            for name, now, before in zip(names, current, self._before, strict=True)
        }
        self._before, self._before_ms = current, tick_ms
        return rates


def write_health(path: Path, values: dict[str, object]) -> None:
    """Replace the health file. A disk that is full leaves the old one, whose `at_ms` tells."""
    draft = path.with_suffix(".new")
    try:
        draft.write_text(json.dumps(values, ensure_ascii=False))
        os.replace(draft, path)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
