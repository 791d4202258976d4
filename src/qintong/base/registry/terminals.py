"""终端: the on-board positioning device of a vehicle. Never a wharf or a bus terminus."""

import pghistory
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from qintong.base.identity.regions import Region
from qintong.desk.registry import register
from qintong.desk.resource import Action, Column, Fieldset, Resource, ScopeBy, View

from .terminal_acts import admit_terminal, refuse_terminal, retire_terminal
from .vehicles import Vehicle

digits = RegexValidator(r"^[0-9A-F]{1,20}$", "终端号为 1 至 20 位数字")


@pghistory.track(exclude=["is_online", "last_seen_at", "edition"])
class Terminal(models.Model):
    class State(models.TextChoices):
        PENDING = "pending", "待准入"
        ADMITTED = "admitted", "已准入"
        REFUSED = "refused", "已拒绝"
        RETIRED = "retired", "已停用"

    class Edition(models.IntegerChoices):
        ANY = 0, "按报文判断"
        V2011 = 11, "2011"
        V2013 = 13, "2013"
        V2019 = 19, "2019"

    terminal_number = models.CharField(
        "终端号",
        max_length=20,
        unique=True,
        validators=[digits],
        help_text="报文头的终端手机号，去掉前导零",
    )
    identity = models.BinaryField("终端标识", max_length=10, editable=False)
    """Bytes as received: 6 (2011, 2013) or 10 (2019). `terminal_number` is their hex without leading zeros."""
    state = models.CharField(
        "状态", max_length=8, choices=State, default=State.PENDING, editable=False
    )
    vehicle = models.OneToOneField(
        Vehicle,
        models.PROTECT,
        verbose_name="车辆",
        null=True,
        blank=True,
        related_name="terminal",
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="所属地", related_name="+")
    maker = models.CharField("制造商", max_length=22, blank=True)
    model_name = models.CharField("型号", max_length=60, blank=True)
    device_number = models.CharField("终端 ID", max_length=60, blank=True)
    claimed_plate_number = models.CharField("报称号牌", max_length=20, blank=True, editable=False)
    claimed_plate_colour = models.PositiveSmallIntegerField(
        "报称颜色", null=True, blank=True, editable=False
    )
    token = models.CharField("鉴权码", max_length=40, blank=True, editable=False)
    edition = models.PositiveSmallIntegerField(
        "协议版本", choices=Edition, default=Edition.ANY, editable=False
    )
    edition_pinned = models.PositiveSmallIntegerField(
        "固定版本", choices=Edition, default=Edition.ANY
    )
    note = models.CharField("备注", max_length=200, blank=True)
    is_online = models.BooleanField("在线", default=False, editable=False)
    first_seen_at = models.DateTimeField("首次报告", null=True, blank=True, editable=False)
    last_seen_at = models.DateTimeField("最近报告", null=True, blank=True, editable=False)
    is_demo = models.BooleanField("演示数据", default=False)

    class Meta:
        verbose_name = "终端"
        verbose_name_plural = verbose_name
        ordering = ["terminal_number"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="admitted") | Q(vehicle__isnull=False),
                name="terminal_admitted_has_vehicle",
                violation_error_message="准入的终端须有车辆",
            ),
        ]
        indexes = [models.Index(fields=["state", "-first_seen_at"])]

    def __str__(self) -> str:
        return self.terminal_number

    def save(self, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        """A terminal registered by hand gets the bytes its number has on the wire."""
        if not self.identity:
            self.identity = identity_bytes(self.terminal_number)
        super().save(*args, **kwargs)


def identity_bytes(number: str) -> bytes:
    """BCD of a terminal number: 6 bytes up to 12 digits, else 10 (JT/T 808-2019 table 2)."""
    width = 12 if len(number) <= 12 else 20
    return bytes.fromhex(number.rjust(width, "0"))


def terminal_number(identity: bytes) -> str:
    """Hex of the bytes without leading zeros: the same for 6 and for 10 bytes of one number."""
    return identity.hex().upper().lstrip("0") or "0"


@register
class TerminalResource(Resource):
    model = Terminal
    icon = "broadcast"
    group = "运载工具"
    order = 40
    columns = (
        "terminal_number",
        "state",
        "vehicle",
        "is_online",
        "last_seen_at",
        "maker",
        "model_name",
        Column("claimed_plate_number", shown=False),
        Column("device_number", shown=False),
        Column("edition", shown=False),
        Column("first_seen_at", shown=False),
        Column("region", shown=False),
    )
    filters = ("state", "is_online", "maker", "region", "last_seen_at", "is_demo")
    search = ("terminal_number", "device_number", "vehicle__plate_number")
    ordering = ("terminal_number",)
    fieldsets = (
        Fieldset(
            "终端", ("terminal_number", "maker", "model_name", "device_number"), note="JT/T 808"
        ),
        Fieldset("装在", ("vehicle", "region", "note", "is_demo")),
    )
    actions = (
        Action(
            "admit_terminal",
            "准入",
            admit_terminal,
            available=lambda row: row.state != Terminal.State.ADMITTED,
        ),
        Action(
            "refuse_terminal",
            "拒绝",
            refuse_terminal,
            danger=True,
            reason=True,
            consequence="终端再注册时得到拒绝应答，上报不再接收",
            available=lambda row: row.state == Terminal.State.PENDING,
        ),
        Action(
            "retire_terminal",
            "停用",
            retire_terminal,
            danger=True,
            reason=True,
            consequence="终端与车辆解除，连接立即断开，上报不再接收",
            available=lambda row: row.state == Terminal.State.ADMITTED,
        ),
    )
    views = (
        View("待准入", "state=pending"),
        View("在线", "is_online=true"),
    )
    scope = ScopeBy(
        region="region__code",
        organisation="vehicle__company__organisation__path",
        business_line="vehicle__vehicle_class__business_line",
    )
    natural_key = ("terminal_number",)
