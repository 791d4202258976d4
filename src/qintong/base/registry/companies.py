"""企业: a legal entity or sole trader with a credit code."""

import pghistory
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models.functions import Upper

from qintong.base.identity.choices import BusinessLine
from qintong.base.identity.organisations import Organisation
from qintong.base.identity.regions import Region
from qintong.desk.registry import register
from qintong.desk.resource import Column, Fieldset, Layer, Related, Resource, ScopeBy, View

from . import validators


@pghistory.track()
class Company(models.Model):
    class State(models.TextChoices):
        OPERATING = "operating", "营业"
        SUSPENDED = "suspended", "停业"
        CANCELLED = "cancelled", "注销"

    credit_code = models.CharField(
        "统一社会信用代码",
        max_length=18,
        unique=True,
        validators=[validators.credit_code],
        help_text="GB 32100-2015，18 位",
    )
    name = models.CharField("企业", max_length=120, db_collation="zh_pinyin")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPERATING)
    business_line = models.CharField(
        "业务条线", max_length=16, choices=BusinessLine, default=BusinessLine.ROAD_TRANSPORT
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="所属地", related_name="+")
    organisation = models.OneToOneField(
        Organisation,
        models.PROTECT,
        verbose_name="机构树中的位置",
        editable=False,
        related_name="company",
    )
    legal_representative = models.CharField("法定代表人", max_length=60, blank=True)
    phone = models.CharField("电话", max_length=20, blank=True)
    address = models.CharField("地址", max_length=200, blank=True)
    geom = models.PointField("位置", srid=4490, null=True, blank=True)
    is_demo = models.BooleanField("演示数据", default=False)

    class Meta:
        verbose_name = "企业"
        verbose_name_plural = verbose_name
        ordering = ["credit_code"]
        indexes = [
            models.Index(fields=["name"]),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="company_name_trgm"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        """Keeps the company's node in the organisation tree: below the bureau of its region."""
        node = self.organisation if self.organisation_id else Organisation(kind="company")
        node.code, node.name, node.region = self.credit_code, self.name, self.region
        node.parent, node.is_demo = bureau_of(self.region), self.is_demo
        node.save()
        self.organisation = node
        super().save(*args, **kwargs)


def bureau_of(region: Region) -> Organisation | None:
    """The transport bureau that answers for companies of a place: of the county, else city, else province."""
    kinds = (
        Organisation.Kind.COUNTY_BUREAU,
        Organisation.Kind.CITY_BUREAU,
        Organisation.Kind.DEPARTMENT,
    )
    place: Region | None = region
    while place is not None:
        found = Organisation.objects.filter(region=place, kind__in=kinds).order_by("path").first()
        if found:
            return found
        place = place.parent
    return None


@register
class CompanyResource(Resource):
    model = Company
    icon = "building"
    group = "主体"
    order = 10
    columns = (
        "credit_code",
        "name",
        "business_line",
        "region",
        "state",
        Column("legal_representative", shown=False),
        Column("phone", shown=False),
        Column("address", shown=False),
    )
    filters = ("state", "business_line", "region", "is_demo")
    search = ("credit_code", "name")
    ordering = ("name",)
    fieldsets = (
        Fieldset("企业", ("credit_code", "name", "state", "business_line"), note="GB 32100-2015"),
        Fieldset("所在", ("region", "address", "geom")),
        Fieldset("联系", ("legal_representative", "phone", "is_demo")),
    )
    related = (
        Related("registry.vehicle", "company", "车辆"),
        Related("registry.person", "company", "人员"),
    )
    views = (View("停业", "state=suspended"),)
    layer = Layer(
        attributes=("name", "state"), minzoom=9, colour="--q-c4", group="主体", label="name"
    )
    scope = ScopeBy(
        region="region__code", organisation="organisation__path", business_line="business_line"
    )
    natural_key = ("credit_code",)
    also_called = {
        "credit_code": ("信用代码", "社会信用代码", "营业执照号"),
        "name": ("企业名称", "单位名称", "业户名称", "公司名称"),
        "region": ("所属县", "所属区县", "所属地区", "县区"),
        "legal_representative": ("法人", "法人代表", "负责人"),
        "phone": ("联系电话", "手机", "电话号码"),
        "address": ("住址", "注册地址", "经营地址"),
    }
    masked = {"phone": "personal"}
