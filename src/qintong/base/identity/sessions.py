"""Login sessions begin and end here; nothing else writes their rows."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest
from django.utils import timezone

from .choices import SessionEnd
from .door import session_digest
from .login_sessions import LoginSession
from .policy import Item, policy
from .session_ends import end_login_sessions
from .users import User


def begin_login_session(request: HttpRequest, user: User, **_: Any) -> LoginSession:
    """A row for the session that Django has just opened. Ends the oldest ones above the limit."""
    now = timezone.now()
    today = timezone.localdate()
    is_officer = bool(user.officer_kind)
    longest = timedelta(hours=policy(Item.SESSION_HOURS, today))
    idle = timedelta(
        minutes=policy(Item.OFFICER_IDLE_MINUTES if is_officer else Item.IDLE_MINUTES, today)
    )
    if request.session.get("keep") and not is_officer:
        idle = longest
    limit = policy(Item.OFFICER_SESSIONS if is_officer else Item.SESSIONS, today)
    running = LoginSession.objects.filter(user=user, ended_at__isnull=True).order_by("-started_at")
    surplus = list(running.values_list("pk", flat=True)[limit - 1 :])
    end_login_sessions(LoginSession.objects.filter(pk__in=surplus), SessionEnd.SUPERSEDED)
    return LoginSession.objects.create(
        user=user,
        session_digest=session_digest(request.session.session_key or ""),
        address=request.META.get("REMOTE_ADDR"),
        device=request.headers.get("User-Agent", "")[:200],
        started_at=now,
        last_active_at=now,
        ends_at=now + longest,
        idle_limit_s=int(idle.total_seconds()),
    )


def end_own_login_session(request: HttpRequest, **_: Any) -> None:
    """Signing out ends the row at once."""
    if key := request.session.session_key:
        ended = LoginSession.objects.filter(session_digest=session_digest(key))
        end_login_sessions(ended, SessionEnd.SIGNED_OUT)


def renew_session_key(request: HttpRequest, user: User) -> None:
    """After a change of password: a new key for the same session, so a stolen cookie dies with it."""
    update_session_auth_hash(request, user)
    LoginSession.objects.filter(pk=request.login_session.pk).update(  # type: ignore[attr-defined]
        session_digest=session_digest(request.session.session_key or "")
    )
