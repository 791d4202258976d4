"""安全策略: the numbers of passwords, lock-out and sessions, dated, each with its source."""

import pghistory
from django.db import models
from django.db.models import F, Q

from qintong.desk.registry import register
from qintong.desk.resource import Fieldset, Resource


@pghistory.track()
class SecurityPolicy(models.Model):
    class Item(models.TextChoices):
        PASSWORD_LENGTH = "password_length", "口令最短长度"
        OFFICER_PASSWORD_LENGTH = "officer_password_length", "三员口令最短长度"
        PASSWORD_CLASSES = "password_classes", "口令字符种类"
        PASSWORD_AGE = "password_age_days", "口令有效天数"
        PASSWORD_HISTORY = "password_history", "不得重复的旧口令"
        LOCKOUT_FAILURES = "lockout_failures", "账号连续失败次数"
        LOCKOUT_MINUTES = "lockout_minutes", "锁定分钟数"
        ADDRESS_FAILURES = "address_failures", "地址连续失败次数"
        IDLE_MINUTES = "idle_minutes", "闲置分钟数"
        OFFICER_IDLE_MINUTES = "officer_idle_minutes", "三员闲置分钟数"
        SESSION_HOURS = "session_hours", "会话最长小时数"
        SESSIONS = "sessions", "并行会话数"
        OFFICER_SESSIONS = "officer_sessions", "三员并行会话数"

    item = models.CharField("项目", max_length=24, choices=Item)
    value = models.PositiveIntegerField("值")
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True, help_text="不含当日")
    basis = models.CharField("依据", max_length=200, blank=True)
    source = models.CharField("来源", max_length=200)
    verified = models.BooleanField("已核对", default=False)

    class Meta:
        verbose_name = "安全策略"
        verbose_name_plural = verbose_name
        ordering = ["item", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["item", "valid_from"], name="security_policy_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="security_policy_period",
                violation_error_message="至应晚于自",
            ),
            models.CheckConstraint(
                condition=Q(value__gt=0),
                name="security_policy_positive",
                violation_error_message="值应大于 0",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_item_display()} {self.value}"


@register
class SecurityPolicyResource(Resource):
    model = SecurityPolicy
    icon = "adjustments"
    order = 80
    columns = ("item", "value", "valid_from", "valid_to", "basis", "source", "verified")
    filters = ("item", "verified")
    ordering = ("item", "-valid_from")
    fieldsets = (
        Fieldset("策略", ("item", "value", "valid_from", "valid_to")),
        Fieldset("根据", ("basis", "source", "verified"), note="GB/T 22239-2019 8.1.4.1"),
    )
    natural_key = ("item", "valid_from")
