"""What the duty desk and the feeds tell of themselves, within one scope."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Avg, Count, F, Q
from django.db.models.functions import TruncHour
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from qintong.desk.facts import (
    Attention,
    Bell,
    Fact,
    FeedLine,
    Headline,
    MapMark,
    Need,
    Waiting,
    area_facts,
    area_needs,
    bell,
    feeds,
    headlines,
    map_marks,
    waiting,
)
from qintong.desk.scope import Scope
from qintong.stream.rules import Rule

from .alarm_words import span
from .alarms import Alarm, AlarmResource
from .data_feeds import Feed, pulse_of, state_of
from .feed_completeness import completeness
from .gateway_pulse import gateways
from .rules.alarm_lifecycle import OPEN

LINES = 20
MARKS = 20
HOURS = 24
TONES = {"new": "bad", "acknowledged": "open"}


@bell
def alarm_bell(scope: Scope) -> Bell | None:
    """Alarms nobody has acknowledged yet."""
    if not scope.allows("command.view_alarm"):
        return None
    fresh = AlarmResource.queryset_for(scope).filter(state=Alarm.State.NEW).count()
    return Bell(fresh, reverse("duty"), "command/bell.js")


@waiting
def open_alarms(scope: Scope) -> Iterable[Waiting]:
    if not scope.allows("command.view_alarm"):
        return
    rows = AlarmResource.queryset_for(scope).filter(state__in=OPEN)
    first = rows.select_related("vehicle", "region").order_by("level", "-started_at")[:LINES]
    yield Waiting(tuple(_line(alarm, scope) for alarm in first), rows.count())


def _line(alarm: Alarm, scope: Scope) -> Attention:
    return Attention(
        level=alarm.level,
        title=str(alarm),
        detail=render_to_string("command/cells/where.html", {"alarm": alarm}),
        state=alarm.get_state_display(),
        tone=TONES[alarm.state],
        at=alarm.started_at,
        href=reverse("duty_alarm", args=[alarm.pk]),
        act=_("核实") if alarm.state == Alarm.State.NEW else _("办结"),
        is_mine=alarm.acknowledged_by_id == scope.user_id,
    )


@headlines
def open_alarm_count(scope: Scope) -> Iterable[Headline]:
    if not scope.allows("command.view_alarm"):
        return
    rows = AlarmResource.queryset_for(scope)
    counts = rows.filter(state__in=OPEN).aggregate(
        open=Count("pk"),
        sos=Count("pk", filter=Q(rule=Rule.SOS)),
        overspeed=Count("pk", filter=Q(rule=Rule.OVERSPEED)),
    )
    yield Headline(
        _("未结告警"),
        counts["open"],
        _("条"),
        _("其中 SOS %(sos)d，超速 %(overspeed)d") % counts,
        reverse("duty"),
        tone="red" if counts["open"] else "",
        history=_by_hour(scope),
        order=30,
    )


def _by_hour(scope: Scope) -> tuple[float, ...]:
    """Alarms begun in each of the last hours."""
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    since = now - timedelta(hours=HOURS - 1)
    found = dict(
        AlarmResource.queryset_for(scope)
        .filter(started_at__gte=since)
        .order_by()
        .values_list(TruncHour("started_at"))
        .annotate(Count("pk"))
    )
    if len(found) < 2:
        return ()
    return tuple(float(found.get(since + timedelta(hours=n), 0)) for n in range(HOURS))


@map_marks
def alarm_marks(scope: Scope) -> Iterable[MapMark]:
    if not scope.allows("command.view_alarm"):
        return
    rows = AlarmResource.queryset_for(scope).filter(state__in=OPEN, position__isnull=False)
    for alarm in rows.order_by("level", "-started_at")[:MARKS]:
        assert alarm.position is not None
        yield MapMark(
            alarm.position.x,
            alarm.position.y,
            alarm.level,
            f"{alarm.get_level_display()} {alarm}",
            reverse("duty_alarm", args=[alarm.pk]),
        )


@headlines
def message_rate(scope: Scope) -> Iterable[Headline]:
    """Of the whole installation: a gateway does not know whose places its terminals are in."""
    if not scope.allows("command.view_feed"):
        return
    alive = gateways()
    rate = sum(gateway.messages_per_s for gateway in alive) if alive else None
    links = sum(gateway.connections for gateway in alive)
    feed = Feed.objects.filter(code="position").first()
    readings = list(feed.readings.values_list("rows_per_s", flat=True)[:60]) if feed else []
    yield Headline(
        _("终端报文"),
        rate,
        _("条/秒"),
        _("链路 %(links)d，全部网关") % {"links": links} if alive else _("没有运行的网关"),
        history=tuple(reversed(readings)) if len(readings) > 1 else (),
        order=20,
    )


@feeds
def feed_lines(scope: Scope) -> Iterable[FeedLine]:
    if not scope.allows("command.view_feed"):
        return
    now = timezone.now()
    for feed in Feed.objects.all():
        pulse = pulse_of(feed.consumer)
        yield FeedLine(
            feed.name, pulse.last_record_at, completeness(feed), state_of(feed, pulse, now)
        )


@area_facts["decision"]
def duty_today(scope: Scope) -> Iterable[Fact]:
    if not scope.allows("command.view_alarm"):
        return
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    figures = (
        AlarmResource.queryset_for(scope)
        .filter(started_at__gte=today)
        .aggregate(
            every=Count("pk"),
            handled=Count("pk", filter=Q(handled_at__isnull=False)),
            delay=Avg(F("acknowledged_at") - F("raised_at")),
        )
    )
    yield Fact(_("今日告警"), figures["every"], _("条"), reverse("duty") + "?view=today")
    yield Fact(_("已办结"), figures["handled"], _("条"))
    delay = figures["delay"]
    yield Fact(_("平均确认"), span(delay.total_seconds()) if delay else None)


@area_needs["decision"]
def grave_alarms(scope: Scope) -> Iterable[Need]:
    """Alarms of level I that nobody has acknowledged."""
    if not scope.allows("command.view_alarm"):
        return
    fresh = AlarmResource.queryset_for(scope).filter(state=Alarm.State.NEW, level=Alarm.Level.I)
    if count := fresh.count():
        yield Need(_("%(count)d 条 Ⅰ 级告警未确认") % {"count": count}, reverse("duty"), "bad")
