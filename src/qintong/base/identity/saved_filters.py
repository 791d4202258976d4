"""常用筛选: a user's named filter set of one entity. The desk kit reads and writes it."""

from django.db import models

from .users import User


class SavedFilter(models.Model):
    user = models.ForeignKey(User, models.CASCADE, verbose_name="用户", related_name="+")
    resource = models.CharField("实体", max_length=80)
    title = models.CharField("名称", max_length=40)
    query = models.TextField("条件", blank=True)
    position = models.PositiveSmallIntegerField("次序", default=0)
    shared = models.BooleanField("本机构可用", default=False)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    class Meta:
        verbose_name = "常用筛选"
        verbose_name_plural = verbose_name
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "resource", "title"],
                name="saved_filter_once",
                violation_error_message="已有同名的常用筛选",
            )
        ]

    def __str__(self) -> str:
        return self.title
