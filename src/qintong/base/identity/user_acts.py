"""What an administrator does with accounts: disable, enable, give a one-time password."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from .audit import record
from .choices import SessionEnd
from .session_ends import end_login_sessions

ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without characters that look alike: it is read aloud and typed once."""


def disable_user(request: HttpRequest, users: QuerySet[Any], reason: str = "") -> str:
    """The accounts sign nobody in from now on and every session of theirs ends at once."""
    _refuse_officers(users)
    if users.filter(pk=request.user.pk).exists():
        raise ValidationError(_("不能停用自己的账号"))
    disabled = sessions = 0
    with transaction.atomic():
        for user in users.filter(is_active=True):
            user.is_active = False
            user.save(update_fields=["is_active"])
            sessions += end_login_sessions(user.login_sessions.all(), SessionEnd.USER_DISABLED)
            record(request, "disable_user", about=user, purpose=reason)
            disabled += 1
    return _("停用 %(users)d 个账号，结束 %(sessions)d 个会话") % {
        "users": disabled,
        "sessions": sessions,
    }


def enable_user(request: HttpRequest, users: QuerySet[Any], reason: str = "") -> str:
    _refuse_officers(users)
    count = 0
    with transaction.atomic():
        for user in users.filter(is_active=False):
            user.is_active = True
            user.save(update_fields=["is_active"])
            record(request, "enable_user", about=user, purpose=reason)
            count += 1
    return _("启用 %(count)d 个账号") % {"count": count}


def reset_password(request: HttpRequest, users: QuerySet[Any], reason: str = "") -> str:
    """A one-time password, shown once; it must be changed at the next sign-in."""
    _refuse_officers(users)
    user = users.get()
    with transaction.atomic():
        password = give_one_time_password(user)
        record(request, "reset_password", about=user, purpose=reason)
    return _("%(name)s 的一次性口令：%(password)s，只显示这一次") % {
        "name": user.name,
        "password": password,
    }


def give_one_time_password(user: Any) -> str:
    """Sets it and ends the account's sessions."""
    password = "-".join("".join(secrets.choice(ALPHABET) for _i in range(4)) for _g in range(4))
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "password_changed_at", "must_change_password"])
    end_login_sessions(user.login_sessions.all(), SessionEnd.PASSWORD_CHANGED)
    return password


def _refuse_officers(users: QuerySet[Any]) -> None:
    """One officer must not take over or shut out another: theirs is done on the server."""
    if officer := users.exclude(officer_kind="").first():
        raise ValidationError(
            _("%(name)s 是三员，账号只能在服务器上用 qintong officers 管理")
            % {"name": officer.name}
        )
