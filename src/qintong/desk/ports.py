"""What the desk kit asks of the floor above it: plugged in once by base.identity at start.

So desk has no models of its own and imports nothing from above.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qintong.desk.scope import Scope


@dataclass(frozen=True, slots=True)
class Ports:
    """One implementation a process; every member is needed."""

    saved_filters: type[Any]
    """Model: user, resource, title, query, position, shared."""
    transfer_runs: type[Any]
    """Model: one import or export with its state, progress, files and who asked for it."""
    scope_of_user: Callable[[int], Scope]
    """Scope of a person outside a request: a job acts with the rights its owner has when it runs."""
    user_of_token: Callable[[str], tuple[Any, Scope] | None]
    """Bearer token → the user it belongs to and the token's own scope; None: unknown, expired, withdrawn."""


_plugged: list[Ports] = []


def plug(ports: Ports) -> None:
    """Called from AppConfig.ready(); a second call raises."""
    if _plugged:
        raise RuntimeError(f"desk is plugged in twice: {_plugged[0]!r} and {ports!r}")
    _plugged.append(ports)


def ports() -> Ports:
    """Raises LookupError when nothing has been plugged in."""
    if not _plugged:
        raise LookupError("desk.ports: no floor above has called plug()")
    return _plugged[0]
