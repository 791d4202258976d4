"""Slow-down and lock-out of sign-ins, by account and by address.

A try is counted before the password is looked at and taken back when it was right, so that many
tries at once cannot pass under the limit. Names that belong to nobody are counted like others.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from .policy import Item, policy
from .rules.lockout import Limits, counted, wait_after
from .sign_in_failures import SignInFailure


@dataclass(frozen=True, slots=True)
class Claim:
    """A counted try. `locked_until` set: it is refused unseen."""

    account: str
    address: str
    locked_until: datetime | None = None
    is_address: bool = False
    """The address is what is locked."""
    left: int = 0
    """Failures left before the lock, should this one fail."""
    lock: timedelta = timedelta(0)


def claim(login_name: str, address: str) -> Claim:
    """Counts a try of this account from this address, or says until when both must wait."""
    today = timezone.localdate()
    lock = timedelta(minutes=policy(Item.LOCKOUT_MINUTES, today))
    by_account = Limits(policy(Item.LOCKOUT_FAILURES, today), lock)
    by_address = Limits(policy(Item.ADDRESS_FAILURES, today), lock, slows_down=False)
    account = f"account:{sha256(login_name.lower().encode()).hexdigest()}"
    network = f"address:{_network(address)}"
    with transaction.atomic():
        failures = {s: _row(s) for s in sorted((account, network))}
        now = timezone.now()
        for subject in (network, account):
            until = failures[subject].locked_until
            if until is not None and until > now:
                return Claim(account, network, until, subject == network, lock=lock)
        _count(failures[network], now, by_address)
        left = by_account.failures - _count(failures[account], now, by_account)
    return Claim(account, network, left=left, lock=lock)


def settle(claimed: Claim) -> None:
    """The password was right: the account's failures are forgotten, the address gets its try back."""
    SignInFailure.objects.filter(subject=claimed.account).delete()
    with transaction.atomic():
        row = _row(claimed.address)
        row.count, row.locked_until = max(row.count - 1, 0), None
        row.save()


def _row(subject: str) -> SignInFailure:
    SignInFailure.objects.bulk_create(
        [SignInFailure(subject=subject, last_at=timezone.now())], ignore_conflicts=True
    )
    return SignInFailure.objects.select_for_update().get(subject=subject)


def _count(row: SignInFailure, now: datetime, limits: Limits) -> int:
    row.count = counted(row.count, row.last_at, now, limits) + 1
    row.last_at = now
    row.locked_until = now + wait_after(row.count, limits)
    row.save()
    return row.count


def _network(address: str) -> str:
    """An IPv6 household owns a /64; counting single addresses of it would count nothing."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
