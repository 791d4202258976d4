"""The four figures under an alarm's headline. What is not known is —."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from qintong.base.onemap.positions import Here
from qintong.stream.rules import Rule

from .alarm_words import span
from .alarms import Alarm

UNKNOWN = "—"


@dataclass(frozen=True, slots=True)
class AlarmFact:
    title: str
    value: str
    unit: str
    note: str
    tone: str = ""


def alarm_facts(alarm: Alarm, now: Here | None) -> list[AlarmFact]:
    """`now`: the vehicle's row of the state."""
    return [_measure(alarm), _speed(now), _length(alarm), _acknowledgement(alarm)]


def _measure(alarm: Alarm) -> AlarmFact:
    if alarm.rule == Rule.OVERSPEED and alarm.value is not None:
        return AlarmFact(_("最高速度"), f"{alarm.value:.0f}", "km/h", _over(alarm), "red")
    if alarm.rule == Rule.OFFLINE:
        note = _("时限 %(span)s") % {"span": span(alarm.limit)} if alarm.limit else _("未设时限")
        return AlarmFact(_("离线"), span(max(alarm.duration_s, alarm.value or 0)), "", note, "red")
    return AlarmFact(_("报警"), alarm.get_rule_display(), "", _("驾驶员按下报警按钮"), "red")


def _over(alarm: Alarm) -> str:
    if not alarm.limit or alarm.value is None:
        return _("未设限值")
    over = (alarm.value / alarm.limit - 1) * 100
    return _("限 %(limit).0f km/h，超 %(over).0f%%") % {"limit": alarm.limit, "over": over}


def _speed(now: Here | None) -> AlarmFact:
    if now is None:
        return AlarmFact(_("现在车速"), UNKNOWN, "", _("没有实时位置"))
    at = timezone.localtime(now.at)
    said = _("%(time)s 报告") % {"time": f"{at:%m-%d %H:%M:%S}"}
    return AlarmFact(_("现在车速"), f"{now.speed_kmh:.0f}", "km/h", said)


def _length(alarm: Alarm) -> AlarmFact:
    if alarm.ended_at is None:
        return AlarmFact(_("持续"), span(alarm.duration_s), "", _("仍在持续"))
    end = f"{timezone.localtime(alarm.ended_at):%H:%M:%S}"
    return AlarmFact(_("持续"), span(alarm.duration_s), "", _("%(time)s 结束") % {"time": end})


def _acknowledgement(alarm: Alarm) -> AlarmFact:
    if alarm.acknowledged_at is None or alarm.acknowledged_by is None:
        waiting = span((timezone.now() - alarm.raised_at).total_seconds())
        return AlarmFact(_("确认"), UNKNOWN, "", _("已到达 %(span)s") % {"span": waiting})
    taken = (alarm.acknowledged_at - alarm.raised_at).total_seconds()
    return AlarmFact(_("确认"), span(taken), "", alarm.acknowledged_by.name)
