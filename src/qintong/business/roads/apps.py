from qintong.desk.room import Room


class Roads(Room):
    name = "qintong.business.roads"
    label = "roads"
    verbose_name = "公路养护"
    area = "business"
    task = 2
    icon = "road"
    order = 10
