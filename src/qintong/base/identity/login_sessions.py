"""登录会话: one sign-in of one user, until it ends. A device's link is a TerminalSession."""

import uuid
from typing import Any

from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from qintong.desk.registry import register
from qintong.desk.resource import Action, Column, Fieldset, Resource, ScopeBy, View

from .audit import record
from .choices import SessionEnd
from .posts import Post
from .session_ends import end_login_sessions
from .users import User


class LoginSession(models.Model):
    sid = models.UUIDField("会话编号", default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        User, models.CASCADE, verbose_name="用户", related_name="login_sessions"
    )
    post = models.ForeignKey(Post, models.SET_NULL, verbose_name="岗位", null=True, blank=True)
    session_digest = models.CharField("会话散列", max_length=64, unique=True, editable=False)
    address = models.GenericIPAddressField("地址", null=True)
    device = models.CharField("设备", max_length=200, blank=True)
    factors = models.CharField("认证因素", max_length=60, default="password")
    started_at = models.DateTimeField("登录时间")
    last_active_at = models.DateTimeField("最近活动")
    ends_at = models.DateTimeField("最长至")
    idle_limit_s = models.PositiveIntegerField("闲置时限（秒）")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    end_reason = models.CharField("结束原因", max_length=20, choices=SessionEnd, blank=True)

    class Meta:
        verbose_name = "登录会话"
        verbose_name_plural = verbose_name
        ordering = ["-started_at"]
        indexes = [
            models.Index(fields=["user", "-started_at"]),
            models.Index(fields=["-started_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.started_at:%Y-%m-%d %H:%M}"


def end_login_session(request: HttpRequest, sessions: QuerySet[Any], reason: str = "") -> str:
    """They are refused from the next request on, in every process within a second."""
    with transaction.atomic():
        for login_session in sessions.filter(ended_at__isnull=True):
            record(request, "end_login_session", about=login_session, purpose=reason)
        count = end_login_sessions(sessions, SessionEnd.ENDED)
    return _("结束 %(count)d 个会话") % {"count": count}


@register
class LoginSessionResource(Resource):
    model = LoginSession
    icon = "plug"
    group = "审计"
    order = 100
    columns = (
        "user",
        "started_at",
        "last_active_at",
        "address",
        "device",
        "ended_at",
        "end_reason",
        Column("factors", shown=False),
    )
    filters = ("user", "started_at", "ended_at", "end_reason")
    search = ("user__name", "user__login_name")
    ordering = ("-started_at",)
    fieldsets = (
        Fieldset("会话", ("user", "post", "factors", "started_at", "last_active_at", "ends_at")),
        Fieldset("来自", ("address", "device")),
        Fieldset("结束", ("ended_at", "end_reason")),
    )
    views = (View("进行中", "ended_at__isnull=true"),)
    scope = ScopeBy(
        region="user__organisation__region__code", organisation="user__organisation__path"
    )
    actions = (
        Action(
            "end_login_session",
            "结束会话",
            end_login_session,
            danger=True,
            reason=True,
            consequence="这些会话立即退出，未保存的内容丢失",
            available=lambda row: row.ended_at is None,
        ),
    )
    read_only = True
