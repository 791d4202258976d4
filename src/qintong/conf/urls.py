"""All addresses. Rooms bring their own pages; entities get theirs from the desk kit."""

from django.urls import URLPattern, URLResolver, include, path

from qintong.conf.health import health
from qintong.desk import exchange_urls
from qintong.desk import urls as desk

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/", health, name="health"),
    path("", include("qintong.decision.insight.urls")),
    path("", include("qintong.decision.command.urls")),
    path("", include("qintong.base.identity.urls")),
    path("", include("qintong.base.onemap.pages")),
    *exchange_urls.patterns(),
]
urlpatterns += desk.patterns()
