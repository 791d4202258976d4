"""What the gateways last said of themselves in var/run/gateway-*.json."""

import json
import time
from dataclasses import dataclass

from django.conf import settings

PULSE_S = 5.0
"""A gateway writes every second; silence for longer means it is down."""


@dataclass(frozen=True, slots=True)
class Gateway:
    name: str
    connections: int
    messages_per_s: float
    positions_per_s: float


def gateways() -> list[Gateway]:
    """Those that run. A broken file is that of a gateway that does not."""
    found = []
    for path in sorted((settings.VAR_DIR / "run").glob("gateway-*.json")):
        try:
            said = json.loads(path.read_text())
            if time.time() - said["at_ms"] / 1000 > PULSE_S:
                continue
            found.append(
                Gateway(
                    str(said["name"]),
                    int(said["connections"]),
                    float(said["messages_per_s"]),
                    float(said["positions_per_s"]),
                )
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found
