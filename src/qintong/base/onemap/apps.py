from qintong.desk.room import Room


class OneMap(Room):
    name = "qintong.base.onemap"
    label = "onemap"
    verbose_name = "一张图"
    area = "base"
    task = 1
    icon = "map"
    order = 30
