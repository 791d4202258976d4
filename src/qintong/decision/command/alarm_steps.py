"""办理记录 of an alarm: what an officer did, when, with which words. Append-only."""

import pgtrigger
from django.db import models

from qintong.base.identity.models import User
from qintong.desk.registry import register
from qintong.desk.resource import Resource, ScopeBy


class AlarmState(models.TextChoices):
    NEW = "new", "新"
    ACKNOWLEDGED = "acknowledged", "已确认"
    HANDLED = "handled", "已处理"
    CLOSED = "closed", "已关闭"


class Verdict(models.TextChoices):
    TRUE = "true", "属实"
    FALSE = "false", "误报"
    DUPLICATE = "duplicate", "重复"


@pgtrigger.register(pgtrigger.Protect(name="append_only", operation=pgtrigger.Update))
class AlarmStep(models.Model):
    class Act(models.TextChoices):
        ACKNOWLEDGE = "acknowledge_alarm", "确认"
        UNACKNOWLEDGE = "unacknowledge_alarm", "撤回确认"
        HANDLE = "handle_alarm", "处理"
        CLOSE = "close_alarm", "关闭"
        REOPEN = "reopen_alarm", "重开"

    alarm = models.ForeignKey(
        "command.Alarm", models.CASCADE, verbose_name="告警", related_name="steps"
    )
    act = models.CharField("动作", max_length=24, choices=Act)
    state = models.CharField("之后状态", max_length=12, choices=AlarmState)
    verdict = models.CharField("核实", max_length=9, choices=Verdict, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)
    user = models.ForeignKey(User, models.PROTECT, verbose_name="办理人", related_name="+")
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "办理记录"
        verbose_name_plural = verbose_name
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_act_display()} {self.at:%H:%M:%S}"


@register
class AlarmStepResource(Resource):
    model = AlarmStep
    icon = "list"
    order = 11
    columns = ("at", "alarm", "act", "verdict", "note", "user", "state")
    filters = ("act", "user", "at")
    search = ("note",)
    ordering = ("-at",)
    scope = ScopeBy(
        region="alarm__region__code",
        organisation="alarm__organisation__path",
        business_line="alarm__vehicle__vehicle_class__business_line",
    )
    read_only = True
