from django.apps import AppConfig


class Desk(AppConfig):
    name = "qintong.desk"
    label = "desk"
    verbose_name = "台账"
