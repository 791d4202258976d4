from qintong.desk.room import Room


class Identity(Room):
    name = "qintong.base.identity"
    label = "identity"
    verbose_name = "统一身份"
    area = "base"
    task = 1
    icon = "lock"
    order = 10
