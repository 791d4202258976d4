"""The door: which person and which scope stand behind a session, a token, a user.

Answers are cached by the scope version (scope_version.py): a changed role, a disabled user and an
ended session act within SCOPE_RECHECK_S seconds in every process.
"""

import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from qintong.desk.scope import NOBODY, Grant, Scope

from .api_tokens import ApiToken, token_digest
from .login_sessions import LoginSession
from .regions import Region
from .role_assignments import RoleAssignment
from .rules.division_code import significant_digits
from .scope_version import ScopeVersion
from .users import User

ACTIVITY_FRESH_S = 30.0
"""A cached session knows its last activity at most this many seconds late."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A session that holds: who it is and what they may."""

    login_session: LoginSession
    user: User
    scope: Scope

    def holds(self, now: datetime) -> bool:
        """False once the idle or the longest time is over."""
        session = self.login_session
        idle_until = session.last_active_at + timedelta(seconds=session.idle_limit_s)
        return now < min(session.ends_at, idle_until)


class _Cache:
    """Scopes and standings at one scope version and day; emptied when either moves."""

    def __init__(self) -> None:
        self.checked_at = float("-inf")
        self.key: object = None
        self.scopes: dict[int, Scope] = {}
        self.standings: dict[str, tuple[float, Standing]] = {}

    def check(self) -> None:
        now = time.monotonic()
        if now - self.checked_at < settings.SCOPE_RECHECK_S:
            return
        number = ScopeVersion.objects.values_list("number", flat=True).get(id=1)
        key = (number, timezone.localdate())
        if key != self.key or settings.SCOPE_RECHECK_S == 0:
            self.scopes, self.standings, self.key = {}, {}, key
        self.checked_at = now


_cache = _Cache()


def session_digest(session_key: str) -> str:
    """What is stored of a session key: knowing the row does not let anyone in."""
    return sha256(session_key.encode()).hexdigest()


def standing_of_session(session_key: str) -> Standing | None:
    """None: unknown, ended, idle too long, past its longest time, or its user disabled."""
    _cache.check()
    digest = session_digest(session_key)
    known = _cache.standings.get(digest)
    if known is None or time.monotonic() - known[0] > ACTIVITY_FRESH_S:
        standing = _load_standing(digest)
        if standing is None:
            _cache.standings.pop(digest, None)
            return None
        known = (time.monotonic(), standing)
        _cache.standings[digest] = known
    standing = known[1]
    return standing if standing.holds(timezone.now()) else None


def scope_of_session(session_key: str) -> Scope | None:
    """Scope behind a session cookie, for tiles and live feeds. Looking does not count as activity."""
    standing = standing_of_session(session_key)
    return standing.scope if standing else None


def scope_of_user(user_id: int) -> Scope:
    """NOBODY when the user is unknown or disabled."""
    _cache.check()
    if user_id not in _cache.scopes:
        _cache.scopes[user_id] = _load_scope(user_id)
    return _cache.scopes[user_id]


def user_of_token(raw: str) -> tuple[User, Scope] | None:
    """The owner of a token and their rights cut down to the token's. None: unknown, expired, revoked."""
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=token_digest(raw), revoked_at__isnull=True, expires_at__gt=now)
        .filter(user__is_active=True)
        .first()
    )
    if token is None:
        return None
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    scope = scope_of_user(token.user_id)
    return token.user, narrowed(scope, frozenset(token.permissions)) if token.permissions else scope


def narrowed(scope: Scope, permissions: frozenset[str]) -> Scope:
    """The same places, but no more than these permissions."""
    grants = tuple(
        replace(g, permissions=permissions if "*" in g.permissions else g.permissions & permissions)
        for g in scope.grants
    )
    return replace(scope, grants=grants)


def forget(session_key: str) -> None:
    """Drop what this process has cached of a session: its activity was just recorded."""
    _cache.standings.pop(session_digest(session_key), None)


def _load_standing(digest: str) -> Standing | None:
    session = (
        LoginSession.objects.select_related("user__organisation__region")
        .filter(session_digest=digest, ended_at__isnull=True, user__is_active=True)
        .first()
    )
    if session is None:
        return None
    return Standing(session, session.user, scope_of_user(session.user_id))


def _load_scope(user_id: int) -> Scope:
    user = (
        User.objects.select_related("organisation__region")
        .filter(pk=user_id, is_active=True)
        .first()
    )
    if user is None:
        return NOBODY
    today = timezone.localdate()
    assignments = (
        RoleAssignment.objects.filter(user=user, valid_from__lte=today)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today))
        .select_related("role", "region", "organisation")
        .order_by("pk")
    )
    grants = []
    unmasked: set[str] = set()
    for assignment in assignments:
        grants.append(
            Grant(
                permissions=frozenset(assignment.role.permissions),
                region_prefix=significant_digits(assignment.region.code),
                organisation_path=assignment.organisation.path if assignment.organisation else "",
                business_line=assignment.business_line,
            )
        )
        unmasked.update(assignment.role.data_grades)
    region = user.organisation.region
    return Scope(
        user_id=user.pk,
        name=user.name,
        organisation_name=user.organisation.name,
        place_name="全省" if region.level == Region.Level.PROVINCE else region.name,
        grants=tuple(grants),
        unmasked=frozenset(unmasked),
    )
