"""Sign-in and sign-out pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from .audit import Result, record
from .demo import PASSWORD as DEMO_PASSWORD
from .policy import Item, policy
from .sign_in_limits import Claim, claim, settle
from .users import User

BACKEND = "django.contrib.auth.backends.ModelBackend"
LOGIN_NAME_MAX = 32
PASSWORD_MAX = 256
"""Longer ones are not hashed: a megabyte of password must not cost a core."""


@dataclass(frozen=True, slots=True)
class Refusal:
    message: str
    status: int = 200


@never_cache
@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form; signs in and goes where the person wanted to."""
    target = _target(request)
    if request.user.is_authenticated:
        return redirect(target)
    login_name = request.POST.get("login_name", "").strip()[:LOGIN_NAME_MAX]
    refusal = None
    if request.method == "POST":
        refusal = _try(request, login_name)
        if refusal is None:
            return redirect(target)
    context = {
        "login_name": login_name,
        "refusal": refusal,
        "target": target,
        "is_kept": "keep" in request.POST,
        "idle_minutes": policy(Item.IDLE_MINUTES, timezone.localdate()),
        "session_hours": policy(Item.SESSION_HOURS, timezone.localdate()),
        "demo": settings.DEMO,
        "is_encrypted": request.is_secure(),
    }
    return render(
        request, "identity/sign_in.html", context, status=refusal.status if refusal else 200
    )


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    record(request, "sign_out")
    logout(request)
    return redirect("sign_in")


def _try(request: HttpRequest, login_name: str) -> Refusal | None:
    """None when signed in. The answer and its time are the same for a name that nobody has."""
    password = request.POST.get("password", "")
    if not login_name or not password:
        return Refusal(_("账号和口令都要填。"))
    claimed = claim(login_name, request.META.get("REMOTE_ADDR", ""))
    if claimed.locked_until is not None:
        _record_failure(request, login_name, "locked")
        return Refusal(_locked(claimed, timezone.now()), 429)
    user = User.objects.filter(login_name=login_name).first()
    if not _is_right(user, password[:PASSWORD_MAX]) or user is None:
        _record_failure(request, login_name, "wrong")
        return Refusal(_wrong(claimed))
    settle(claimed)
    _renew_duty(user)
    request.session["keep"] = "keep" in request.POST
    login(request, user, backend=BACKEND)
    hours = policy(Item.SESSION_HOURS, timezone.localdate())
    request.session.set_expiry(hours * 3600 if request.session["keep"] else 0)
    record(request, "sign_in", actor=user)
    return None


def _is_right(user: User | None, password: str) -> bool:
    if user is None or not user.has_usable_password():
        make_password(password)  # the same work as checking one
        return False
    return user.check_password(password) and user.is_active


def _renew_duty(user: User) -> None:
    """A password past its age, or printed for everybody, must be changed now."""
    age = timedelta(days=policy(Item.PASSWORD_AGE, timezone.localdate()))
    is_public = user.is_demo and not settings.DEMO and user.check_password(DEMO_PASSWORD)
    is_old = user.password_changed_at is None or timezone.now() - user.password_changed_at > age
    is_spared = settings.DEMO and user.is_demo
    if (is_public or is_old) and not user.must_change_password and not is_spared:
        user.must_change_password = True
        user.save(update_fields=["must_change_password"])


def _wrong(claimed: Claim) -> str:
    minutes = round(claimed.lock.total_seconds() / 60)
    if claimed.left <= 0:
        return _("账号或口令不对。账号已锁定，%(minutes)d 分钟后再试。") % {"minutes": minutes}
    return _("账号或口令不对。再错 %(left)d 次，锁 %(minutes)d 分钟。") % {
        "left": claimed.left,
        "minutes": minutes,
    }


def _locked(claimed: Claim, now: datetime) -> str:
    assert claimed.locked_until is not None
    seconds = (claimed.locked_until - now).total_seconds()
    if seconds < 60:
        return _("试得太快，%(seconds)d 秒后再试。") % {"seconds": max(1, ceil(seconds))}
    words = (
        _("这个地址失败太多次，%(minutes)d 分钟后再试。")
        if claimed.is_address
        else _("账号已锁定，%(minutes)d 分钟后再试。")
    )
    return words % {"minutes": ceil(seconds / 60)}


def _record_failure(request: HttpRequest, login_name: str, why: str) -> None:
    """What was typed may be a password in the wrong field: a name nobody has is not kept whole."""
    user = User.objects.filter(login_name=login_name).first()
    record(
        request,
        "sign_in",
        actor=user,
        actor_name=f"{login_name[:2]}***",
        result=Result.REFUSED,
        why=why,
    )


def _target(request: HttpRequest) -> str:
    """Where to go on: only an address of this host."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours and not wanted.startswith("/sign-") else "/"
