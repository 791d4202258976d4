"""Answers of the JSON API: data by orjson, errors as problem details (RFC 9457) with the rule in words."""

from decimal import Decimal
from typing import Any

import orjson
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext as _


class Problem(Exception):
    """Raised anywhere below an API view; becomes its answer."""

    def __init__(self, status: int, title: str, detail: str = "", **members: Any) -> None:
        super().__init__(title)
        self.status, self.title, self.detail, self.members = status, title, detail, members

    def response(self) -> HttpResponse:
        body = {"type": "about:blank", "title": self.title, "status": self.status}
        if self.detail:
            body["detail"] = self.detail
        response = answer(body | self.members, self.status)
        response["Content-Type"] = "application/problem+json; charset=utf-8"
        if self.status == 401:
            response["WWW-Authenticate"] = 'Bearer realm="qintong"'
        return response


def not_found() -> Problem:
    return Problem(404, _("没有这一条"), _("编号不存在，或不在你的范围内"))


def forbidden(permission: str) -> Problem:
    return Problem(403, _("没有权限"), _("需要权限 %s") % permission, permission=permission)


def invalid(errors: dict[str, list[ValidationError]], given: dict[str, Any]) -> Problem:
    """Every error names the field, the value that was sent and the rule it breaks."""
    found = [
        {
            "field": "" if name == NON_FIELD_ERRORS else name,
            "value": given.get(name),
            "code": error.code or "invalid",
            "rule": "；".join(error.messages),
        }
        for name, of_field in errors.items()
        for error in of_field
    ]
    return Problem(
        422,
        _("有 %s 处不合规则") % len(found),
        "；".join(str(e["rule"]) for e in found),
        errors=found,
    )


def answer(data: Any, status: int = 200) -> HttpResponse:
    body = orjson.dumps(data, default=_plain, option=orjson.OPT_NON_STR_KEYS)
    response = HttpResponse(body, status=status, content_type="application/json; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    return response


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)
