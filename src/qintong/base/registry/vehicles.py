"""车辆: a motor vehicle or trailer, keyed by plate and plate colour."""

import pghistory
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Upper

from qintong.base.identity.regions import Region
from qintong.desk.registry import register
from qintong.desk.resource import Column, Fieldset, Related, Resource, ScopeBy, View

from . import validators
from .companies import Company
from .rules.plate_number import check_plate, normalise_plate
from .validators import obey
from .vehicle_classes import VehicleClass


@pghistory.track()
class Vehicle(models.Model):
    class PlateColour(models.IntegerChoices):
        """JT/T 697.7 as carried by JT/T 808; 91 to 94 unconfirmed. Tolling codes colours otherwise."""

        BLUE = 1, "蓝"
        YELLOW = 2, "黄"
        BLACK = 3, "黑"
        WHITE = 4, "白"
        GREEN = 5, "绿"
        OTHER = 9, "其他"
        FARM_YELLOW = 91, "农黄"
        FARM_GREEN = 92, "农绿"
        YELLOW_GREEN = 93, "黄绿"
        GRADIENT_GREEN = 94, "渐变绿"

    class State(models.TextChoices):
        OPERATING = "operating", "营运"
        SUSPENDED = "suspended", "停运"
        CANCELLED = "cancelled", "注销"

    class Energy(models.TextChoices):
        DIESEL = "diesel", "柴油"
        PETROL = "petrol", "汽油"
        GAS = "gas", "天然气"
        ELECTRIC = "electric", "纯电动"
        HYBRID = "hybrid", "混合动力"
        NONE = "none", "无动力"

    plate_number = models.CharField("号牌号码", max_length=12)
    plate_colour = models.PositiveSmallIntegerField("号牌颜色", choices=PlateColour)
    vin = models.CharField(
        "车辆识别代号",
        max_length=17,
        blank=True,
        validators=[validators.vin],
        help_text="GB 16735，17 位，第 9 位为校验码",
    )
    vehicle_class = models.ForeignKey(VehicleClass, models.PROTECT, verbose_name="车辆类别")
    vehicle_type = models.CharField(
        "车辆类型", max_length=4, blank=True, help_text="登记类型代码，如 H11"
    )
    model_name = models.CharField("厂牌型号", max_length=60, blank=True)
    energy = models.CharField("能源", max_length=8, choices=Energy, default=Energy.DIESEL)
    gross_mass_kg = models.PositiveIntegerField("总质量 kg", null=True, blank=True)
    seats = models.PositiveSmallIntegerField("核定载客", null=True, blank=True)
    registered_on = models.DateField("初次登记", null=True, blank=True)
    state = models.CharField("营运状态", max_length=10, choices=State, default=State.OPERATING)
    company = models.ForeignKey(
        Company, models.PROTECT, verbose_name="业户", null=True, blank=True, related_name="vehicles"
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="所属地", related_name="+")
    is_demo = models.BooleanField("演示数据", default=False)

    class Meta:
        verbose_name = "车辆"
        verbose_name_plural = verbose_name
        ordering = ["plate_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["plate_number", "plate_colour"],
                name="vehicle_plate_once",
                violation_error_message="这个号牌号码和颜色的车辆已登记",
            ),
            models.UniqueConstraint(
                fields=["vin"],
                condition=~models.Q(vin=""),
                name="vehicle_vin_once",
                violation_error_message="这个车辆识别代号已登记在另一辆车上",
            ),
        ]
        indexes = [
            models.Index(fields=["region", "plate_number"]),
            models.Index(fields=["registered_on"]),
            GinIndex(OpClass(Upper("plate_number"), "gin_trgm_ops"), name="vehicle_plate_trgm"),
        ]

    def __str__(self) -> str:
        return f"{self.plate_number[:2]}·{self.plate_number[2:]}"

    def clean_fields(self, exclude=None) -> None:  # type: ignore[no-untyped-def]
        self.plate_number = normalise_plate(self.plate_number)
        self.vin = self.vin.strip().upper()
        super().clean_fields(exclude=exclude)

    def clean(self) -> None:
        if self.plate_number and self.plate_colour is not None:
            try:
                obey(check_plate, self.plate_number, self.plate_colour)
            except ValidationError as refusal:
                raise ValidationError({"plate_number": refusal.messages}) from refusal


@register
class VehicleResource(Resource):
    model = Vehicle
    icon = "truck"
    group = "运载工具"
    order = 30
    columns = (
        Column("plate_number", template="desk/cells/plate.html"),
        "company",
        "vehicle_class",
        "energy",
        Column("gross_mass_kg", title="总质量", unit="kg"),
        "region",
        "state",
        Column("terminal__is_online", title="定位"),
        Column("terminal__last_seen_at", title="最近报告"),
        Column("plate_colour", shown=False),
        Column("vin", shown=False),
        Column("vehicle_type", shown=False),
        Column("model_name", shown=False),
        Column("seats", shown=False),
        Column("registered_on", shown=False),
    )
    filters = (
        "state",
        "vehicle_class",
        "region",
        "company",
        "plate_colour",
        "energy",
        "registered_on",
        "terminal__is_online",
        "is_demo",
    )
    search = ("plate_number", "vin")
    ordering = ("plate_number",)
    fieldsets = (
        Fieldset("号牌", ("plate_number", "plate_colour", "vin"), note="GA 36、GB 16735"),
        Fieldset(
            "车辆",
            (
                "vehicle_class",
                "vehicle_type",
                "model_name",
                "energy",
                "gross_mass_kg",
                "seats",
                "registered_on",
            ),
        ),
        Fieldset("营运", ("state", "company", "region", "is_demo")),
    )
    related = (Related("registry.terminal", "vehicle", "终端"),)
    detail_template = "registry/vehicle.html"
    views = (
        View("危险货物", "vehicle_class__code=dangerous_goods"),
        View("停运", "state=suspended"),
    )
    scope = ScopeBy(
        region="region__code",
        organisation="company__organisation__path",
        business_line="vehicle_class__business_line",
    )
    natural_key = ("plate_number", "plate_colour")
    also_called = {
        "plate_number": ("车牌号", "车牌号码", "车号", "号牌"),
        "plate_colour": ("车牌颜色", "颜色"),
        "vin": ("车架号", "车架号码", "VIN"),
        "vehicle_class": ("车辆类别名称", "经营类别"),
        "company": ("经营业户", "企业", "所属企业", "车主"),
        "region": ("所属县", "所属区县", "所属地区", "县区"),
        "registered_on": ("注册日期", "登记日期", "初次登记日期"),
        "model_name": ("品牌型号",),
        "seats": ("座位数", "核定载客人数"),
        "energy": ("燃料", "燃料类型", "能源类型"),
    }
