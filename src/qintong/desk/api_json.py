"""A row as JSON, and JSON as values for the form."""

from datetime import datetime
from typing import Any

import orjson
from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from qintong.desk.api_fields import ApiField, fields_of
from qintong.desk.api_problem import Problem, invalid
from qintong.desk.import_related import Lookup
from qintong.desk.masking import shown
from qintong.desk.paths import value_at
from qintong.desk.resource import Resource
from qintong.desk.row_form import RowForm
from qintong.desk.scope import Scope
from qintong.desk.shapes import as_json as shape_json
from qintong.desk.shapes import read_shape


def as_json(
    resource: type[Resource], scope: Scope, row: Any, names: set[str] | None = None
) -> dict[str, Any]:
    """`id`, `title` and the fields, or those of `names`; masked where the grade is lacking."""
    found: dict[str, Any] = {"id": row.pk, "title": str(row)}
    for field in fields_of(resource):
        if names is None or field.name in names:
            value = shown(resource, scope, field.name, value_at(row, field.name))
            found[field.name] = _json_value(value)
    return found


def _json_value(value: Any) -> Any:
    if isinstance(value, models.Model):
        return {"id": value.pk, "title": str(value)}
    if isinstance(value, GEOSGeometry):
        return shape_json(value)
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of the request. Raises Problem 400 or 415."""
    if request.content_type not in {"application/json", "application/merge-patch+json"}:
        raise Problem(415, _("内容应为 JSON"), _("用 Content-Type: application/json"))
    try:
        body = orjson.loads(request.body or b"null")
    except orjson.JSONDecodeError as error:
        raise Problem(400, _("JSON 读不懂"), str(error)) from error
    if not isinstance(body, dict):
        raise Problem(400, _("内容应为一个 JSON 对象"))
    return body


def form_values(resource: type[Resource], form: RowForm, body: dict[str, Any]) -> dict[str, Any]:
    """Values as the form takes them. Raises Problem 422 for members that cannot be written."""
    fields = {field.name: field for field in fields_of(resource)}
    errors: dict[str, list[ValidationError]] = {}
    values: dict[str, Any] = {}
    for name, value in body.items():
        if name not in form.fields or name not in fields:
            message = (
                _("不能写 %s") if name in fields or name in {"id", "title"} else _("没有字段 %s")
            )
            errors[name] = [ValidationError(message % name, code="unknown")]
            continue
        try:
            values[name] = _form_value(fields[name], form, value)
        except ValidationError as error:
            errors[name] = [error]
    if errors:
        raise invalid(errors, body)
    return values


def _form_value(field: ApiField, form: RowForm, value: Any) -> Any:
    if value is None:
        return None
    if field.kind == "related":
        return _related(field, form, value)
    if field.kind == "geometry":
        try:
            text = orjson.dumps(value).decode() if isinstance(value, dict) else str(value)
            return read_shape(text, form.fields[field.name].srid)  # type: ignore[attr-defined]  # lon-lat
        except ValueError as error:
            raise ValidationError(_("几何读不懂，应为 GeoJSON 或 WKT"), code="invalid") from error
    if field.kind in {"array", "any"}:
        return value
    if isinstance(value, dict | list):
        raise ValidationError(_("应为单个值"), code="invalid")
    return value


def _related(field: ApiField, form: RowForm, value: Any) -> Any:
    """A number is an id; a text is the natural key or name; an object is what a GET answered."""
    if isinstance(value, dict):
        value = value.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    lookup = Lookup(form.fields[field.name].queryset)  # type: ignore[attr-defined]  # a choice of records
    lookup.load([str(value)])
    found = lookup.found[str(value)]
    if found.rows == 1:
        return found.pk
    if found.rows > 1:
        message = _("有 %(rows)s 条叫 %(text)s；改用编号") % {"rows": found.rows, "text": value}
        raise ValidationError(message, code="ambiguous")
    message = _("你的范围内没有 %(title)s %(text)s") % {"title": field.title, "text": value}
    raise ValidationError(message, code="invalid_choice")
