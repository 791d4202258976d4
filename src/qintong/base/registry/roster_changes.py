"""Notes that the published roster is behind: written by triggers, whichever way a row was changed.

A row a change and no counter: two transactions that change vehicles must not wait for each other.
"""

from django.db import models
from django.db.models.functions import Now


class RosterChange(models.Model):
    at = models.DateTimeField("时间", db_default=Now())

    class Meta:
        verbose_name = "名册变动"
        verbose_name_plural = verbose_name

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
