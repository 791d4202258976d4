"""用户: the account of one human or machine. Facts about the human are in registry.Person."""

from typing import Any, ClassVar

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from qintong.desk.registry import register
from qintong.desk.resource import Action, Column, Fieldset, Related, Resource, ScopeBy, View

from .choices import OfficerKind
from .organisations import Organisation
from .user_acts import disable_user, enable_user, reset_password

login_name_rule = RegexValidator(
    r"^[a-z][a-z0-9._-]{2,31}$",
    "账号为 3 至 32 个字符：小写字母开头，其后为小写字母、数字、点、下划线或连字符",
)


class UserManager(BaseUserManager["User"]):
    def create_user(self, login_name: str, password: str | None, **fields: Any) -> "User":
        """A password of None makes an account that cannot sign in with one."""
        user = self.model(login_name=login_name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


@pghistory.track(exclude=["password", "old_passwords", "last_login"])
class User(AbstractBaseUser):
    class Theme(models.TextChoices):
        SYSTEM = "system", "跟随系统"
        LIGHT = "light", "浅色"
        DARK = "dark", "深色"

    class Density(models.TextChoices):
        COMPACT = "compact", "紧凑"
        ROOMY = "roomy", "宽松"

    login_name = models.CharField(
        "账号", max_length=32, unique=True, validators=[login_name_rule], db_collation="C"
    )
    name = models.CharField("姓名", max_length=60, db_collation="zh_pinyin")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name="机构", related_name="users"
    )
    officer_kind = models.CharField(
        "三员", max_length=24, choices=OfficerKind, blank=True, help_text="一人只任一员"
    )
    is_active = models.BooleanField("启用", default=True)
    is_machine = models.BooleanField("机器账号", default=False)
    must_change_password = models.BooleanField("须改口令", default=True)
    password_changed_at = models.DateTimeField(
        "口令更改时间", null=True, blank=True, editable=False
    )
    old_passwords = models.JSONField("用过的口令散列", default=list, blank=True, editable=False)
    theme = models.CharField("外观", max_length=6, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField("行距", max_length=7, choices=Density, default=Density.COMPACT)
    has_single_keys = models.BooleanField("单键快捷键", default=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)
    is_demo = models.BooleanField("演示数据", default=False)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "login_name"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "用户"
        verbose_name_plural = verbose_name
        ordering = ["login_name"]

    def __str__(self) -> str:
        return self.name

    def set_password(self, raw_password: str | None) -> None:
        """Keeps the time of change; the caller decides whether it must be changed again."""
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()


@register
class UserResource(Resource):
    model = User
    icon = "users"
    order = 30
    columns = (
        "login_name",
        "name",
        "organisation",
        "officer_kind",
        "is_active",
        "must_change_password",
        "last_login",
        Column("is_machine", shown=False),
        Column("created_at", shown=False),
        Column("password_changed_at", shown=False),
    )
    filters = (
        "organisation",
        "officer_kind",
        "is_active",
        "must_change_password",
        "is_machine",
        "last_login",
        "is_demo",
    )
    search = ("login_name", "name")
    ordering = ("login_name",)
    fieldsets = (
        Fieldset("账号", ("login_name", "name", "organisation")),
        Fieldset("状态", ("officer_kind", "is_machine", "must_change_password", "is_demo")),
    )
    related = (
        Related("identity.roleassignment", "user", "授权"),
        Related("identity.loginsession", "user", "登录会话"),
    )
    actions = (
        Action(
            "disable_user",
            "停用",
            disable_user,
            danger=True,
            reason=True,
            consequence="账号立即不能登录，正在进行的会话全部结束",
            available=lambda row: row.is_active,
        ),
        Action(
            "enable_user", "启用", enable_user, reason=True, available=lambda row: not row.is_active
        ),
        Action(
            "reset_password",
            "重置口令",
            reset_password,
            bulk=False,
            danger=True,
            reason=True,
            consequence="旧口令立即失效，会话全部结束；一次性口令只显示一次",
        ),
    )
    views = (
        View("停用", "is_active=false"),
        View("须改口令", "must_change_password=true"),
    )
    scope = ScopeBy(region="organisation__region__code", organisation="organisation__path")
    natural_key = ("login_name",)
