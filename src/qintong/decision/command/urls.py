from django.urls import path, re_path

from . import pages

urlpatterns = [
    path("duty/", pages.duty, name="duty"),
    path("duty/queue/", pages.queue, name="duty_queue"),
    path("duty/<int:pk>/", pages.duty, name="duty_alarm"),
    re_path(rf"^duty/(?P<pk>\d+)/(?P<name>{'|'.join(pages.ACTS)})/$", pages.act, name="duty_act"),
]
