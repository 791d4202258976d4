"""角色授权: which user has which role, where, from when to when, and on what ground."""

from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from qintong.desk.registry import register
from qintong.desk.resource import Action, Column, Fieldset, Resource, ScopeBy

from .audit import record
from .choices import BusinessLine
from .organisations import Organisation
from .posts import Post
from .regions import Region
from .roles import Role
from .users import User


@pghistory.track()
class RoleAssignment(models.Model):
    user = models.ForeignKey(User, models.PROTECT, verbose_name="用户", related_name="assignments")
    post = models.ForeignKey(Post, models.PROTECT, verbose_name="岗位", null=True, blank=True)
    role = models.ForeignKey(Role, models.PROTECT, verbose_name="角色", related_name="assignments")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="地区范围", related_name="+")
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        verbose_name="机构范围",
        null=True,
        blank=True,
        related_name="+",
        help_text="空：地区内所有机构",
    )
    business_line = models.CharField(
        "业务条线", max_length=16, choices=BusinessLine, blank=True, help_text="空：所有条线"
    )
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True, help_text="不含当日")
    basis = models.CharField("依据", max_length=200, help_text="文号或批准人")
    granted_by = models.ForeignKey(
        User,
        models.PROTECT,
        verbose_name="授权人",
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    is_demo = models.BooleanField("演示数据", default=False)

    class Meta:
        verbose_name = "角色授权"
        verbose_name_plural = verbose_name
        ordering = ["user", "role"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="assignment_period",
                violation_error_message="至应晚于自",
            ),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("user")),
                name="assignment_not_to_oneself",
                violation_error_message="不能给自己授权",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"


def revoke_role(request: HttpRequest, assignments: QuerySet[Any], reason: str = "") -> str:
    """They hold until yesterday; one that begins today or later never held and goes."""
    if assignments.filter(user=request.user.pk).exists():
        raise ValidationError(_("不能收回自己的授权，由另一位安全管理员收回"))
    today = timezone.localdate()
    count = 0
    with transaction.atomic():
        running = assignments.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today))
        for assignment in running.select_related("user", "role"):
            record(
                request,
                "revoke_role",
                about=assignment.user,
                purpose=reason,
                role=assignment.role.code,
            )
            if assignment.valid_from >= today:
                assignment.delete()
            else:
                assignment.valid_to = today
                assignment.save(update_fields=["valid_to"])
            count += 1
    return _("收回 %(count)d 项授权") % {"count": count}


@register
class RoleAssignmentResource(Resource):
    model = RoleAssignment
    icon = "key"
    order = 60
    columns = (
        "user",
        "role",
        "region",
        "organisation",
        "business_line",
        "valid_from",
        "valid_to",
        Column("basis", shown=False),
        Column("granted_by", shown=False),
    )
    filters = ("user", "role", "region", "business_line", "valid_from", "is_demo")
    search = ("user__name", "user__login_name", "role__name")
    ordering = ("user", "role")
    fieldsets = (
        Fieldset("授权", ("user", "post", "role", "basis")),
        Fieldset("范围", ("region", "organisation", "business_line")),
        Fieldset("期间", ("valid_from", "valid_to", "is_demo")),
    )
    scope = ScopeBy(
        region="user__organisation__region__code", organisation="user__organisation__path"
    )
    actions = (
        Action(
            "revoke_role",
            "收回授权",
            revoke_role,
            danger=True,
            reason=True,
            consequence="一秒内在所有页面、接口和地图上失效",
        ),
    )
    read_only = True  # granted and revoked on a page of its own, which knows who grants
