"""行政区划: the tree of divisions, province to village. A place in law, never an organisation."""

import pghistory
from django.contrib.gis.db import models

from qintong.desk.registry import register
from qintong.desk.resource import Column, Fieldset, Layer, LayerClass, Related, Resource, ScopeBy

from .former_regions import FORMER_REGIONS
from .rules.division_code import significant_digits


@pghistory.track(exclude=["geom"])
class Region(models.Model):
    class Level(models.TextChoices):
        PROVINCE = "province", "省级"
        CITY = "city", "地级"
        COUNTY = "county", "县级"
        TOWNSHIP = "township", "乡级"
        VILLAGE = "village", "村级"

    code = models.CharField("区划代码", max_length=12, unique=True, help_text="GB/T 2260，6 位")
    name = models.CharField("名称", max_length=60, db_collation="zh_pinyin")
    short_name = models.CharField("简称", max_length=30, blank=True)
    level = models.CharField("级别", max_length=8, choices=Level)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上级", null=True, blank=True, related_name="children"
    )
    geom = models.MultiPolygonField("边界", srid=4490, null=True, blank=True)
    centre = models.PointField("驻地或中心", srid=4490, null=True, blank=True)
    is_outline = models.BooleanField(
        "仅轮廓", default=False, help_text="省外邻区，只在地图上画出边界"
    )

    class Meta:
        verbose_name = "行政区划"
        verbose_name_plural = verbose_name
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def prefix(self) -> str:
        """Significant digits: every place inside has a code that begins with them."""
        return significant_digits(self.code)


@register
class RegionResource(Resource):
    model = Region
    icon = "map"
    order = 10
    columns = ("code", "name", "level", "parent", Column("is_outline", shown=False))
    filters = ("level", "parent")
    search = ("code", "name")
    ordering = ("code",)
    fieldsets = (
        Fieldset("区划", ("code", "name", "short_name", "level", "parent"), note="GB/T 2260"),
        Fieldset("位置", ("geom", "centre", "is_outline")),
    )
    related = (
        Related("identity.region", "parent", "下级区划"),
        Related("identity.organisation", "region", "机构"),
    )
    layer = Layer(
        attributes=("code", "name", "level"),
        style="fill",
        colour="--q-m-land",
        group="区划",
        by="level",
        classes=(
            LayerClass("province"),
            LayerClass("city", minzoom=4),
            LayerClass("county", minzoom=7),
        ),
        label="name",
        shown=True,
        order=0,
    )
    scope = ScopeBy(region="code")
    natural_key = ("code",)
    former_names = FORMER_REGIONS
