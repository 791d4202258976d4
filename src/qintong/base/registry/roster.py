"""Publishes the roster: the snapshot by which gateways and rules know the admitted terminals."""

import fcntl

from django.conf import settings
from django.db import transaction

from qintong.stream import roster

from .roster_changes import RosterChange
from .terminals import Terminal

ROSTER = "roster.arrow"


def publish_roster() -> int:
    """Writes the snapshot as the database now has it; returns the number of admitted terminals.

    Writers wait for each other, so the last snapshot written is the newest.
    """
    path = settings.VAR_DIR / ROSTER
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        terminals = (
            Terminal.objects.filter(state=Terminal.State.ADMITTED, vehicle__isnull=False)
            .select_related("vehicle__vehicle_class")
            .order_by("pk")
        )
        return roster.write(path, (_entry(terminal) for terminal in terminals.iterator()))


def publish_roster_after_commit() -> None:
    """Once, when the running transaction has committed; at once outside of one."""
    connection = transaction.get_connection()
    if not any(hook[1] is publish_roster for hook in connection.run_on_commit):
        transaction.on_commit(publish_roster)


def publish_changed_roster() -> bool:
    """Writes the snapshot if something was changed since, or if there is none yet; True if it did."""
    changed, _ = RosterChange.objects.all().delete()
    if not changed and (settings.VAR_DIR / ROSTER).exists():
        return False
    publish_roster()
    return True


def _entry(terminal: Terminal) -> roster.Entry:
    vehicle = terminal.vehicle
    assert vehicle is not None
    limits = vehicle.vehicle_class
    return roster.Entry(
        terminal_id=terminal.pk,
        vehicle_id=vehicle.pk,
        identity=bytes(terminal.identity),
        device_number=terminal.device_number,
        plate_number=vehicle.plate_number,
        plate_colour=vehicle.plate_colour,
        token=terminal.token,
        speed_limit_kmh=limits.speed_limit_kmh,
        offline_limit_s=limits.offline_limit_s,
        edition_pinned=terminal.edition_pinned,
    )
