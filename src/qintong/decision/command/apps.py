from qintong.desk.room import Room


class Command(Room):
    name = "qintong.decision.command"
    label = "command"
    verbose_name = "运行监测"
    area = "decision"
    task = 8
    icon = "headset"
    order = 10
