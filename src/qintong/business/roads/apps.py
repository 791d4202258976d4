from qintong.desk.room import Room


class Roads(Room):
    name = "qintong.business.roads"
    label = "roads"
    verbose_name = "公路养护"
    area = "business"
    task = 2
    icon = "road"
    order = 10

    def ready(self) -> None:
        from . import demo  # noqa: F401, PLC0415 - adds its rows to `qintong seed --demo`
