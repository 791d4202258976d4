"""构造物: a fixed built thing with a place and an owner. Technical facts are in the domain modules."""

import pghistory
from django.contrib.gis.db import models
from django.db.models import Q

from qintong.base.identity.organisations import Organisation
from qintong.base.identity.regions import Region
from qintong.desk.registry import register
from qintong.desk.resource import Column, Fieldset, Layer, LayerClass, Resource, ScopeBy, View

from .routes import Route


@pghistory.track()
class Structure(models.Model):
    class Kind(models.TextChoices):
        BRIDGE = "bridge", "桥梁"
        TUNNEL = "tunnel", "隧道"
        CULVERT = "culvert", "涵洞"
        INTERCHANGE = "interchange", "互通立交"
        TOLL_STATION = "toll_station", "收费站"
        SERVICE_AREA = "service_area", "服务区"
        PASSENGER_STATION = "passenger_station", "客运站"
        FREIGHT_STATION = "freight_station", "货运站"
        WEIGH_STATION = "weigh_station", "治超站"
        WHARF = "wharf", "码头"
        FERRY_CROSSING = "ferry_crossing", "渡口"
        NAVIGATION_LOCK = "navigation_lock", "船闸"
        AIRPORT = "airport", "机场"
        RAILWAY_STATION = "railway_station", "火车站"
        EMERGENCY_STORE = "emergency_store", "应急物资库"
        HOSPITAL = "hospital", "医院"

    code = models.CharField("编码", max_length=30, unique=True)
    kind = models.CharField("类别", max_length=18, choices=Kind)
    name = models.CharField("构造物", max_length=80, db_collation="zh_pinyin")
    route = models.ForeignKey(
        Route, models.PROTECT, verbose_name="路线", null=True, blank=True, related_name="structures"
    )
    stake_m = models.IntegerField("中心桩号 m", null=True, blank=True)
    length_m = models.PositiveIntegerField("长度 m", null=True, blank=True)
    geom = models.PointField("位置", srid=4490)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="所属地", related_name="+")
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        verbose_name="管理机构",
        null=True,
        blank=True,
        related_name="+",
    )
    note = models.CharField("备注", max_length=200, blank=True)
    is_schematic = models.BooleanField("示意数据", default=False)
    is_demo = models.BooleanField("演示数据", default=False)

    class Meta:
        verbose_name = "构造物"
        verbose_name_plural = verbose_name
        ordering = ["kind", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "name", "region"],
                name="structure_once",
                violation_error_message="这个县已有同类同名的构造物",
            ),
            models.CheckConstraint(
                condition=Q(stake_m__isnull=True) | Q(route__isnull=False),
                name="structure_stake_needs_route",
                violation_error_message="填了桩号就要填路线",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@register
class StructureResource(Resource):
    model = Structure
    icon = "bridge"
    group = "路网"
    order = 60
    columns = (
        "code",
        "name",
        "kind",
        "route",
        Column("stake_m", title="桩号", template="desk/cells/stake.html"),
        Column("length_m", title="长度", unit="m"),
        "region",
        Column("organisation", shown=False),
        Column("note", shown=False),
    )
    filters = ("kind", "route", "region", "length_m", "is_schematic", "is_demo")
    search = ("code", "name")
    ordering = ("kind", "code")
    fieldsets = (
        Fieldset("构造物", ("code", "kind", "name", "note")),
        Fieldset("位置", ("route", "stake_m", "length_m", "geom")),
        Fieldset("管理", ("region", "organisation", "is_schematic", "is_demo")),
    )
    views = (
        View("桥梁", "kind=bridge"),
        View("隧道", "kind=tunnel"),
        View("收费站", "kind=toll_station"),
        View("服务区", "kind=service_area"),
        View("码头", "kind=wharf"),
    )
    layer = Layer(
        attributes=("kind", "name"),
        minzoom=7,
        colour="--q-c8",
        group="路网",
        by="kind",
        classes=(
            LayerClass("bridge", minzoom=8, colour="--q-c1"),
            LayerClass("tunnel", minzoom=8, colour="--q-c2"),
            LayerClass("toll_station", minzoom=8, colour="--q-c3"),
            LayerClass("service_area", minzoom=8, colour="--q-c5"),
            LayerClass("passenger_station", minzoom=8, colour="--q-c4"),
            LayerClass("wharf", minzoom=8, colour="--q-c6"),
        ),
        label="name",
        order=40,
    )
    scope = ScopeBy(region="region__code", organisation="organisation__path")
    natural_key = ("code",)
