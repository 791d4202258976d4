from django.db.models.signals import post_migrate, pre_migrate

from qintong.desk.room import Room


class OneMap(Room):
    name = "qintong.base.onemap"
    label = "onemap"
    verbose_name = "一张图"
    area = "base"
    task = 1
    icon = "map"
    order = 30

    def ready(self) -> None:
        from qintong.base.onemap.tile_tables import ensure_tables, forget_tables  # noqa: PLC0415

        pre_migrate.connect(forget_tables, sender=self)
        post_migrate.connect(ensure_tables, sender=self)
