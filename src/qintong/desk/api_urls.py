"""Addresses of the JSON API, its document and the page that shows it."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from qintong.desk import api, api_actions
from qintong.desk.addresses import api_address
from qintong.desk.api_guard import guarded
from qintong.desk.api_problem import not_found
from qintong.desk.openapi import document
from qintong.desk.registry import resources


def _document(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        orjson.dumps(document(), option=orjson.OPT_INDENT_2), content_type="application/json"
    )


@require_GET
def documentation(request: HttpRequest) -> HttpResponse:
    """The document as a page, entity by entity."""
    scope = request.scope  # type: ignore[attr-defined]  # set by the scope middleware
    made = document()
    entities = [
        {
            "label": label,
            "title": str(resource.model._meta.verbose_name),
            "address": api_address(resource),
            "fields": _fields(made["components"]["schemas"][resource.model.__name__]),
            "operations": _operations(made, api_address(resource)),
        }
        for label, resource in sorted(resources().items())
        if scope.allows(resource.permission("view"))
    ]
    chosen = next((e for e in entities if e["label"] == request.GET.get("entity")), None)
    context = {"entities": entities, "entity": chosen or next(iter(entities), None)}
    return render(request, "desk/api_docs.html", context)


def _operations(made: dict[str, Any], base: str) -> list[dict[str, Any]]:
    return [
        {
            "method": method.upper(),
            "path": address,
            "summary": operation["summary"],
            "permission": operation.get("x-permission", ""),
        }
        for address, methods in made["paths"].items()
        if address.startswith(base)
        for method, operation in methods.items()
        if method != "parameters"
    ]


def _fields(schema: dict[str, Any]) -> list[dict[str, str]]:
    """Properties in words: type, unit, labels of the codes."""
    found = []
    for name, of in schema["properties"].items():
        kind = of.get("format") or of.get("type") or of.get("$ref", "").rpartition("/")[2]
        labels = [f"{value} {label}" for value, label in of.get("x-enum-labels", {}).items()]
        words = [of.get("description", ""), "、".join(labels)]
        found.append(
            {
                "name": name,
                "title": of.get("title", ""),
                "type": "、".join(kind) if isinstance(kind, list) else kind,
                "unit": of.get("x-unit", ""),
                "words": "；".join(word for word in words if word),
            }
        )
    return found


def _missing(request: HttpRequest, rest: str) -> HttpResponse:
    raise not_found()


def patterns() -> list[URLPattern]:
    found = [
        path("api/docs/", documentation, name="api-docs"),
        path("api/v1/", guarded(get=api.index)),
        path("api/v1/openapi.json", guarded(get=_document)),
    ]
    for resource in resources().values():
        base, extra = api_address(resource).lstrip("/"), {"resource": resource}
        found += [
            path(base, guarded(get=api.listed, post=api.create), extra),
            path(f"{base}bulk/", guarded(post=api_actions.bulk), extra),
            path(
                f"{base}<int:pk>/",
                guarded(get=api.detail, patch=api.update, delete=api.delete),
                extra,
            ),
            path(f"{base}<int:pk>/actions/<slug:name>/", guarded(post=api_actions.act), extra),
        ]
    every = guarded(get=_missing, post=_missing, patch=_missing, delete=_missing, put=_missing)
    return [*found, path("api/<path:rest>", every)]
