"""Writing the audit trail. An act whose record cannot be written fails with it."""

from typing import Any

from django.http import HttpRequest

from .audit_records import AuditRecord

Result = AuditRecord.Result


def record(
    request: HttpRequest,
    act: str,
    *,
    about: Any = None,
    result: AuditRecord.Result = Result.DONE,
    purpose: str = "",
    actor: Any = None,
    actor_name: str = "",
    **facts: Any,
) -> AuditRecord:
    """One record of what the person behind the request did to `about` (a model row)."""
    user = actor or (request.user if request.user.is_authenticated else None)
    login_session = getattr(request, "login_session", None)
    return AuditRecord.objects.create(
        actor=user,
        actor_name=user.login_name if user else actor_name,
        sid=login_session.sid if login_session else None,
        address=request.META.get("REMOTE_ADDR"),
        act=act,
        object_type=about._meta.label_lower if about is not None else "",
        object_key=str(about)[:200] if about is not None else "",
        purpose=purpose[:200],
        result=result,
        facts=facts,
    )
