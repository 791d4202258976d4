from .alarm_steps import AlarmStep
from .alarms import Alarm
from .data_feeds import Feed, FeedReading

__all__ = ["Alarm", "AlarmStep", "Feed", "FeedReading"]
