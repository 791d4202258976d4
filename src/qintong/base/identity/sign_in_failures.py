"""Failed sign-ins in a row, by account and by address: what lock-out is decided on."""

from django.db import models


class SignInFailure(models.Model):
    subject = models.CharField("对象", max_length=120, unique=True)
    """`account:` + digest of what was typed, or `address:` + network address."""
    count = models.PositiveIntegerField("连续失败", default=0)
    last_at = models.DateTimeField("最近失败")
    locked_until = models.DateTimeField("锁定至", null=True, blank=True)

    class Meta:
        verbose_name = "登录失败"
        verbose_name_plural = verbose_name

    def __str__(self) -> str:
        return self.subject
