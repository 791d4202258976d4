"""The security policy of a day, read from its dated table."""

from datetime import date
from types import MappingProxyType

from django.db.models import Q

from .security_policies import SecurityPolicy

Item = SecurityPolicy.Item
DEFAULTS = MappingProxyType(
    {
        Item.PASSWORD_LENGTH: 8,
        Item.OFFICER_PASSWORD_LENGTH: 12,
        Item.PASSWORD_CLASSES: 3,
        Item.PASSWORD_AGE: 90,
        Item.PASSWORD_HISTORY: 5,
        Item.LOCKOUT_FAILURES: 5,
        Item.LOCKOUT_MINUTES: 30,
        Item.ADDRESS_FAILURES: 30,
        Item.IDLE_MINUTES: 30,
        Item.OFFICER_IDLE_MINUTES: 15,
        Item.SESSION_HOURS: 8,
        Item.SESSIONS: 3,
        Item.OFFICER_SESSIONS: 1,
    }
)
"""Industry practice, unverified (see the seed's rows): used where the table is silent."""


def policy(item: SecurityPolicy.Item, on: date) -> int:
    """Value of an item on a day."""
    row = (
        SecurityPolicy.objects.filter(item=item, valid_from__lte=on)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
        .order_by("-valid_from")
        .values_list("value", flat=True)
        .first()
    )
    return DEFAULTS[item] if row is None else row
