"""A counter that moves, in the same transaction, whenever somebody's rights may have changed.

Processes cache scopes by this number. Triggers on users, roles, assignments, organisations and
ended sessions add one (migration scope_triggers), so raw SQL moves it too.
"""

from django.db import models


class ScopeVersion(models.Model):
    """One row, id 1."""

    number = models.BigIntegerField(default=1)

    class Meta:
        verbose_name = "权限版本"
        verbose_name_plural = verbose_name
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="scope_version_one_row")
        ]

    def __str__(self) -> str:
        return str(self.number)
