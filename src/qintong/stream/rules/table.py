"""The numbers of the rules, by the date they are in force.

`verified`: the day somebody compared the entry with its source; empty where the number is this
platform's own choice. A changed number is a new entry with a later `valid_from`.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from qintong.stream.rules import Rule


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """How one rule judges from `valid_from` to the day before `valid_to`."""

    rule: Rule
    level: int
    """1 (I, most urgent) to 4 (IV)."""
    valid_from: date
    valid_to: date | None
    basis: str
    source: str
    verified: str
    live_s: int
    """A report older than this when it is received raises nothing: it is history."""
    silence_s: int = 0
    """Without a further sign for so long the incident is over."""
    hold_s: int = 0
    """The condition must last so long before it is an incident."""
    release: float = 0.0
    """The incident ends this far below the limit (unit of the rule)."""
    severe_ratio: float = 0.0
    """From this multiple of the limit on it is one level more urgent; 0 = never."""
    repeat_s: int = 0
    """A new maximum is told at most this often."""


TABLE = (
    RuleVersion(
        rule=Rule.OVERSPEED,
        level=3,
        valid_from=date(2020, 1, 1),
        valid_to=None,
        basis="超过车辆类别限速（限值取自车辆登记）；列入交运发〔2014〕267号违规统计",
        source="名称出自交运发〔2014〕267号；时长、回差与分级倍数为本平台取值",
        verified="",
        live_s=600,
        silence_s=300,
        hold_s=10,
        release=3.0,
        severe_ratio=1.5,
        repeat_s=30,
    ),
    RuleVersion(
        rule=Rule.SOS,
        level=1,
        valid_from=date(2020, 1, 1),
        valid_to=None,
        basis="JT/T 808-2019 表 24 位 0 紧急报警，触动报警开关后触发，收到应答后清零",
        source="JT/T 808-2019 表 24；静默时长为本平台取值",
        verified="",
        live_s=86_400,
        silence_s=300,
    ),
    RuleVersion(
        rule=Rule.OFFLINE,
        level=4,
        valid_from=date(2020, 1, 1),
        valid_to=None,
        basis="超过车辆登记的离线时限未收到位置报告",
        source="本平台取值",
        verified="",
        live_s=0,
    ),
)


def in_force(rule: Rule, at_ms: int) -> RuleVersion:
    """The version of a rule on the day (UTC+8) of a time.

    Before the first version it is the first: a clock that is wrong must not stop the rules.
    """
    day = (datetime.fromtimestamp(at_ms / 1000, UTC) + timedelta(hours=8)).date()
    versions = sorted((v for v in TABLE if v.rule is rule), key=lambda v: v.valid_from)
    begun = [version for version in versions if version.valid_from <= day]
    return begun[-1] if begun else versions[0]
