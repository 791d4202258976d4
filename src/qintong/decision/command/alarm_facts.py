"""The four figures under an alarm's headline. What is not known is —."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from django.utils import timezone

from qintong.stream.rules import Rule

from .alarms import Alarm
from .rules.alarm_words import span


@dataclass(frozen=True, slots=True)
class AlarmFact:
    title: str
    value: str
    unit: str
    note: str
    tone: str = ""


def alarm_facts(alarm: Alarm, now: np.void | None) -> list[AlarmFact]:
    """`now`: the vehicle's row of the state."""
    return [_measure(alarm), _speed(now), _length(alarm), _acknowledgement(alarm)]


def _measure(alarm: Alarm) -> AlarmFact:
    if alarm.rule == Rule.OVERSPEED and alarm.value is not None:
        limit = f"限 {alarm.limit:.0f} km/h" if alarm.limit else "未设限值"
        over = (
            f"，超 {(alarm.value / alarm.limit - 1) * 100:.0f}%"
            if alarm.limit and alarm.value > alarm.limit
            else ""
        )
        return AlarmFact("最高速度", f"{alarm.value:.0f}", "km/h", limit + over, "red")
    if alarm.rule == Rule.OFFLINE:
        limit = f"时限 {span(alarm.limit)}" if alarm.limit else "未设时限"
        return AlarmFact("离线", span(max(alarm.duration_s, alarm.value or 0)), "", limit, "red")
    return AlarmFact("报警", "SOS", "", "驾驶员按下报警按钮", "red")


def _speed(now: np.void | None) -> AlarmFact:
    if now is None:
        return AlarmFact("现在车速", "—", "", "没有实时位置")
    at = timezone.localtime(datetime.fromtimestamp(int(now["device_at_ms"]) / 1000, UTC))
    return AlarmFact("现在车速", f"{now['speed_kmh']:.0f}", "km/h", f"{at:%m-%d %H:%M:%S} 报告")


def _length(alarm: Alarm) -> AlarmFact:
    if alarm.ended_at is None:
        return AlarmFact("持续", span(alarm.duration_s), "", "仍在持续")
    end = timezone.localtime(alarm.ended_at)
    return AlarmFact("持续", span(alarm.duration_s), "", f"{end:%H:%M:%S} 结束")


def _acknowledgement(alarm: Alarm) -> AlarmFact:
    if alarm.acknowledged_at is None or alarm.acknowledged_by is None:
        waiting = (timezone.now() - alarm.raised_at).total_seconds()
        return AlarmFact("确认", "—", "", f"到达 {span(waiting)}，未确认")
    taken = (alarm.acknowledged_at - alarm.raised_at).total_seconds()
    return AlarmFact("确认", span(taken), "", alarm.acknowledged_by.name)
