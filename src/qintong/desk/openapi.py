"""The OpenAPI 3.1 document, made from the registry: titles, labels of codes, units, masked fields, all in Chinese."""

from typing import Any

from django.conf import settings
from django.utils.translation import override

from qintong.desk.acts import permission_of
from qintong.desk.addresses import api_address
from qintong.desk.api_fields import ApiField, fields_of
from qintong.desk.filters import Filter, all_filters
from qintong.desk.registry import resources
from qintong.desk.resource import Resource

Json = dict[str, Any]
TYPES: dict[str, Json] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "date-time": {"type": "string", "format": "date-time"},
    "array": {"type": "array", "items": {}},
    "any": {},
    "geometry": {"$ref": "#/components/schemas/Geometry"},
}


def document() -> Json:
    """The same bytes from the same declarations, whatever the language of the caller."""
    with override("zh-hans"):
        entities = sorted(resources().items())
        schemas: Json = _shared()
        paths: Json = {}
        tags = []
        for label, resource in entities:
            name = _schema_name(resource)
            schemas[name] = _schema(resource)
            schemas[f"{name}List"] = _list_schema(name, resource)
            paths |= _paths(resource, name)
            tags.append({"name": label, "description": str(resource.model._meta.verbose_name)})
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "秦通接口",
                "version": "1",
                "description": "每类资料一组地址；筛选与列表页相同，校验与表单相同，范围与本人相同。",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "servers": [{"url": "/"}],
            "tags": tags,
            "security": [{"session": []}, {"token": []}],
            "paths": paths,
            "components": {
                "schemas": schemas,
                "responses": {"Problem": _problem_response()},
                "securitySchemes": {
                    "session": {
                        "type": "apiKey",
                        "in": "cookie",
                        "name": settings.SESSION_COOKIE_NAME,
                    },
                    "token": {"type": "http", "scheme": "bearer"},
                },
            },
        }


def _schema_name(resource: type[Resource]) -> str:
    return resource.model.__name__


def _shared() -> Json:
    text = {"type": "string"}
    return {
        "Geometry": {"type": ["object", "null"], "description": "GeoJSON，CGCS2000 经纬度"},
        "Reference": {
            "type": ["object", "null"],
            "properties": {"id": {"type": "integer"}, "title": text},
            "description": "读出为对象；写入可用编号、自然键、名称或读出的对象",
        },
        "Problem": {
            "type": "object",
            "description": "RFC 9457",
            "required": ["type", "title", "status"],
            "properties": {
                "type": text,
                "title": text,
                "status": {"type": "integer"},
                "detail": text,
                "errors": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"field": text, "value": {}, "code": text, "rule": text},
                    },
                },
            },
        },
        "Done": {
            "type": "object",
            "properties": {"message": text, "count": {"type": "integer"}},
        },
    }


def _problem_response() -> Json:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": "出错：哪个值、哪条规则", "content": content}


def _schema(resource: type[Resource]) -> Json:
    properties: Json = {
        "id": {"type": "integer", "readOnly": True, "title": "编号"},
        "title": {"type": "string", "readOnly": True, "title": "显示名"},
    }
    fields = fields_of(resource)
    for field in fields:
        properties[field.name] = _property(field)
    required = [f.name for f in fields if f.required]
    meta = resource.model._meta
    schema: Json = {"type": "object", "title": str(meta.verbose_name), "properties": properties}
    if resource.natural_key:
        schema["x-natural-key"] = list(resource.natural_key)
    return schema | ({"required": required} if required else {})


def _property(field: ApiField) -> Json:
    if field.kind == "related":
        found: Json = {"$ref": "#/components/schemas/Reference", "x-entity": field.related}
    else:
        found = dict(TYPES[field.kind])
        if field.nullable and "type" in found:
            found["type"] = [found["type"], "null"]
    found["title"] = field.title
    if field.labels:
        values = [value for value, _label in field.labels]
        found["enum"] = [*values, None] if field.nullable else values
        found["x-enum-labels"] = {str(value): label for value, label in field.labels}
    if field.max_length and field.kind == "string":
        found["maxLength"] = field.max_length
    if field.unit:
        found["x-unit"] = field.unit
    if field.grade:
        found["x-masked"] = field.grade
    notes = [field.help, f"无 {field.grade} 分级者读到遮盖的值" if field.grade else ""]
    if any(notes):
        found["description"] = "。".join(note for note in notes if note)
    if not field.writable:
        found["readOnly"] = True
    return found


def _list_schema(name: str, resource: type[Resource]) -> Json:
    return {
        "type": "object",
        "title": f"{resource.model._meta.verbose_name}列表",
        "properties": {
            "items": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
            "total": {"type": "integer"},
            "page": {"type": "integer"},
            "page_size": {"type": "integer"},
            "next": {"type": ["string", "null"], "description": "下一页的游标"},
        },
    }


