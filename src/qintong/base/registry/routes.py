"""路线: a numbered highway under GB/T 917, and the points it runs through."""

import pghistory
from django.contrib.gis.db import models
from django.core.exceptions import ValidationError

from qintong.base.identity.regions import Region
from qintong.desk.registry import register
from qintong.desk.resource import Column, Fieldset, Layer, LayerClass, Related, Resource, View

from . import validators
from .rules import RuleError
from .rules.route_code import check_route_key
from .rules.stake import stake_text


@pghistory.track()
class Route(models.Model):
    class AdministrativeClass(models.TextChoices):
        NATIONAL = "national", "国道"
        PROVINCIAL = "provincial", "省道"
        COUNTY = "county", "县道"
        TOWNSHIP = "township", "乡道"
        VILLAGE = "village", "村道"
        SPECIAL = "special", "专用公路"

    class TechnicalGrade(models.TextChoices):
        EXPRESSWAY = "expressway", "高速"
        CLASS_I = "class_i", "一级"
        CLASS_II = "class_ii", "二级"
        CLASS_III = "class_iii", "三级"
        CLASS_IV = "class_iv", "四级"
        UNCLASSIFIED = "unclassified", "等外"

    route_code = models.CharField(
        "路线编号", max_length=6, validators=[validators.route_code], help_text="GB/T 917"
    )
    county_code = models.CharField(
        "县级区划代码", max_length=6, blank=True, help_text="县道、乡道、村道必填：编号在各县重复"
    )
    name = models.CharField("路线", max_length=60, db_collation="zh_pinyin")
    english_name = models.CharField("英文名称", max_length=100, blank=True)
    administrative_class = models.CharField("行政等级", max_length=10, choices=AdministrativeClass)
    technical_grade = models.CharField(
        "技术等级", max_length=12, choices=TechnicalGrade, blank=True
    )
    course = models.CharField("走向", max_length=200, blank=True)
    length_m = models.PositiveIntegerField("长度 m", null=True, blank=True)
    design_speed_kmh = models.PositiveSmallIntegerField("设计速度 km/h", null=True, blank=True)
    lanes = models.PositiveSmallIntegerField("车道数", null=True, blank=True)
    geom = models.MultiLineStringField("线形", srid=4490, null=True, blank=True)
    line = models.LineStringField(
        "全线",
        srid=4490,
        null=True,
        blank=True,
        editable=False,
        help_text="含与他路共线的路段；线形只含本路自己的路段，每段只画一次",
    )
    note = models.CharField("备注", max_length=200, blank=True)
    is_schematic = models.BooleanField("示意数据", default=False)
    is_demo = models.BooleanField("演示数据", default=False)

    class Meta:
        verbose_name = "路线"
        verbose_name_plural = verbose_name
        ordering = ["route_code", "county_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["route_code", "county_code"],
                name="route_once",
                violation_error_message="这条路线已登记",
            )
        ]

    def __str__(self) -> str:
        return f"{self.route_code} {self.name}"

    def clean(self) -> None:
        try:
            check_route_key(self.route_code, self.county_code)
        except RuleError as refusal:
            raise ValidationError({"county_code": str(refusal)}) from refusal


@register
class RouteResource(Resource):
    model = Route
    icon = "road"
    group = "路网"
    order = 50
    columns = (
        Column("route_code", template="desk/cells/route.html"),
        "name",
        "administrative_class",
        "technical_grade",
        Column("length_m", title="长度", unit="m"),
        Column("lanes", shown=False),
        Column("design_speed_kmh", title="设计速度", unit="km/h"),
        "course",
        Column("county_code", shown=False),
        Column("is_schematic", shown=False),
    )
    filters = ("administrative_class", "technical_grade", "lanes", "is_schematic", "is_demo")
    search = ("route_code", "name")
    ordering = ("route_code",)
    fieldsets = (
        Fieldset(
            "路线",
            ("route_code", "county_code", "name", "english_name", "course"),
            note="GB/T 917-2017",
        ),
        Fieldset(
            "等级",
            (
                "administrative_class",
                "technical_grade",
                "length_m",
                "design_speed_kmh",
                "lanes",
            ),
        ),
        Fieldset("线形", ("geom", "note", "is_schematic", "is_demo")),
    )
    related = (
        Related("registry.routepoint", "route", "控制点"),
        Related("registry.structure", "route", "构造物"),
    )
    views = (View("高速公路", "technical_grade=expressway"),)
    layer = Layer(
        attributes=("route_code", "name", "administrative_class", "technical_grade"),
        style="line",
        colour="--q-m-trunk",
        group="路网",
        by="technical_grade",
        classes=(
            LayerClass("expressway", colour="--q-m-road"),
            LayerClass("class_i", minzoom=6),
            LayerClass("class_ii", minzoom=6),
            LayerClass("class_iii", minzoom=9),
            LayerClass("class_iv", minzoom=11),
            LayerClass("unclassified", minzoom=12),
            LayerClass("", minzoom=6, title="未评定"),
        ),
        label="route_code",
        shown=True,
        order=10,
    )
    natural_key = ("route_code", "county_code")


@pghistory.track()
class RoutePoint(models.Model):
    class Kind(models.TextChoices):
        CONTROL_POINT = "control_point", "控制点"
        INTERCHANGE = "interchange", "互通"
        BORDER = "border", "省界"
        JUNCTION = "junction", "交叉"

    route = models.ForeignKey(Route, models.CASCADE, verbose_name="路线", related_name="points")
    sequence = models.PositiveIntegerField("顺序")
    name = models.CharField("名称", max_length=60, db_collation="zh_pinyin")
    kind = models.CharField("类别", max_length=14, choices=Kind)
    stake_m = models.IntegerField(
        "桩号 m", null=True, blank=True, help_text="空：在与他路共线段上，以他路桩号为准"
    )
    geom = models.PointField("位置", srid=4490)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="所在县", related_name="+")
    is_schematic = models.BooleanField("示意数据", default=False)

    class Meta:
        verbose_name = "路线控制点"
        verbose_name_plural = verbose_name
        ordering = ["route", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["route", "sequence"], name="route_point_once")
        ]

    def __str__(self) -> str:
        place = "" if self.stake_m is None else f" {stake_text(self.stake_m)}"
        return f"{self.name}{place}"


@register
class RoutePointResource(Resource):
    model = RoutePoint
    icon = "point"
    group = "路网"
    order = 55
    columns = (
        "route",
        "sequence",
        "name",
        "kind",
        Column("stake_m", title="桩号", template="desk/cells/stake.html"),
        "region",
    )
    filters = ("route", "kind", "region")
    search = ("name",)
    ordering = ("route", "sequence")
    fieldsets = (
        Fieldset("控制点", ("route", "sequence", "name", "kind")),
        Fieldset("位置", ("stake_m", "geom", "region", "is_schematic")),
    )
    layer = Layer(
        attributes=("name", "kind"),
        minzoom=10,
        colour="--q-c7",
        group="路网",
        label="name",
        order=60,
    )
    natural_key = ("route", "sequence")
