"""What the person behind a request may see and do. Made by base.identity, used by every door to rows."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class Grant:
    """One role assignment: these permissions hold inside this place."""

    permissions: frozenset[str]
    """`app_label.action_model` as Django writes them: registry.view_vehicle; `*` = every one."""

    region_prefix: str = ""
    """Significant digits of a division code (GB/T 2260): "" whole country, "61" province, "6101" city."""

    organisation_path: str = ""
    """Path of an organisation subtree (`610000-DOT/610100-CBU`); "" = not limited by organisation."""

    business_line: str = ""
    """Business line; "" = all."""

    def allows(self, permission: str) -> bool:
        return "*" in self.permissions or permission in self.permissions


@dataclass(frozen=True, slots=True)
class Scope:
    """Evaluated once per request. A row is visible when one grant with the permission covers its place."""

    user_id: int | None = None
    name: str = ""
    organisation_name: str = ""
    place_name: str = ""
    grants: tuple[Grant, ...] = ()
    unmasked: frozenset[str] = field(default_factory=frozenset)
    """Data grades this person may read in clear."""

    def allows(self, permission: str) -> bool:
        """True when some grant holds the permission, wherever."""
        return any(grant.allows(permission) for grant in self.grants)

    def grants_for(self, permission: str) -> Iterable[Grant]:
        return (grant for grant in self.grants if grant.allows(permission))

    @property
    def key(self) -> str:
        """Stable digest of what is visible: part of every cache key that holds scoped rows."""
        grants = [
            (sorted(g.permissions), g.region_prefix, g.organisation_path, g.business_line)
            for g in self.grants
        ]
        return blake2b(repr((grants, sorted(self.unmasked))).encode(), digest_size=8).hexdigest()


NOBODY = Scope()
