"""接口令牌: lets a program act with a part of its owner's rights. Only its digest is kept."""

import secrets
from hashlib import sha256
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from qintong.desk.registry import register
from qintong.desk.resource import Action, Column, Fieldset, Resource, ScopeBy

from .audit import record
from .users import User

PREFIX = "qt_"


class ApiToken(models.Model):
    user = models.ForeignKey(User, models.CASCADE, verbose_name="用户", related_name="api_tokens")
    title = models.CharField("用途", max_length=60)
    prefix = models.CharField("开头", max_length=11, editable=False)
    digest = models.CharField("散列", max_length=64, unique=True, editable=False)
    permissions = ArrayField(
        models.CharField(max_length=100),
        verbose_name="权限",
        default=list,
        blank=True,
        help_text="空：与本人相同",
    )
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    expires_at = models.DateTimeField("有效期至")
    last_used_at = models.DateTimeField("最近使用", null=True, blank=True)
    revoked_at = models.DateTimeField("收回时间", null=True, blank=True)

    class Meta:
        verbose_name = "接口令牌"
        verbose_name_plural = verbose_name
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title


def new_token() -> str:
    """256 random bits: `qt_` and 43 characters. Shown once, kept nowhere."""
    return PREFIX + secrets.token_urlsafe(32)


def token_digest(raw: str) -> str:
    """A plain hash is enough: the token has the entropy that a password lacks."""
    return sha256(raw.encode()).hexdigest()


def revoke_api_token(request: HttpRequest, tokens: QuerySet[Any], reason: str = "") -> str:
    """They are refused from the next call on."""
    with transaction.atomic():
        count = 0
        for token in tokens.filter(revoked_at__isnull=True):
            token.revoked_at = timezone.now()
            token.save(update_fields=["revoked_at"])
            record(request, "revoke_api_token", about=token, purpose=reason)
            count += 1
    return _("收回 %(count)d 个令牌") % {"count": count}


@register
class ApiTokenResource(Resource):
    model = ApiToken
    icon = "key"
    group = "审计"
    order = 120
    columns = (
        "user",
        "title",
        "prefix",
        "created_at",
        "expires_at",
        "last_used_at",
        Column("revoked_at"),
    )
    filters = ("user", "expires_at", "revoked_at")
    search = ("title",)
    ordering = ("-created_at",)
    fieldsets = (
        Fieldset("令牌", ("user", "title", "prefix", "permissions")),
        Fieldset("时间", ("created_at", "expires_at", "last_used_at", "revoked_at")),
    )
    scope = ScopeBy(
        region="user__organisation__region__code", organisation="user__organisation__path"
    )
    actions = (
        Action(
            "revoke_api_token",
            "收回",
            revoke_api_token,
            danger=True,
            reason=True,
            consequence="用这些令牌的程序立即不能再调用",
            available=lambda row: row.revoked_at is None,
        ),
    )
    read_only = True
