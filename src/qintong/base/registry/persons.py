"""人员: a natural person with a document number; never an account."""

import pghistory
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Upper

from qintong.base.identity.regions import Region
from qintong.desk.registry import register
from qintong.desk.resource import Column, Fieldset, Resource, ScopeBy

from .companies import Company
from .rules.identity_number import check_identity_number
from .validators import obey


@pghistory.track()
class Person(models.Model):
    class DocumentType(models.TextChoices):
        ID_CARD = "id_card", "居民身份证"
        RESIDENCE_PERMIT = "residence_permit", "港澳台居民居住证"
        PASSPORT = "passport", "护照"
        OTHER = "other", "其他"

    class Duty(models.TextChoices):
        PASSENGER_DRIVER = "passenger_driver", "客运驾驶员"
        FREIGHT_DRIVER = "freight_driver", "货运驾驶员"
        DANGEROUS_GOODS_DRIVER = "dangerous_goods_driver", "危险货物驾驶员"
        ESCORT = "escort", "押运员"
        LOADING_MANAGER = "loading_manager", "装卸管理人员"
        OTHER = "other", "其他"

    name = models.CharField("姓名", max_length=60, db_collation="zh_pinyin")
    identity_document_type = models.CharField(
        "证件类型", max_length=16, choices=DocumentType, default=DocumentType.ID_CARD
    )
    document_number = models.CharField("证件号码", max_length=30)
    duty = models.CharField("从业类别", max_length=24, choices=Duty, default=Duty.OTHER)
    company = models.ForeignKey(
        Company, models.PROTECT, verbose_name="企业", null=True, blank=True, related_name="persons"
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="所属地", related_name="+")
    phone = models.CharField("电话", max_length=20, blank=True)
    is_demo = models.BooleanField("演示数据", default=False)

    class Meta:
        verbose_name = "人员"
        verbose_name_plural = verbose_name
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["identity_document_type", "document_number"],
                name="person_once",
                violation_error_message="这个证件号码已登记",
            )
        ]
        indexes = [
            models.Index(fields=["name"]),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="person_name_trgm"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.document_number = self.document_number.strip().upper()
        if self.identity_document_type == self.DocumentType.ID_CARD:
            try:
                obey(check_identity_number, self.document_number)
            except ValidationError as refusal:
                raise ValidationError({"document_number": refusal.messages}) from refusal


@register
class PersonResource(Resource):
    model = Person
    icon = "user"
    group = "主体"
    order = 20
    columns = (
        "name",
        "identity_document_type",
        "document_number",
        "duty",
        "company",
        "region",
        Column("phone", shown=False),
    )
    filters = ("duty", "region", "company", "is_demo")
    search = ("name",)
    ordering = ("name",)
    fieldsets = (
        Fieldset(
            "人员", ("name", "identity_document_type", "document_number"), note="GB 11643-1999"
        ),
        Fieldset("从业", ("duty", "company", "region")),
        Fieldset("联系", ("phone", "is_demo")),
    )
    scope = ScopeBy(region="region__code", organisation="company__organisation__path")
    natural_key = ("identity_document_type", "document_number")
    also_called = {
        "document_number": ("身份证号", "身份证号码", "证件号"),
        "region": ("所属县", "所属区县", "所属地区", "县区"),
        "company": ("所属企业", "业户", "工作单位"),
        "phone": ("联系电话", "手机", "电话号码"),
    }
    masked = {"document_number": "sensitive", "phone": "personal"}
