"""The JSON API of every entity: one set of views over the registry, through the same door and the same form as the pages."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from qintong.desk import listing
from qintong.desk.addresses import api_address
from qintong.desk.api_cursor import after, encode, sort_keys
from qintong.desk.api_fields import fields_of
from qintong.desk.api_json import as_json, body_of, form_values
from qintong.desk.api_problem import Problem, answer, forbidden, invalid, not_found
from qintong.desk.masking import readable
from qintong.desk.registry import resources
from qintong.desk.resource import Resource
from qintong.desk.row_form import row_form_for
from qintong.desk.scope import Scope

MOST = 500
"""Rows of one page at most."""
PLAIN = {"fields", "page", "page_size", "cursor", "sort", "q"}

Entity = type[Resource]


def scope_of(request: HttpRequest) -> Scope:
    scope: Scope = request.scope  # type: ignore[attr-defined]  # set by middleware or guard
    return scope


def demand(request: HttpRequest, permission: str) -> None:
    if not scope_of(request).allows(permission):
        raise forbidden(permission)


def index(request: HttpRequest) -> HttpResponse:
    """Entities this caller may see."""
    found = [
        {
            "name": label,
            "title": str(resource.model._meta.verbose_name),
            "href": api_address(resource),
            "read_only": resource.read_only,
        }
        for label, resource in sorted(resources().items())
        if scope_of(request).allows(resource.permission("view"))
    ]
    return answer({"items": found, "openapi": "/api/v1/openapi.json"})


def listed(request: HttpRequest, resource: Entity) -> HttpResponse:
    """By page with a total, or by cursor without one."""
    demand(request, resource.permission("view"))
    scope, params = scope_of(request), request.GET
    wrong = listing.errors(resource, scope, params)
    if wrong:
        raise Problem(400, _("查询条件有误"), "；".join(wrong))
    names = _fields(resource, params)
    size = _number(params, "page_size", resource.page_size, MOST)
    rows = listing.rows(resource, scope, params)
    if joined := _joined(resource):
        rows = rows.select_related(*joined)
    if "cursor" in params:
        keys = sort_keys(rows)
        if params["cursor"]:
            rows = after(rows, keys, params["cursor"])
        page = list(rows[: size + 1])
        following = encode(page[size - 1], keys) if len(page) > size else None
        items = [as_json(resource, scope, row, names) for row in page[:size]]
        return answer({"items": items, "next": following})
    number = _number(params, "page", 1, 1_000_000)
    total = rows.order_by().count()
    shown = rows[(number - 1) * size : number * size]
    return answer(
        {
            "items": [as_json(resource, scope, row, names) for row in shown],
            "total": total,
            "page": number,
            "page_size": size,
        }
    )


def _joined(resource: Entity) -> list[str]:
    paths = {f.name for f in fields_of(resource) if f.kind == "related" and "__" not in f.name}
    return sorted(paths | set(listing.joined(resource)))


def _fields(resource: Entity, params: QueryDict) -> set[str] | None:
    text = params.get("fields")
    if not text:
        return None
    names = set(text.split(","))
    unknown = names - {field.name for field in fields_of(resource)} - {"id", "title"}
    if unknown:
        raise Problem(400, _("没有字段 %s") % "、".join(sorted(unknown)))
    return names


def _number(params: QueryDict, name: str, default: int, most: int) -> int:
    text = params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise Problem(400, _("%(name)s 应为 1 至 %(most)s") % {"name": name, "most": most})
    return int(text)


def _row(request: HttpRequest, resource: Entity, pk: int, act: str, lock: bool = False) -> Any:
    """The row, if this act is allowed on it here. What may be seen but not changed is forbidden, not hidden."""
    scope = scope_of(request)
    rows = resource.queryset_for(scope, act)
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=pk).first()
    if row is None:
        if act != "view" and resource.queryset_for(scope).filter(pk=pk).exists():
            raise forbidden(resource.permission(act))
        raise not_found()
    return row


def etag(row: Any) -> str:
    """Changes with every change of the row; keyed, so that masked values cannot be guessed from it."""
    values = [str(getattr(row, f.attname)) for f in row._meta.concrete_fields]
    return f'"{salted_hmac("desk.etag", repr(values)).hexdigest()[:24]}"'


def _one(request: HttpRequest, resource: Entity, row: Any, status: int = 200) -> HttpResponse:
    response = answer(as_json(resource, scope_of(request), row), status)
    response["ETag"] = etag(row)
    return response


def detail(request: HttpRequest, resource: Entity, pk: int) -> HttpResponse:
    demand(request, resource.permission("view"))
    row = _row(request, resource, pk, "view")
    if request.headers.get("If-None-Match") == etag(row):
        return HttpResponse(status=304)
    return _one(request, resource, row)


def create(request: HttpRequest, resource: Entity) -> HttpResponse:
    refuse_read_only(resource)
    demand(request, resource.permission("add"))
    with transaction.atomic():
        row = _save(request, resource, resource.model(), "add")
    response = _one(request, resource, row, 201)
    response["Location"] = api_address(resource, f"{row.pk}/")
    return response


def update(request: HttpRequest, resource: Entity, pk: int) -> HttpResponse:
    """What is given changes, the rest stays (merge patch). Needs If-Match, so nobody's change is lost."""
    refuse_read_only(resource)
    with transaction.atomic():
        row = _row(request, resource, pk, "change", lock=True)
        _match(request, row)
        row = _save(request, resource, row, "change")
    return _one(request, resource, row)


def delete(request: HttpRequest, resource: Entity, pk: int) -> HttpResponse:
    refuse_read_only(resource)
    with transaction.atomic():
        row = _row(request, resource, pk, "delete", lock=True)
        _match(request, row)
        try:
            row.delete()
        except (ProtectedError, RestrictedError) as error:
            raise Problem(409, _("还有资料引用它，不能删"), str(row)) from error
    return HttpResponse(status=204)


def refuse_read_only(resource: Entity) -> None:
    if resource.read_only:
        raise Problem(405, _("只读"), _("这类资料由数据流或流程产生，不能手工改"))


def unreadable() -> ValidationError:
    return ValidationError(_("看不到原值，不能改"), code="masked")


def _match(request: HttpRequest, row: Any) -> None:
    given = request.headers.get("If-Match")
    if given is None:
        raise Problem(428, _("缺 If-Match"), _("先读取，再带上它的 ETag"))
    if given != "*" and etag(row) not in {tag.strip() for tag in given.split(",")}:
        raise Problem(412, _("别人已改过"), _("重新读取后再改"))


def _save(request: HttpRequest, resource: Entity, row: Any, act: str) -> Any:
    scope = scope_of(request)
    body = body_of(request)
    form = row_form_for(resource, scope)
    values = form_values(resource, form, body)
    if row.pk is not None:
        hidden = {n: [unreadable()] for n in values if not readable(resource, scope, n)}
        if hidden:
            raise invalid(hidden, body)
    errors = form.judge(row, values)
    if errors:
        raise invalid(errors.as_data(), body)
    try:
        with transaction.atomic():
            saved = form.save()
    except IntegrityError as error:
        raise Problem(409, _("与别的资料冲突"), str(error).splitlines()[0]) from error
    if not resource.queryset_for(scope, act).filter(pk=saved.pk).exists():
        raise Problem(403, _("写入后不在你的范围内"), _("检查所属地与机构"))
    return saved
