"""航段: a reach of a river as it is used for navigation, and the points it runs through."""

import pghistory
from django.contrib.gis.db import models

from qintong.base.identity.regions import Region
from qintong.desk.registry import register
from qintong.desk.resource import Column, Fieldset, Layer, Related, Resource


@pghistory.track()
class Waterway(models.Model):
    class NavigationClass(models.TextChoices):
        """内河航道技术等级, GB 50139."""

        I = "I", "Ⅰ级"  # noqa: E741
        II = "II", "Ⅱ级"
        III = "III", "Ⅲ级"
        IV = "IV", "Ⅳ级"
        V = "V", "Ⅴ级"
        VI = "VI", "Ⅵ级"
        VII = "VII", "Ⅶ级"

    waterway_code = models.CharField("航段编码", max_length=12, unique=True)
    name = models.CharField("航段", max_length=60, db_collation="zh_pinyin")
    english_name = models.CharField("英文名称", max_length=100, blank=True)
    section_from = models.CharField("起点", max_length=40)
    section_to = models.CharField("讫点", max_length=40)
    length_m = models.PositiveIntegerField("长度 m", null=True, blank=True)
    navigation_class = models.CharField(
        "航道等级", max_length=4, choices=NavigationClass, blank=True
    )
    geom = models.MultiLineStringField("线形", srid=4490, null=True, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    is_schematic = models.BooleanField("示意数据", default=False)
    is_demo = models.BooleanField("演示数据", default=False)

    class Meta:
        verbose_name = "航段"
        verbose_name_plural = verbose_name
        ordering = ["waterway_code"]

    def __str__(self) -> str:
        return self.name


@register
class WaterwayResource(Resource):
    model = Waterway
    icon = "ripple"
    group = "路网"
    order = 70
    columns = (
        "waterway_code",
        "name",
        "section_from",
        "section_to",
        Column("length_m", title="长度", unit="m"),
        "navigation_class",
        Column("note", shown=False),
    )
    filters = ("navigation_class", "is_schematic")
    search = ("waterway_code", "name")
    ordering = ("waterway_code",)
    fieldsets = (
        Fieldset(
            "航段",
            ("waterway_code", "name", "english_name", "section_from", "section_to"),
        ),
        Fieldset("等级", ("length_m", "navigation_class", "note"), note="GB 50139"),
        Fieldset("线形", ("geom", "is_schematic", "is_demo")),
    )
    related = (Related("registry.waterwaypoint", "waterway", "控制点"),)
    layer = Layer(
        attributes=("name", "navigation_class"),
        style="line",
        colour="--q-m-water",
        group="水系",
        shown=True,
        order=10,
    )
    natural_key = ("waterway_code",)


@pghistory.track()
class WaterwayPoint(models.Model):
    class Kind(models.TextChoices):
        CONTROL_POINT = "control_point", "控制点"
        DAM = "dam", "枢纽"
        CONFLUENCE = "confluence", "汇流口"
        BORDER = "border", "省界"

    waterway = models.ForeignKey(
        Waterway, models.CASCADE, verbose_name="航段", related_name="points"
    )
    sequence = models.PositiveIntegerField("顺序", help_text="自上游起")
    name = models.CharField("名称", max_length=60, db_collation="zh_pinyin")
    kind = models.CharField("类别", max_length=14, choices=Kind)
    stake_m = models.IntegerField("里程 m", help_text="自航段上端起")
    geom = models.PointField("位置", srid=4490)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="所在县", related_name="+")
    is_schematic = models.BooleanField("示意数据", default=False)

    class Meta:
        verbose_name = "航段控制点"
        verbose_name_plural = verbose_name
        ordering = ["waterway", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["waterway", "sequence"], name="waterway_point_once")
        ]

    def __str__(self) -> str:
        return self.name


@register
class WaterwayPointResource(Resource):
    model = WaterwayPoint
    icon = "point"
    group = "路网"
    order = 75
    columns = (
        "waterway",
        "sequence",
        "name",
        "kind",
        Column("stake_m", title="里程", unit="m"),
        "region",
    )
    filters = ("waterway", "kind", "region")
    search = ("name",)
    ordering = ("waterway", "sequence")
    fieldsets = (
        Fieldset("控制点", ("waterway", "sequence", "name", "kind")),
        Fieldset("位置", ("stake_m", "geom", "region", "is_schematic")),
    )
    layer = Layer(
        attributes=("name", "kind"),
        minzoom=10,
        colour="--q-c6",
        group="水系",
        label="name",
        order=50,
    )
    natural_key = ("waterway", "sequence")
