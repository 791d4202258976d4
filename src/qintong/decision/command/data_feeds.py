"""数据接入源: an external stream, what is expected of it, and how it did."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from qintong.desk.registry import register
from qintong.desk.resource import Column, Fieldset, Related, Resource

from .rules.feed_state import FeedState, judge


@pghistory.track()
class Feed(models.Model):
    code = models.CharField("代码", max_length=30, unique=True)
    name = models.CharField("接入源", max_length=60)
    owner = models.CharField("责任方", max_length=100)
    standard = models.CharField("格式", max_length=100, blank=True)
    consumer = models.CharField("接收进程", max_length=60, help_text="其运行指标给出最近记录和积压")
    cadence_s = models.PositiveIntegerField("节拍 s", help_text="0：有事才报")
    late_after_s = models.PositiveIntegerField("迟到界 s", help_text="0：有事才报")
    dead_after_s = models.PositiveIntegerField("中断界 s", help_text="0：有事才报")
    source = models.CharField("界限来源", max_length=200)
    verified = models.BooleanField("已核对", default=False)
    order = models.PositiveSmallIntegerField("次序", default=100)

    class Meta:
        verbose_name = "数据接入源"
        verbose_name_plural = verbose_name
        ordering = ["order", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(late_after_s=0, dead_after_s=0) | Q(dead_after_s__gt=F("late_after_s")),
                name="feed_dies_after_it_is_late",
                violation_error_message="中断界应大于迟到界",
            )
        ]

    def __str__(self) -> str:
        return self.name


class FeedReading(models.Model):
    """How a feed did in one minute."""

    feed = models.ForeignKey(Feed, models.CASCADE, verbose_name="接入源", related_name="readings")
    at = models.DateTimeField("时间")
    rows_per_s = models.FloatField("条/秒")
    lag_rows = models.PositiveBigIntegerField("积压")
    state = models.CharField("状态", max_length=7)

    class Meta:
        verbose_name = "接入读数"
        verbose_name_plural = verbose_name
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["feed", "at"], name="feed_reading_once")]

    def __str__(self) -> str:
        return f"{self.feed} {self.at:%H:%M}"


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the process that takes a feed last said of itself."""

    at: datetime | None
    last_record_at: datetime | None
    rows_per_s: float | None
    lag_rows: int | None
    error: str = ""


def pulse_of(consumer: str, run_dir: Path | None = None) -> Pulse:
    """Reads `var/run/consume-NAME.json`; a missing or broken file is a pulse that says nothing."""
    path = (run_dir or settings.VAR_DIR / "run") / f"consume-{consumer}.json"
    try:
        said = json.loads(path.read_text())
        return Pulse(
            at=_time(said["at_ms"]),
            last_record_at=_time(said["last_row_at_ms"]),
            rows_per_s=float(said["rows_per_s"]),
            lag_rows=int(said["lag_rows"]),
            error=str(said.get("error", "")),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Pulse(None, None, None, None)


def state_of(feed: Feed, pulse: Pulse, now: datetime) -> FeedState:
    return judge(
        _age(pulse.at, now), _age(pulse.last_record_at, now), feed.late_after_s, feed.dead_after_s
    )


def _age(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else (now - at).total_seconds()


def _time(milliseconds: int) -> datetime | None:
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds else None


@register
class FeedResource(Resource):
    model = Feed
    icon = "plug"
    order = 50
    columns = (
        "name",
        "code",
        "owner",
        "standard",
        Column("cadence_s", title="节拍", unit="s"),
        Column("late_after_s", title="迟到界", unit="s"),
        Column("dead_after_s", title="中断界", unit="s"),
        "verified",
        Column("consumer", shown=False),
        Column("source", shown=False),
    )
    filters = ("verified",)
    search = ("name", "code", "owner")
    ordering = ("order",)
    fieldsets = (
        Fieldset("接入源", ("name", "code", "owner", "standard", "consumer", "order")),
        Fieldset("界限", ("cadence_s", "late_after_s", "dead_after_s", "source", "verified")),
    )
    related = (Related("command.feedreading", "feed", "读数"),)
    natural_key = ("code",)


@register
class FeedReadingResource(Resource):
    model = FeedReading
    icon = "chart"
    order = 51
    columns = (
        "at",
        "feed",
        Column("rows_per_s", title="速率", unit="条/秒"),
        "lag_rows",
        "state",
    )
    filters = ("feed", "at", "state")
    ordering = ("-at",)
    read_only = True
