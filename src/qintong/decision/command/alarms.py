"""告警: a finding of a machine that an officer acknowledges, handles and closes."""

from collections.abc import Callable

import pghistory
import pgtrigger
from django.contrib.gis.db import models
from django.db.models import F, Q
from django.utils import timezone

from qintong.base.identity.models import Organisation, Region, User
from qintong.base.registry.models import Terminal, Vehicle
from qintong.desk.registry import register
from qintong.desk.resource import (
    Action,
    Column,
    Fieldset,
    Layer,
    LayerClass,
    Related,
    Resource,
    ScopeBy,
    View,
)
from qintong.stream.rules import Rule

from .alarm_acts import acknowledge_alarm, close_alarm, handle_alarm, reopen_alarm
from .alarm_steps import AlarmState, Verdict
from .alarm_words import headline
from .rules.alarm_lifecycle import OPEN, Act, transition

CHANNEL = "command_alarm"
"""PostgreSQL notifications: the key of every alarm made or changed."""

RULES = [(rule.value, rule.title) for rule in Rule]


@pgtrigger.register(
    pgtrigger.Trigger(
        name="tell_duty_desk",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=f"PERFORM pg_notify('{CHANNEL}', NEW.id::text); RETURN NULL;",
    )
)
@pghistory.track(exclude=["last_at", "value", "changed_at"])
class Alarm(models.Model):
    """One incident as the rules see it: begins, goes on, ends. What people did is in AlarmStep."""

    class Level(models.IntegerChoices):
        I = 1, "Ⅰ"  # noqa: E741 - the numeral of the level
        II = 2, "Ⅱ"
        III = 3, "Ⅲ"
        IV = 4, "Ⅳ"

    State = AlarmState
    Verdict = Verdict

    incident_key = models.BigIntegerField("告警键", unique=True, editable=False)
    rule = models.PositiveSmallIntegerField("规则", choices=RULES)
    level = models.PositiveSmallIntegerField("等级", choices=Level)
    state = models.CharField("状态", max_length=12, choices=AlarmState, default=AlarmState.NEW)
    verdict = models.CharField("核实", max_length=9, choices=Verdict, blank=True)
    vehicle = models.ForeignKey(
        Vehicle, models.PROTECT, verbose_name="车辆", null=True, related_name="alarms"
    )
    terminal = models.ForeignKey(
        Terminal, models.PROTECT, verbose_name="终端", null=True, related_name="+"
    )
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        verbose_name="属地",
        null=True,
        related_name="+",
        help_text="发生地所在县；无位置时为车辆所属地",
    )
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        verbose_name="管理机构",
        null=True,
        related_name="+",
    )
    started_at = models.DateTimeField("开始")
    last_at = models.DateTimeField("最近")
    ended_at = models.DateTimeField("结束", null=True, blank=True)
    raised_at = models.DateTimeField("到达", auto_now_add=True)
    changed_at = models.DateTimeField("变动", auto_now=True)
    value = models.FloatField("值", null=True, blank=True)
    limit = models.FloatField("限值", null=True, blank=True)
    position = models.PointField("位置", srid=4490, null=True, blank=True)
    place = models.CharField("地点", max_length=200, blank=True)
    route_code = models.CharField("路线", max_length=20, blank=True)
    stake_m = models.IntegerField("桩号", null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="确认人", null=True, blank=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField("确认时间", null=True, blank=True)
    handled_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="处理人", null=True, blank=True, related_name="+"
    )
    handled_at = models.DateTimeField("处理时间", null=True, blank=True)
    closed_at = models.DateTimeField("关闭时间", null=True, blank=True)
    is_demo = models.BooleanField("演示数据", default=False)

    class Meta:
        verbose_name = "告警"
        verbose_name_plural = verbose_name
        ordering = ["level", "-started_at", "-pk"]
        indexes = [
            models.Index(
                fields=["level", "-started_at"],
                name="alarm_open",
                condition=Q(state__in=[s.value for s in OPEN]),
            ),
            models.Index(fields=["-started_at"], name="alarm_started"),
            models.Index(fields=["changed_at"], name="alarm_changed"),
            models.Index(fields=["vehicle", "-started_at"], name="alarm_of_vehicle"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="alarm_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(state="acknowledged")
                | Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False),
                name="alarm_acknowledged_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return headline(self.rule, self.value, self.limit, self.duration_s)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def duration_s(self) -> float:
        """How long it went on, or has gone on so far."""
        return ((self.ended_at or timezone.now()) - self.started_at).total_seconds()

    def allows(self, act: Act) -> bool:
        """True when its state allows the act; who may is asked apart."""
        return transition(self.state, act) is not None


def _act_on_one(act: Act) -> Callable[[models.Model], bool]:
    return lambda alarm: isinstance(alarm, Alarm) and alarm.allows(act)


@register
class AlarmResource(Resource):
    model = Alarm
    icon = "bell"
    order = 10
    columns = (
        Column("level", template="command/cells/level.html"),
        Column("rule", title="告警", template="command/cells/headline.html"),
        Column("vehicle__plate_number", title="车辆", template="command/cells/plate.html"),
        Column("vehicle__company", title="业户"),
        "place",
        Column("state", template="command/cells/state.html"),
        Column("started_at", title="开始"),
        Column("ended_at", shown=False),
        Column("verdict", shown=False),
        Column("value", shown=False),
        Column("limit", shown=False),
        "acknowledged_by",
        Column("acknowledged_at", shown=False),
        Column("handled_by", shown=False),
        Column("handled_at", shown=False),
        Column("region", shown=False),
        Column("last_at", shown=False),
        Column("route_code", template="desk/cells/route.html", shown=False),
        Column("stake_m", template="desk/cells/stake.html", shown=False),
    )
    filters = ("state", "level", "rule", "verdict", "region", "started_at", "vehicle", "is_demo")
    search = ("place", "vehicle__plate_number", "vehicle__company__name")
    ordering = ("-started_at",)
    fieldsets = (
        Fieldset("告警", ("rule", "level", "state", "value", "limit")),
        Fieldset("时间", ("started_at", "last_at", "ended_at", "raised_at")),
        Fieldset("地点", ("place", "region", "route_code", "stake_m", "position")),
        Fieldset("对象", ("vehicle", "terminal", "organisation")),
        Fieldset(
            "办理",
            (
                "verdict",
                "acknowledged_by",
                "acknowledged_at",
                "handled_by",
                "handled_at",
                "closed_at",
            ),
        ),
    )
    related = (Related("command.alarmstep", "alarm", "办理记录"),)
    actions = (
        Action(
            "acknowledge_alarm", "确认", acknowledge_alarm, available=_act_on_one(Act.ACKNOWLEDGE)
        ),
        Action(
            "handle_alarm", "处理", handle_alarm, reason=True, available=_act_on_one(Act.HANDLE)
        ),
        Action("close_alarm", "关闭", close_alarm, available=_act_on_one(Act.CLOSE)),
        Action(
            "reopen_alarm", "重开", reopen_alarm, reason=True, available=_act_on_one(Act.REOPEN)
        ),
    )
    views = (
        View("未结", "state=new&state=acknowledged"),
        View("待确认", "state=new"),
        View("超速", "rule=1"),
        View("SOS", "rule=2"),
        View("离线", "rule=3"),
    )
    layer = Layer(
        geometry="position",
        attributes=("level", "state"),
        by="level",
        classes=(
            LayerClass("1", 0, "--q-red-solid"),
            LayerClass("2", 0, "--q-orange-solid"),
            LayerClass("3", 6, "--q-yellow-solid"),
            LayerClass("4", 8, "--q-blue-solid"),
        ),
        group="告警",
    )
    scope = ScopeBy(
        region="region__code",
        organisation="organisation__path",
        business_line="vehicle__vehicle_class__business_line",
    )
    natural_key = ("incident_key",)
    select = ("vehicle", "vehicle__company")
    read_only = True
