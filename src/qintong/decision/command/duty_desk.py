"""值班台: one officer's page of alarms. What the page shows is gathered here, the answers in pages.py."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.db.models.functions import Distance
from django.db.models import Avg, Count, F, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from qintong.base.registry.models import Structure
from qintong.base.registry.structures import StructureResource
from qintong.base.registry.vehicles import VehicleResource
from qintong.desk.addresses import address
from qintong.desk.masking import mask

from .alarm_facts import alarm_facts
from .alarm_sketch import alarm_sketch, position_now
from .alarm_steps import AlarmStep
from .alarms import Alarm, AlarmResource
from .rules.alarm_lifecycle import OPEN, Act

QUEUE_ROWS = 100
NEARBY_KM = 20
SIMILAR_DAYS = 30
HELPFUL_KINDS = ("service_area", "toll_station", "hospital", "emergency_store", "weigh_station")


VERBS = {
    Act.ACKNOWLEDGE: "acknowledge",
    Act.HANDLE: "handle",
    Act.CLOSE: "close",
    Act.REOPEN: "reopen",
}


@dataclass(frozen=True, slots=True)
class Queue:
    """The left column: `rows` of one view, counts of all."""

    view: str
    rows: list[Alarm]
    levels: list[tuple[int, str, int]]
    open: int
    fresh: int
    mine: int
    today: int

    @property
    def is_demo(self) -> bool:
        return any(row.is_demo for row in self.rows)

    @property
    def hidden(self) -> int:
        """Rows of the view beyond those shown."""
        return {"open": self.open, "mine": self.mine, "today": self.today}[self.view] - len(
            self.rows
        )


def alarms(request: HttpRequest) -> QuerySet[Alarm]:
    return AlarmResource.queryset(request)


def with_all(request: HttpRequest) -> QuerySet[Alarm]:
    """Alarms with what the work on one of them shows."""
    return alarms(request).select_related(
        "vehicle__company",
        "vehicle__vehicle_class",
        "terminal",
        "region",
        "acknowledged_by",
        "handled_by",
    )


def queue(request: HttpRequest, view: str) -> Queue:
    """Rows by urgency; today by time. Counts are of what this person may see."""
    every = alarms(request)
    today = _midnight()
    is_open = Q(state__in=OPEN)
    is_mine = is_open & Q(acknowledged_by_id=request.user.pk)
    levels = {f"level_{n}": Count("pk", filter=is_open & Q(level=n)) for n in Alarm.Level.values}
    counts = every.filter(is_open | Q(started_at__gte=today)).aggregate(
        open=Count("pk", filter=is_open),
        fresh=Count("pk", filter=Q(state=Alarm.State.NEW)),
        mine=Count("pk", filter=is_mine),
        today=Count("pk", filter=Q(started_at__gte=today)),
        **levels,
    )
    chosen = {"mine": is_mine, "today": Q(started_at__gte=today)}.get(view, is_open)
    order = ("-started_at", "-pk") if view == "today" else ("level", "-started_at", "-pk")
    rows = every.filter(chosen).select_related("vehicle", "acknowledged_by").order_by(*order)
    return Queue(
        view=view if view in ("mine", "today") else "open",
        rows=list(rows[:QUEUE_ROWS]),
        levels=[(n, Alarm.Level(n).label, counts[f"level_{n}"]) for n in Alarm.Level.values],
        open=counts["open"],
        fresh=counts["fresh"],
        mine=counts["mine"],
        today=counts["today"],
    )


def work(request: HttpRequest, alarm: Alarm) -> dict[str, Any]:
    """Everything the middle and right columns say about one alarm."""
    now, structures = position_now(alarm), _structures(request, alarm)
    return {
        "alarm": alarm,
        "facts": alarm_facts(alarm, now),
        "sketch": alarm_sketch(alarm, now, structures),
        **_vehicle(alarm),
        "steps": alarm.steps.select_related("user"),
        "similar": _similar(request, alarm),
        "structures": structures,
        "others": _others(request, alarm),
        "verdicts": Alarm.Verdict.choices,
        "may": _may(request, alarm),
        "shift": _shift(request),
    }


def _may(request: HttpRequest, alarm: Alarm) -> dict[str, bool]:
    """Which acts this person may do on this alarm in its state."""
    scope = request.scope  # type: ignore[attr-defined]  # ScopeMiddleware sets it
    return {
        act.value: AlarmResource.queryset_for(scope, verb).filter(pk=alarm.pk).exists()
        for act, verb in VERBS.items()
        if alarm.allows(act)
    }


def _vehicle(alarm: Alarm) -> dict[str, str]:
    """Addresses of the vehicle's pages; its company's phone is never shown whole on the desk."""
    if alarm.vehicle is None:
        return {}
    page = address(VehicleResource, f"{alarm.vehicle.pk}/")
    phone = alarm.vehicle.company.phone if alarm.vehicle.company else ""
    return {
        "vehicle_href": page,
        "track_href": reverse("onemap-track", args=[alarm.vehicle.pk]),
        "phone": mask(phone),
    }


def _similar(request: HttpRequest, alarm: Alarm) -> list[Alarm]:
    """The vehicle's other alarms of the last weeks, newest first."""
    if alarm.vehicle_id is None:
        return []
    since = alarm.started_at - timedelta(days=SIMILAR_DAYS)
    return list(
        alarms(request)
        .filter(vehicle=alarm.vehicle_id, started_at__gte=since)
        .exclude(pk=alarm.pk)
        .order_by("-started_at")[:5]
    )


def _structures(request: HttpRequest, alarm: Alarm) -> list[Structure]:
    """Where help or a place to stop is, nearest first, one of a kind."""
    if alarm.position is None:
        return []
    near = (
        StructureResource.queryset(request)
        .filter(kind__in=HELPFUL_KINDS, geom__dwithin=(alarm.position, NEARBY_KM / 92))
        .annotate(distance=Distance("geom", alarm.position))
        .order_by("distance")[:20]
    )
    nearest: dict[str, Structure] = {}
    for structure in near:
        nearest.setdefault(structure.kind, structure)
    return list(nearest.values())[:4]


def _others(request: HttpRequest, alarm: Alarm) -> list[Alarm]:
    """Other open alarms around the place."""
    if alarm.position is None:
        return []
    return list(
        alarms(request)
        .filter(state__in=OPEN, position__dwithin=(alarm.position, NEARBY_KM / 92))
        .exclude(pk=alarm.pk)
        .select_related("vehicle")
        .annotate(distance=Distance("position", alarm.position))
        .order_by("distance")[:4]
    )


def _shift(request: HttpRequest) -> dict[str, Any]:
    """What this officer did today, and how fast alarms were acknowledged in his scope."""
    today = _midnight()
    assert request.user.pk is not None
    done = AlarmStep.objects.filter(user_id=request.user.pk, at__gte=today).aggregate(
        acknowledged=Count("pk", filter=Q(act=AlarmStep.Act.ACKNOWLEDGE)),
        handled=Count("pk", filter=Q(act=AlarmStep.Act.HANDLE)),
    )
    delay = (
        alarms(request)
        .filter(acknowledged_at__gte=today)
        .aggregate(mean=Avg(F("acknowledged_at") - F("raised_at")))["mean"]
    )
    return {**done, "delay_s": delay.total_seconds() if delay else None}


def _midnight() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
