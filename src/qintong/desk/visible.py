"""The scope rule: which rows a person may see. Written once, applied at every door to rows."""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Q

from qintong.desk.scope import Grant, Scope

if TYPE_CHECKING:
    from qintong.desk.resource import ScopeBy

NOTHING = Q(pk__in=())


def visible(scope: Scope, permission: str, by: "ScopeBy") -> Q:
    """Rows that at least one grant holding the permission covers. A row without a place is seen only
    by grants that are not limited to one."""
    return reduce(or_, (_covered(grant, by) for grant in scope.grants_for(permission)), NOTHING)


def _covered(grant: Grant, by: "ScopeBy") -> Q:
    covered = Q()
    if by.region and grant.region_prefix:
        covered &= Q(**{f"{by.region}__startswith": grant.region_prefix})
    if by.organisation and grant.organisation_path:
        covered &= Q(**{by.organisation: grant.organisation_path}) | Q(
            **{f"{by.organisation}__startswith": f"{grant.organisation_path}/"}
        )
    if by.business_line and grant.business_line:
        covered &= Q(**{by.business_line: grant.business_line})
    return covered or ~NOTHING
