"""How much of what a feed should bring has come."""

import time

import numpy as np
from django.conf import settings

from qintong.base.registry.models import Terminal, Vehicle
from qintong.stream.state import State, state_path

from .data_feeds import Feed


def completeness(feed: Feed) -> float | None:
    """Of the positions: the share of operating vehicles with an admitted terminal that were heard
    before the feed would count as dead. None where nothing can be expected."""
    if feed.code != "position":
        return None
    expected = np.fromiter(
        Terminal.objects.filter(
            state=Terminal.State.ADMITTED, vehicle__state=Vehicle.State.OPERATING
        ).values_list("vehicle_id", flat=True),
        np.int64,
    )
    if not len(expected):
        return None
    rows = State.open_read(state_path(settings.VAR_DIR)).rows()
    since_ms = (time.time() - feed.dead_after_s) * 1000
    heard = rows["vehicle_id"][rows["heard_at_ms"] > since_ms]
    return float(np.isin(expected, heard).mean())
