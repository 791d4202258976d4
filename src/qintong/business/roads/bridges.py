"""桥梁: technical facts and grade of a bridge structure (JTG/T H21-2011, JTG 5120-2021)."""

from decimal import Decimal

import pghistory
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from qintong.base.registry.structures import Structure
from qintong.desk.registry import register
from qintong.desk.resource import Column, Fieldset, Resource, ScopeBy, View

from .rules.bridge_condition import rate_bridge

score = (MinValueValidator(0), MaxValueValidator(100))


@pghistory.track()
class Bridge(models.Model):
    class Kind(models.TextChoices):
        BEAM = "beam", "梁桥"
        ARCH = "arch", "拱桥"
        RIGID_FRAME = "rigid_frame", "刚构桥"
        SUSPENSION = "suspension", "悬索桥"
        CABLE_STAYED = "cable_stayed", "斜拉桥"
        OTHER = "other", "其他"

    class SpanClass(models.TextChoices):
        """按跨径分类, JTG D60-2015 表 1.0.5."""

        EXTRA_LARGE = "extra_large", "特大桥"
        LARGE = "large", "大桥"
        MEDIUM = "medium", "中桥"
        SMALL = "small", "小桥"

    class ConditionClass(models.IntegerChoices):
        """技术状况等级, JTG/T H21-2011 4.1.7."""

        ONE = 1, "1 类"
        TWO = 2, "2 类"
        THREE = 3, "3 类"
        FOUR = 4, "4 类"
        FIVE = 5, "5 类"

    structure = models.OneToOneField(
        Structure,
        models.PROTECT,
        verbose_name="构造物",
        related_name="bridge",
        limit_choices_to={"kind": Structure.Kind.BRIDGE},
    )
    kind = models.CharField("桥型", max_length=14, choices=Kind, default=Kind.BEAM)
    span_class = models.CharField("跨径分类", max_length=12, choices=SpanClass, blank=True)
    deck_width_m = models.DecimalField(
        "桥面宽 m", max_digits=5, decimal_places=2, null=True, blank=True
    )
    built_on = models.DateField("建成日期", null=True, blank=True)
    superstructure_score = models.DecimalField(
        "上部结构评分", max_digits=5, decimal_places=2, null=True, blank=True, validators=score
    )
    substructure_score = models.DecimalField(
        "下部结构评分", max_digits=5, decimal_places=2, null=True, blank=True, validators=score
    )
    deck_score = models.DecimalField(
        "桥面系评分", max_digits=5, decimal_places=2, null=True, blank=True, validators=score
    )
    has_single_control = models.BooleanField(
        "有单项控制指标", default=False, help_text="JTG/T H21-2011 4.3 所列 14 项之一：直接评 5 类"
    )
    score = models.DecimalField(
        "总评分", max_digits=5, decimal_places=2, null=True, blank=True, editable=False
    )
    condition_class = models.PositiveSmallIntegerField(
        "技术状况等级", choices=ConditionClass, null=True, blank=True, editable=False
    )
    rated_on = models.DateField("评定日期", null=True, blank=True)
    is_demo = models.BooleanField("演示数据", default=False)

    class Meta:
        verbose_name = "桥梁"
        verbose_name_plural = verbose_name
        ordering = ["structure__code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(condition_class__isnull=True) | Q(rated_on__isnull=False),
                name="bridge_class_needs_date",
                violation_error_message="有评分就要填评定日期",
            )
        ]

    def __str__(self) -> str:
        return self.structure.name

    def save(self, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        """Score and class follow from the three part scores."""
        self.rate()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Part scores come all three or not at all, and with a date."""
        given = [value for value in self._parts() if value is not None]
        if given and len(given) < 3:
            raise ValidationError("上部结构、下部结构、桥面系评分须一起填")
        if given and self.rated_on is None:
            raise ValidationError({"rated_on": "有评分就要填评定日期"})

    def rate(self) -> None:
        """Computes score and class; empties them when a part score is missing."""
        superstructure, substructure, deck = self._parts()
        if superstructure is None or substructure is None or deck is None:
            self.score = self.condition_class = None
            return
        rating = rate_bridge(superstructure, substructure, deck, self.has_single_control)
        self.score, self.condition_class = rating.score, rating.condition_class

    def _parts(self) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        return self.superstructure_score, self.substructure_score, self.deck_score


@register
class BridgeResource(Resource):
    model = Bridge
    icon = "bridge"
    order = 10
    columns = (
        Column("structure__name", title="桥梁"),
        Column("structure__route", title="路线"),
        Column("structure__stake_m", title="桩号", template="desk/cells/stake.html"),
        Column("structure__length_m", title="桥长", unit="m"),
        "kind",
        "span_class",
        "condition_class",
        "score",
        "rated_on",
        Column("structure__region", title="所属地"),
    )
    filters = (
        "condition_class",
        "kind",
        "span_class",
        "structure__route",
        "structure__region",
        "rated_on",
        "is_demo",
    )
    search = ("structure__name", "structure__code")
    ordering = ("-condition_class", "structure__name")
    fieldsets = (
        Fieldset("桥梁", ("structure", "kind", "span_class", "deck_width_m", "built_on")),
        Fieldset(
            "评定",
            (
                "superstructure_score",
                "substructure_score",
                "deck_score",
                "has_single_control",
                "rated_on",
                "is_demo",
            ),
            note="JTG/T H21-2011",
        ),
    )
    views = (
        View("4、5 类桥", "condition_class=4&condition_class=5"),
        View("未评定", "condition_class__isnull=true"),
    )
    scope = ScopeBy(region="structure__region__code", organisation="structure__organisation__path")
    natural_key = ("structure",)
