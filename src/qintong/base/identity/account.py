"""My account: password, looks, my sessions, my API tokens."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from .api_tokens import ApiToken, new_token, token_digest
from .audit import record
from .choices import SessionEnd
from .policy import Item, policy
from .rules.password import complaints
from .session_ends import end_login_sessions
from .sessions import renew_session_key
from .users import User

TOKEN_DAYS_MAX = 365


def _secret(label: Any, autocomplete: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, widget=widget, max_length=256, strip=False)


class PasswordForm(forms.Form):
    """The old password, and a new one twice that keeps the policy."""

    old = _secret(_lazy("现在的口令"), "current-password")
    new = _secret(_lazy("新口令"), "new-password")
    again = _secret(_lazy("再输一次"), "new-password")

    def __init__(self, user: User, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.user = user

    def clean_old(self) -> str:
        if not self.user.check_password(self.cleaned_data["old"]):
            raise forms.ValidationError(_("现在的口令不对"))
        return str(self.cleaned_data["old"])

    def clean_new(self) -> str:
        new, today = str(self.cleaned_data["new"]), timezone.localdate()
        length = Item.OFFICER_PASSWORD_LENGTH if self.user.officer_kind else Item.PASSWORD_LENGTH
        found = complaints(
            new, self.user.login_name, policy(length, today), policy(Item.PASSWORD_CLASSES, today)
        )
        used = [
            self.user.password,
            *self.user.old_passwords[: policy(Item.PASSWORD_HISTORY, today)],
        ]
        if not found and any(check_password(new, old) for old in used):
            found.append(_("这个口令用过，换一个"))
        if found:
            raise forms.ValidationError(found)
        return new

    def clean(self) -> None:
        new, again = self.cleaned_data.get("new"), self.cleaned_data.get("again")
        if new and again and new != again:
            self.add_error("again", _("两次输入不一样"))


class LooksForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("theme", "density", "has_single_keys")


class TokenForm(forms.ModelForm):
    days = forms.IntegerField(
        label=_lazy("有效天数"), min_value=1, max_value=TOKEN_DAYS_MAX, initial=90
    )

    class Meta:
        model = ApiToken
        fields = ("title",)


@never_cache
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
def save_looks(request: HttpRequest) -> HttpResponse:
    form = LooksForm(request.POST, instance=_me(request))
    if form.is_valid():
        form.save()
        messages.success(request, _("外观已存"))
    answer = redirect("account")
    for name in ("theme", "density"):  # what this browser had chosen gives way to the account
        answer.delete_cookie(name)
    return answer


@never_cache
@sensitive_post_parameters()
def change_password(request: HttpRequest) -> HttpResponse:
    """Ends all other sessions of the account."""
    user = _me(request)
    form = PasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        _set_password(request, user, form.cleaned_data["new"])
        messages.success(request, _("口令已改，其他会话已结束"))
        return redirect("account")
    context = {
        "form": form,
        "is_forced": user.must_change_password,
        "length": policy(
            Item.OFFICER_PASSWORD_LENGTH if user.officer_kind else Item.PASSWORD_LENGTH,
            timezone.localdate(),
        ),
        "classes": policy(Item.PASSWORD_CLASSES, timezone.localdate()),
    }
    return render(request, "identity/password.html", context)


@require_POST
def make_token(request: HttpRequest) -> HttpResponse:
    """The token itself is on the answering page and nowhere else."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, token_form=form)
    raw = new_token()
    with transaction.atomic():
        token = form.save(commit=False)
        token.user, token.digest, token.prefix = _me(request), token_digest(raw), raw[:11]
        token.expires_at = timezone.now() + timedelta(days=form.cleaned_data["days"])
        token.save()
        record(request, "make_api_token", about=token)
    return _page(request, raw_token=raw)


@require_POST
def revoke_own_token(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk, user=request.user, revoked_at__isnull=True)
    with transaction.atomic():
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record(request, "revoke_api_token", about=token)
    messages.success(request, _("令牌已收回"))
    return redirect("account")


@require_POST
def end_own_session(request: HttpRequest, sid: str) -> HttpResponse:
    sessions = _me(request).login_sessions.filter(sid=sid)
    if end_login_sessions(sessions, SessionEnd.SIGNED_OUT):
        record(request, "end_login_session", about=sessions.get())
    return redirect("account")


def _page(request: HttpRequest, **extra: object) -> HttpResponse:
    user = _me(request)
    now = timezone.now()
    context = {
        "account": user,
        "looks": LooksForm(instance=user),
        "token_form": TokenForm(),
        "tokens": user.api_tokens.filter(revoked_at__isnull=True, expires_at__gt=now),
        "sessions": user.login_sessions.filter(ended_at__isnull=True, ends_at__gt=now),
        "current": request.login_session,  # type: ignore[attr-defined]
        "assignments": user.assignments.select_related("role", "region", "organisation"),
        "password_days": policy(Item.PASSWORD_AGE, timezone.localdate()),
    } | extra
    return render(request, "identity/account.html", context)


def _set_password(request: HttpRequest, user: User, new: str) -> None:
    keep = policy(Item.PASSWORD_HISTORY, timezone.localdate())
    with transaction.atomic():
        user.old_passwords = [user.password, *user.old_passwords][:keep]
        user.set_password(new)
        user.must_change_password = False
        user.save()
        others = user.login_sessions.exclude(pk=request.login_session.pk)  # type: ignore[attr-defined]
        end_login_sessions(others, SessionEnd.PASSWORD_CHANGED)
        record(request, "change_password", about=user)
    renew_session_key(request, user)


def _me(request: HttpRequest) -> User:
    """Read anew: the middleware's copy may be some seconds old."""
    return User.objects.get(login_name=request.user.get_username())
