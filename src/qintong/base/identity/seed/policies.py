"""First rows of the security policy: industry practice, to be checked against the printed standards."""

from datetime import date

from ..policy import DEFAULTS
from ..security_policies import SecurityPolicy

VALID_FROM = date(2026, 1, 1)


def seed_policies() -> int:
    """Adds an item only where the table has none: an edited policy stays."""
    for item, value in DEFAULTS.items():
        if not SecurityPolicy.objects.filter(item=item).exists():
            SecurityPolicy.objects.create(
                item=item,
                value=value,
                valid_from=VALID_FROM,
                basis="GB/T 22239-2019 8.1.4.1",
                source="行业惯例，数值未核对",
                verified=False,
            )
    return len(DEFAULTS)
