"""Puts `request.scope` on every request, keeps strangers out, and sends first sign-ins to a new password."""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from qintong.desk.scope import NOBODY

from .door import forget, standing_of_session
from .login_sessions import LoginSession

TOUCH_AFTER = timedelta(minutes=1)
PASSWORD_PATH = "/account/password/"  # noqa: S105
OPEN_WITH_OLD_PASSWORD = (PASSWORD_PATH, "/sign-out/")


class ScopeMiddleware:
    """After AuthenticationMiddleware. A view marked `login_not_required` is open to everybody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        scheme = request.scheme
        request._get_scheme = lambda: scheme  # type: ignore[attr-defined]
        # Django keeps the ASGI scope under the same name and reads it later for the scheme only
        request.scope = NOBODY  # type: ignore[attr-defined]
        request.login_session = None  # type: ignore[attr-defined]
        if key := request.session.session_key:
            self._identify(request, key)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not getattr(view, "login_required", True):
            return None
        if request.login_session is None:  # type: ignore[attr-defined]
            return sign_in_first(request)
        if request.user.must_change_password and request.path not in OPEN_WITH_OLD_PASSWORD:  # type: ignore[union-attr]
            return redirect(PASSWORD_PATH)
        return None

    def _identify(self, request: HttpRequest, key: str) -> None:
        standing = standing_of_session(key)
        if standing is None:
            if request.user.is_authenticated:
                logout(request)
            return
        request.user = copy.copy(standing.user)
        request.scope = standing.scope  # type: ignore[attr-defined]
        request.login_session = standing.login_session  # type: ignore[attr-defined]
        now = timezone.now()
        stale = now - standing.login_session.last_active_at > TOUCH_AFTER
        if stale and "X-Background" not in request.headers:
            LoginSession.objects.filter(pk=standing.login_session.pk).update(last_active_at=now)
            forget(key)


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back; a partial request or an API call gets 401 instead of a page."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": "/sign-in/"})
    if "text/html" not in request.headers.get("Accept", "text/html"):
        return HttpResponse(status=401)
    return redirect_to_login(request.get_full_path())
