"""The lake: every position report ever received, as Parquet by day and hour of the device's time.

Three levels. *Open* files hold what came in the last minutes, in the order of the log. *Part* files
hold an hour's rows sorted by vehicle and time. When an hour is over its parts become one *whole*
file; late rows make another part, and in time another whole. Which files count is said by the
manifest alone, so every report is visible exactly once at every moment, whatever is killed when.
"""

from qintong.stream.lake.reader import Lake, lake_path

__all__ = ["Lake", "lake_path"]
