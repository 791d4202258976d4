"""Publishes the roster: the snapshot by which gateways and rules know the admitted terminals."""

import fcntl

from django.conf import settings
from django.db import transaction

from qintong.stream import roster

from .roster_changes import RosterChange
from .vehicles import Vehicle

ROSTER = "roster.arrow"


def publish_roster() -> int:
    """Writes the snapshot as the database now has it; returns the number of admitted terminals.

    Writers wait for each other, so the last snapshot written is the newest.
    """
    path = settings.VAR_DIR / ROSTER
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        vehicles = (
            Vehicle.objects.filter(terminal__state="admitted")
            .select_related("vehicle_class", "terminal")
            .order_by("terminal")
        )
        return roster.write(path, (_entry(vehicle) for vehicle in vehicles.iterator()))


def publish_roster_after_commit() -> None:
    """Once, when the running transaction has committed; at once outside of one."""
    connection = transaction.get_connection()
    if not any(hook[1] is publish_roster for hook in connection.run_on_commit):
        transaction.on_commit(publish_roster)


def publish_changed_roster() -> bool:
    """Writes the snapshot if something was changed since, or if there is none yet; True if it did."""
    with transaction.atomic():
        changed, _ = RosterChange.objects.all().delete()
        if not changed and (settings.VAR_DIR / ROSTER).exists():
            return False
        publish_roster()
    return True


def _entry(vehicle: Vehicle) -> roster.Entry:
    terminal, limits = vehicle.terminal, vehicle.vehicle_class
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
