from qintong.desk.room import Room


class Insight(Room):
    name = "qintong.decision.insight"
    label = "insight"
    verbose_name = "决策分析"
    area = "decision"
    task = 10
    icon = "chart"
    order = 30
