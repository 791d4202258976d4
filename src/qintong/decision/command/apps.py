from qintong.desk.room import MenuPage, Room


class Command(Room):
    name = "qintong.decision.command"
    label = "command"
    verbose_name = "运行监测"
    area = "decision"
    task = 8
    icon = "headset"
    order = 10
    pages = (MenuPage("值班台", "/duty/", "command.view_alarm", order=1),)
