"""The feeds the product itself takes. Limits are ours until the authority sets its own."""

from django.db import migrations

FEEDS = [
    ("position", "道路运输车辆定位", "JT/T 808 0x0200、0x0704", "state", 30, 60, 300, 10),
    ("session", "车载终端上下线", "JT/T 808 链路", "registry.sessions", 0, 0, 0, 20),
    ("alarm", "车载告警", "规则：超速、SOS、离线", "command.alarms", 0, 0, 0, 30),
]
SOURCE = "软件初始值，未核对"


def add(apps, schema_editor):
    feed = apps.get_model("command", "Feed")
    for code, name, standard, consumer, cadence, late, dead, order in FEEDS:
        feed.objects.create(
            code=code,
            name=name,
            owner="省交通运输厅",
            standard=standard,
            consumer=consumer,
            cadence_s=cadence,
            late_after_s=late,
            dead_after_s=dead,
            source=SOURCE,
            order=order,
        )


def remove(apps, schema_editor):
    apps.get_model("command", "Feed").objects.filter(code__in=[f[0] for f in FEEDS]).delete()


class Migration(migrations.Migration):
    dependencies = [("command", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
