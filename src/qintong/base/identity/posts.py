"""岗位: a position in an organisation, held by a user from one day to another."""

import pghistory
from django.db import models
from django.db.models import F, Q

from qintong.desk.registry import register
from qintong.desk.resource import Fieldset, Resource, ScopeBy

from .organisations import Organisation
from .users import User


@pghistory.track()
class Post(models.Model):
    code = models.CharField("岗位编码", max_length=60, unique=True)
    title = models.CharField("岗位", max_length=60, db_collation="zh_pinyin")
    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name="机构")
    holder = models.ForeignKey(
        User, models.PROTECT, verbose_name="任职人", null=True, blank=True, related_name="posts"
    )
    valid_from = models.DateField("任职自", null=True, blank=True)
    valid_to = models.DateField("任职至", null=True, blank=True, help_text="不含当日")
    is_demo = models.BooleanField("演示数据", default=False)

    class Meta:
        verbose_name = "岗位"
        verbose_name_plural = verbose_name
        ordering = ["organisation__path", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="post_period",
                violation_error_message="任职至应晚于任职自",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.title}"


@register
class PostResource(Resource):
    model = Post
    icon = "id"
    order = 40
    columns = ("code", "title", "organisation", "holder", "valid_from", "valid_to")
    filters = ("organisation", "holder", "is_demo")
    search = ("code", "title")
    ordering = ("organisation", "code")
    fieldsets = (
        Fieldset("岗位", ("code", "title", "organisation")),
        Fieldset("任职", ("holder", "valid_from", "valid_to", "is_demo")),
    )
    scope = ScopeBy(region="organisation__region__code", organisation="organisation__path")
    natural_key = ("code",)
