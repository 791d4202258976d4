"""The one way a login session ends."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from .choices import SessionEnd


def end_login_sessions(sessions: QuerySet[Any], reason: SessionEnd) -> int:
    """Ends those that still run; they are refused from then on."""
    return sessions.filter(ended_at__isnull=True).update(ended_at=timezone.now(), end_reason=reason)
