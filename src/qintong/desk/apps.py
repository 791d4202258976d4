from django.apps import AppConfig, apps
from django.utils.module_loading import autodiscover_modules

from qintong.desk.room import Room


class Desk(AppConfig):
    name = "qintong.desk"
    label = "desk"
    verbose_name = "台账"

    def ready(self) -> None:
        from qintong.desk import declared_words  # noqa: PLC0415  needs the models

        declared_words.translate(
            config for config in apps.get_app_configs() if isinstance(config, Room)
        )
        autodiscover_modules("facts", "panels")
