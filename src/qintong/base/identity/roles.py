"""角色: a named set of permissions: what may be done, never where."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models

from qintong.desk.registry import register
from qintong.desk.resource import Fieldset, Related, Resource

from .choices import DataGrade, OfficerKind


@pghistory.track()
class Role(models.Model):
    code = models.CharField("角色编码", max_length=40, unique=True)
    name = models.CharField("角色", max_length=60, db_collation="zh_pinyin")
    description = models.CharField("说明", max_length=200, blank=True)
    permissions = ArrayField(
        models.CharField(max_length=100), verbose_name="权限", default=list, blank=True
    )
    data_grades = ArrayField(
        models.CharField(max_length=12, choices=DataGrade),
        verbose_name="可见数据分级",
        default=list,
        blank=True,
        help_text="可不脱敏查看的数据",
    )
    officer_kind = models.CharField(
        "三员", max_length=24, choices=OfficerKind, blank=True, help_text="只授予该员"
    )

    class Meta:
        verbose_name = "角色"
        verbose_name_plural = verbose_name
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


@register
class RoleResource(Resource):
    model = Role
    icon = "shield"
    order = 50
    columns = ("code", "name", "description", "officer_kind")
    filters = ("officer_kind",)
    search = ("code", "name")
    ordering = ("code",)
    fieldsets = (Fieldset("角色", ("code", "name", "description", "officer_kind")),)
    related = (Related("identity.roleassignment", "role", "授权"),)
    natural_key = ("code",)