def _paths(resource: type[Resource], name: str) -> Json:
    title = str(resource.model._meta.verbose_name)
    label = resource.model._meta.label_lower
    one = f"#/components/schemas/{name}"

    def operation(act: str, summary: str, status: str, schema: str = "", **more: Any) -> Json:
        answered: Json = {"description": summary}
        if schema:
            answered["content"] = {"application/json": {"schema": {"$ref": schema}}}
        return {
            "operationId": f"{act}_{label.replace('.', '_')}",
            "tags": [label],
            "summary": summary,
            "responses": {status: answered, "default": {"$ref": "#/components/responses/Problem"}},
        } | more

    body = {"required": True, "content": {"application/json": {"schema": {"$ref": one}}}}
    match = {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}}
    pk = {"name": "pk", "in": "path", "required": True, "schema": {"type": "integer"}}
    view = {"x-permission": resource.permission("view")}
    collection = {
        "get": operation("list", f"列出{title}", "200", f"{one}List", parameters=_query(resource))
        | view
    }
    item: Json = {"parameters": [pk], "get": operation("get", f"读一条{title}", "200", one) | view}
    if not resource.read_only:
        add = operation("create", f"登记{title}", "201", one, requestBody=body)
        change = operation(
            "update", f"修改{title}", "200", one, requestBody=body, parameters=[match]
        )
        remove = operation("delete", f"删除{title}", "204", parameters=[match])
        collection["post"] = add | {"x-permission": resource.permission("add")}
        item["patch"] = change | {"x-permission": resource.permission("change")}
        item["delete"] = remove | {"x-permission": resource.permission("delete")}
    paths: Json = {api_address(resource): collection, api_address(resource, "{pk}/"): item}
    done = "#/components/schemas/Done"
    acts = [a.name for a in resource.actions if a.bulk]
    if acts or not resource.read_only:
        names = ([] if resource.read_only else ["update", "delete"]) + acts
        paths[api_address(resource, "bulk/")] = {
            "post": operation("bulk", f"成批处理{title}", "200", done, requestBody=_bulk(names))
        }
    for action in resource.actions:
        reason = {"type": "object", "properties": {"reason": {"type": "string", "title": "原因"}}}
        content = {"application/json": {"schema": reason}}
        act = operation(action.name, f"{action.title}{title}", "200", done)
        act |= {"requestBody": {"required": action.reason, "content": content}}
        act |= {"x-permission": permission_of(resource, action)}
        paths[api_address(resource, f"{{pk}}/actions/{action.name}/")] = {
            "parameters": [pk],
            "post": act,
        }
    return paths


def _bulk(names: list[str]) -> Json:
    properties = {
        "act": {"type": "string", "enum": names},
        "ids": {"type": "array", "items": {"type": "integer"}},
        "query": {"type": "string", "description": "与列表相同的查询串"},
        "count": {"type": "integer", "description": "指明的行数；不符则什么也不做"},
        "values": {"type": "object", "description": "act 为 update 时要改的字段"},
        "reason": {"type": "string"},
    }
    schema = {"type": "object", "required": ["act"], "properties": properties}
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _query(resource: type[Resource]) -> list[Json]:
    def parameter(name: str, schema: Json, description: str) -> Json:
        return {"name": name, "in": "query", "schema": schema, "description": description}

    text, number = {"type": "string"}, {"type": "integer", "minimum": 1}
    found = [
        parameter("q", text, "搜索，词间空格"),
        parameter("sort", text, "逗号分隔的字段，前加 - 为倒序"),
        parameter("fields", text, "逗号分隔的字段，只要这些"),
        parameter("page", number, "页码，从 1 起"),
        parameter("page_size", number | {"maximum": 500}, "每页行数"),
        parameter("cursor", text, "游标翻页：首页留空，以后用上一页的 next；不给总数"),
    ]
    for declared in all_filters(resource):
        found += [parameter(*p) for p in _filter_parameters(declared)]
    return found


def _filter_parameters(declared: Filter) -> list[tuple[str, Json, str]]:
    text: Json = {"type": "string"}
    match declared.kind:
        case "choice":
            values = [value for value, _label in declared.choices]
            schema: Json = {"type": "array", "items": {"type": "string", "enum": values}}
            return [(declared.path, schema, declared.title)]
        case "yes_no":
            return [(declared.path, {"type": "boolean"}, declared.title)]
        case "date" | "datetime" | "number":
            kind: Json = (
                {"type": "number"}
                if declared.kind == "number"
                else {"type": "string", "format": "date"}
            )
            return [
                (f"{declared.path}__gte", kind, f"{declared.title}，自"),
                (f"{declared.path}__lte", kind, f"{declared.title}，至（含）"),
            ]
        case "related":
            words = f"{declared.title}：编号" + (f"或 {declared.key}" if declared.key else "")
            return [(declared.path, {"type": "array", "items": text}, words)]
        case _:
            return [(declared.path, text, f"{declared.title}，包含")]
