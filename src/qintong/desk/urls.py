"""Addresses of every registered entity: /registry/vehicles/ and what stands below it."""

from collections.abc import Callable
from functools import partial

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, path

from qintong.desk import list_extras, search_page
from qintong.desk.act_page import act_page
from qintong.desk.addresses import slug
from qintong.desk.delete_page import delete_page
from qintong.desk.detail_page import detail_page
from qintong.desk.form_page import add_page, change_page, choices
from qintong.desk.list_page import list_page
from qintong.desk.menu_counts import menu_counts
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
    "act/": act_page,
    "new/": add_page,
    "choices/<slug:field>/": choices,
    "<int:pk>/": detail_page,
    "<int:pk>/change/": change_page,
    "<int:pk>/delete/": delete_page,
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
    own: list[URLPattern | URLResolver] = [
        path("search/", search_page.search_page, name="search"),
        path("search/suggest/", search_page.suggest, name="search_suggest"),
        path("menu/<slug:room>/", menu_counts, name="menu_counts"),
    ]
    return own + [each for resource in resources().values() for each in patterns_of(resource)]
