"""Timers of command."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from .data_feeds import Feed, FeedReading, pulse_of, state_of

READINGS_KEPT = timedelta(days=7)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="command.read_feeds")
def read_feeds(timestamp: int) -> None:
    """One reading of every feed a minute; old ones are dropped."""
    now = timezone.now()
    minute = now.replace(second=0, microsecond=0)
    readings = []
    for feed in Feed.objects.all():
        pulse = pulse_of(feed.consumer)
        if pulse.rows_per_s is None:
            continue
        readings.append(
            FeedReading(
                feed=feed,
                at=minute,
                rows_per_s=pulse.rows_per_s,
                lag_rows=pulse.lag_rows or 0,
                state=state_of(feed, pulse, now),
            )
        )
    FeedReading.objects.bulk_create(readings, ignore_conflicts=True)
    FeedReading.objects.filter(at__lt=now - READINGS_KEPT).delete()
