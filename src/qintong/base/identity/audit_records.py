"""审计记录: who did what, append-only and hash-chained in the database (see migration audit_chain)."""

from django.conf import settings
from django.db import models

from qintong.desk.registry import register
from qintong.desk.resource import Column, Fieldset, Resource


class AuditRecord(models.Model):
    """Insert only. `id`, `previous_hash` and `hash` are set by a trigger, one writer at a time."""

    class Result(models.TextChoices):
        DONE = "done", "完成"
        REFUSED = "refused", "拒绝"
        FAILED = "failed", "失败"

    at = models.DateTimeField("时间", auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        verbose_name="用户",
        null=True,
        related_name="+",
        db_constraint=False,
    )
    actor_name = models.CharField("账号", max_length=64, blank=True)
    sid = models.UUIDField("会话编号", null=True)
    address = models.GenericIPAddressField("地址", null=True)
    act = models.CharField("行为", max_length=60)
    object_type = models.CharField("对象类别", max_length=80, blank=True)
    object_key = models.CharField("对象", max_length=200, blank=True)
    purpose = models.CharField("目的", max_length=200, blank=True)
    result = models.CharField("结果", max_length=8, choices=Result, default=Result.DONE)
    facts = models.JSONField("事实", default=dict)
    previous_hash = models.CharField("前一散列", max_length=64, editable=False)
    hash = models.CharField("散列", max_length=64, editable=False)

    class Meta:
        verbose_name = "审计记录"
        verbose_name_plural = verbose_name
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["-at"]),
            models.Index(fields=["actor", "-at"]),
            models.Index(fields=["act", "-at"]),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.object_key}"


@register
class AuditRecordResource(Resource):
    model = AuditRecord
    icon = "list"
    group = "审计"
    order = 90
    columns = (
        Column("id", title="序号"),
        "at",
        "actor_name",
        "act",
        "object_key",
        "result",
        "address",
        Column("object_type", shown=False),
        Column("purpose", shown=False),
        Column("hash", shown=False),
    )
    filters = ("at", "act", "result", "actor", "address")
    search = ("actor_name", "act", "object_key")
    ordering = ("-id",)
    fieldsets = (
        Fieldset("行为", ("at", "actor", "actor_name", "act", "result", "purpose")),
        Fieldset("对象", ("object_type", "object_key", "facts")),
        Fieldset("来自", ("address", "sid")),
        Fieldset("链", ("previous_hash", "hash"), note="SHA-256，每条含前一条的散列"),
    )
    read_only = True
