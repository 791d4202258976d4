"""Who calls the API: a session with its CSRF token, or a bearer token with a scope of its own."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from qintong.desk.api_problem import Problem
from qintong.desk.ports import ports

View = Callable[..., HttpResponse]
SAFE = {"GET", "HEAD", "OPTIONS"}


class _Csrf(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return Problem(403, _("缺 CSRF 令牌"), reason).response()


def guarded(**by_method: View) -> View:
    """One address, one view a method (`get=…, post=…`). Problems raised inside become answers."""

    @csrf_exempt
    @login_not_required
    @wraps(next(iter(by_method.values())))
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            refused = _identify(request)
            if refused is not None:
                return refused
            handler = by_method.get((request.method or "").lower().replace("head", "get"))
            if handler is None:
                allowed = ", ".join(sorted(name.upper() for name in by_method))
                problem = Problem(405, _("不支持 %s") % request.method, allowed)
                response = problem.response()
                response["Allow"] = allowed
                return response
            return handler(request, *args, **kwargs)
        except Problem as problem:
            return problem.response()
        except RequestDataTooBig:
            return Problem(413, _("内容太大"), _("成批写入用导入")).response()

    return view


def _identify(request: HttpRequest) -> HttpResponse | None:
    """Puts user and scope on the request; → the refusal, if any."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        known = ports().user_of_token(token.strip()) if scheme.lower() == "bearer" else None
        if known is None:
            raise Problem(401, _("令牌无效"), _("令牌不存在、已过期或已收回"))
        request.user, request.scope = known  # type: ignore[attr-defined]  # set by the scope middleware otherwise
        return None
    if not request.user.is_authenticated:
        raise Problem(401, _("没有登录"), _("带上 Authorization: Bearer 令牌，或先登录"))
    if request.method in SAFE:
        return None
    guard = _Csrf(lambda _request: HttpResponse())
    guard.process_request(request)
    view = lambda _request: HttpResponse()  # noqa: E731  looked at only for an exemption
    return guard.process_view(request, view, (), {})
