"""Delegated administration: a right can be handed on only inside the giver's own scope. Pure."""

from collections.abc import Iterable

from qintong.desk.scope import Grant


def covers(giver: Grant, region_prefix: str, organisation_path: str, business_line: str) -> bool:
    """True when the place of a new assignment lies inside one grant of the giver.

    An unlimited axis (empty) lies only inside an unlimited one.
    """
    if not region_prefix.startswith(giver.region_prefix):
        return False
    if giver.organisation_path and not (
        organisation_path == giver.organisation_path
        or organisation_path.startswith(f"{giver.organisation_path}/")
    ):
        return False
    return not giver.business_line or business_line == giver.business_line


def may_give(
    givers: Iterable[Grant], region_prefix: str, organisation_path: str, business_line: str
) -> bool:
    """True when one of the giver's grants covers the place; two halves do not add up to one."""
    return any(covers(giver, region_prefix, organisation_path, business_line) for giver in givers)
