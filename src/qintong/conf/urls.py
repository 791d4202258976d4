"""All addresses. Rooms bring their own pages; entities get theirs from the desk kit."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
