"""Addresses of every registered entity: /registry/vehicles/ and what stands below it."""

from collections.abc import Callable
from functools import partial

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, path

from qintong.desk import list_extras
from qintong.desk.addresses import slug
from qintong.desk.detail_page import detail_page
from qintong.desk.list_page import list_page
from qintong.desk.registry import resources
from qintong.desk.resource import Resource

View = Callable[..., HttpResponse]
PAGES: dict[str, View] = {
    "": list_page,
    "filters/": list_extras.filter_panel,
    "filters/choices/": list_extras.filter_choices,
    "views/": list_extras.save_view,
    "views/counts/": list_extras.view_counts,
    "views/<int:pk>/delete/": list_extras.delete_view,
    "<int:pk>/": detail_page,
}
"""Address below the entity → view(request, resource, …)."""


def patterns_of(resource: type[Resource]) -> list[URLPattern]:
    """Named `registry.vehicle/filters/`, so that an address can be found by entity and page."""
    label = resource.model._meta.label_lower
    return [
        path(f"{slug(resource)}/{below}", partial(view, resource=resource), name=f"{label}/{below}")
        for below, view in PAGES.items()
    ]


def patterns() -> list[URLPattern | URLResolver]:
    """Called once by conf.urls, when every room has registered its entities."""
    return [pattern for resource in resources().values() for pattern in patterns_of(resource)]
