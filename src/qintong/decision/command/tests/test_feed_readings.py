import json
import time

from django.conf import settings

from qintong.decision.command.data_feeds import Feed, FeedReading
from qintong.decision.command.tasks import read_feeds


def test_a_feed_has_one_reading_a_minute_and_none_without_a_process(db):
    directory = settings.VAR_DIR / "run"
    directory.mkdir(parents=True, exist_ok=True)
    for file in directory.glob("consume-*.json"):
        file.unlink()
    now_ms = int(time.time() * 1000)
    said = {"at_ms": now_ms, "last_row_at_ms": now_ms, "rows_per_s": 12.5, "lag_rows": 3}
    (directory / "consume-state.json").write_text(json.dumps(said))

    read_feeds(timestamp=0)
    read_feeds(timestamp=0)

    reading = FeedReading.objects.get()
    assert reading.feed == Feed.objects.get(code="position")
    assert (reading.rows_per_s, reading.lag_rows, reading.state) == (12.5, 3, "ok")
