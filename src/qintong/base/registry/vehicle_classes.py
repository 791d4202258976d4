"""车辆类别: what a vehicle is used for, with the limits that alarms are judged by. A dated table."""

import pghistory
from django.db import models

from qintong.base.identity.choices import BusinessLine
from qintong.desk.registry import register
from qintong.desk.resource import Column, Fieldset, Related, Resource


@pghistory.track()
class VehicleClass(models.Model):
    code = models.CharField("代码", max_length=30, unique=True)
    name = models.CharField("车辆类别", max_length=40, db_collation="zh_pinyin")
    business_line = models.CharField(
        "业务条线", max_length=16, choices=BusinessLine, default=BusinessLine.ROAD_TRANSPORT
    )
    speed_limit_kmh = models.PositiveSmallIntegerField("限速 km/h", help_text="0：不判超速")
    offline_limit_s = models.PositiveIntegerField("离线时限 s", help_text="0：不判离线")
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True, help_text="不含当日")
    basis = models.CharField("依据", max_length=200, blank=True)
    source = models.CharField("来源", max_length=200)
    verified = models.BooleanField("已核对", default=False)

    class Meta:
        verbose_name = "车辆类别"
        verbose_name_plural = verbose_name
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


@register
class VehicleClassResource(Resource):
    model = VehicleClass
    icon = "list"
    group = "代码表"
    order = 90
    columns = (
        "code",
        "name",
        Column("speed_limit_kmh", title="限速", unit="km/h"),
        Column("offline_limit_s", title="离线时限", unit="s"),
        "basis",
        "verified",
        Column("source", shown=False),
    )
    filters = ("business_line", "verified")
    search = ("code", "name")
    ordering = ("code",)
    fieldsets = (
        Fieldset("类别", ("code", "name", "business_line")),
        Fieldset("限值", ("speed_limit_kmh", "offline_limit_s", "valid_from", "valid_to")),
        Fieldset("根据", ("basis", "source", "verified")),
    )
    related = (Related("registry.vehicle", "vehicle_class", "车辆"),)
    natural_key = ("code",)
