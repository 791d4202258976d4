"""What a listener of the live feed is told, within one scope."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q

from qintong.desk.scope import Scope

from .alarms import Alarm, AlarmResource
from .rules.alarm_lifecycle import OPEN


def changes(scope: Scope, ids: Iterable[int]) -> dict[str, Any]:
    """Counts as they are now, and those of these alarms that the scope sees."""
    every = AlarmResource.queryset_for(scope)
    is_fresh = Q(state=Alarm.State.NEW)
    counts = every.filter(state__in=OPEN).aggregate(
        open=Count("pk"),
        fresh=Count("pk", filter=is_fresh),
        grave=Count("pk", filter=is_fresh & Q(level=Alarm.Level.I)),
    )
    changed = [
        {
            "id": alarm.pk,
            "level": alarm.level,
            "numeral": alarm.get_level_display(),
            "state": alarm.state,
            "raised": int(alarm.raised_at.timestamp() * 1000),
            "title": str(alarm),
            "place": alarm.place,
            "plate": str(alarm.vehicle) if alarm.vehicle else "",
        }
        for alarm in every.filter(pk__in=list(ids)).select_related("vehicle")
    ]
    return {"counts": counts, "changed": changed}
