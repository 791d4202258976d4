"""机构: the tree of authorities and their units, and the place of companies below them."""

import pghistory
from django.core.exceptions import ValidationError
from django.db import models

from qintong.desk.registry import register
from qintong.desk.resource import Column, Fieldset, Related, Resource, ScopeBy, View

from .regions import Region


@pghistory.track()
class Organisation(models.Model):
    class Kind(models.TextChoices):
        DEPARTMENT = "department", "省交通运输厅"
        HIGHWAY_BUREAU = "highway_bureau", "省公路局"
        ROAD_TRANSPORT_BUREAU = "road_transport_bureau", "省道路运输管理局"
        SHIPPING_BUREAU = "shipping_bureau", "省航运管理局"
        TOLL_CENTRE = "toll_centre", "高速公路收费中心"
        QUALITY_STATION = "quality_station", "质量监督站"
        COST_STATION = "cost_station", "定额管理站"
        ENFORCEMENT_CORPS = "enforcement_corps", "执法总队"
        INFORMATION_CENTRE = "information_centre", "信息中心"
        EMERGENCY_CENTRE = "emergency_centre", "应急指挥中心"
        HOTLINE_CENTRE = "hotline_centre", "12328 中心"
        OPERATOR = "operator", "高速公路集团"
        CITY_BUREAU = "city_bureau", "市交通运输局"
        CITY_HIGHWAY_BUREAU = "city_highway_bureau", "市公路管理局"
        CITY_ROAD_TRANSPORT_OFFICE = "city_road_transport_office", "市道路运输管理处"
        CITY_MARITIME_BUREAU = "city_maritime_bureau", "市地方海事局"
        COUNTY_BUREAU = "county_bureau", "县交通运输局"
        COMPANY = "company", "企业"
        OTHER = "other", "其他"

    code = models.CharField("机构编码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=100, db_collation="zh_pinyin")
    english_name = models.CharField("英文名称", max_length=160, blank=True)
    kind = models.CharField("类别", max_length=30, choices=Kind)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上级", null=True, blank=True, related_name="children"
    )
    path = models.CharField(
        "路径", max_length=400, unique=True, editable=False, db_collation="C", db_index=True
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="所属地", related_name="+")
    is_demo = models.BooleanField("演示数据", default=False)

    class Meta:
        verbose_name = "机构"
        verbose_name_plural = verbose_name
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        """Writes the path, and the paths of all units below when it changed."""
        old = self.path
        self.path = f"{self.parent.path}/{self.code}" if self.parent else self.code
        super().save(*args, **kwargs)
        if old and old != self.path:
            for child in self.children.all():
                child.save()

    def clean(self) -> None:
        above = self.parent
        while above is not None:
            if above.pk == self.pk and self.pk is not None:
                raise ValidationError({"parent": f"{self.name} 不能挂在自己的下级机构下"})
            above = above.parent


@register
class OrganisationResource(Resource):
    model = Organisation
    icon = "building"
    order = 20
    columns = ("code", "name", "kind", "parent", "region", Column("path", shown=False))
    filters = ("kind", "region", "parent", "is_demo")
    search = ("code", "name")
    ordering = ("path",)
    fieldsets = (
        Fieldset("机构", ("code", "name", "english_name", "kind")),
        Fieldset("位置", ("parent", "region", "is_demo")),
    )
    related = (
        Related("identity.organisation", "parent", "下级机构"),
        Related("identity.user", "organisation", "用户"),
        Related("identity.post", "organisation", "岗位"),
    )
    views = (
        View("省级", "region=610000"),
        View("企业", "kind=company"),
    )
    scope = ScopeBy(region="region__code", organisation="path")
    natural_key = ("code",)
