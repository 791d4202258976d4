"""导入导出: one import or export with its state, progress, files and who asked for it."""

from django.db import models

from qintong.desk.registry import register
from qintong.desk.resource import Column, Fieldset, Resource, ScopeBy

from .users import User


class TransferRun(models.Model):
    class Kind(models.TextChoices):
        IMPORT = "import", "导入"
        EXPORT = "export", "导出"

    class State(models.TextChoices):
        MAPPING = "mapping", "对应列"
        CHECKING = "checking", "试导入中"
        CHECKED = "checked", "试导入完"
        WAITING = "waiting", "等待"
        RUNNING = "running", "进行中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"
        UNDOING = "undoing", "撤回中"
        UNDONE = "undone", "已撤回"
        EXPIRED = "expired", "已过期"

    kind = models.CharField("类别", max_length=8, choices=Kind)
    resource = models.CharField("实体", max_length=80)
    title = models.CharField("名称", max_length=120)
    state = models.CharField("状态", max_length=8, choices=State)
    format = models.CharField("格式", max_length=8, blank=True)
    query = models.TextField("查询条件", blank=True)
    mapping = models.JSONField("对应列", default=dict, blank=True)
    summary = models.JSONField("结果", default=dict, blank=True)
    total = models.PositiveIntegerField("总行数", default=0)
    done = models.PositiveIntegerField("已处理", default=0)
    failed = models.PositiveIntegerField("有错", default=0)
    filename = models.CharField("文件名", max_length=255, blank=True)
    source = models.CharField("上传文件", max_length=120, blank=True)
    file = models.CharField("结果文件", max_length=120, blank=True)
    report = models.CharField("逐行报告", max_length=120, blank=True)
    message = models.TextField("说明", blank=True)
    user = models.ForeignKey(User, models.PROTECT, verbose_name="发起人", related_name="+")
    created_at = models.DateTimeField("发起时间", auto_now_add=True)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    undone_at = models.DateTimeField("撤回时间", null=True, blank=True)
    expires_at = models.DateTimeField("有效期至", null=True, blank=True)

    class Meta:
        verbose_name = "导入导出"
        verbose_name_plural = verbose_name
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["user", "-created_at"]),
            models.Index(fields=["resource", "-created_at"]),
        ]

    def __str__(self) -> str:
        return self.title


@register
class TransferRunResource(Resource):
    model = TransferRun
    icon = "arrows"
    group = "审计"
    order = 110
    columns = (
        "created_at",
        "user",
        "kind",
        "title",
        "state",
        "total",
        "failed",
        "finished_at",
        Column("format", shown=False),
        Column("query", shown=False),
    )
    filters = ("user", "kind", "state", "created_at")
    search = ("title",)
    ordering = ("-created_at",)
    fieldsets = (
        Fieldset("导入导出", ("kind", "title", "resource", "user", "state", "message")),
        Fieldset("内容", ("query", "format", "filename", "total", "done", "failed")),
        Fieldset("时间", ("created_at", "started_at", "finished_at", "undone_at", "expires_at")),
    )
    scope = ScopeBy(
        region="user__organisation__region__code", organisation="user__organisation__path"
    )
    read_only = True
