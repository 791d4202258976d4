from qintong.desk.room import Room


class Registry(Room):
    name = "qintong.base.registry"
    label = "registry"
    verbose_name = "基础数据"
    area = "base"
    task = 1
    icon = "database"
    order = 20
