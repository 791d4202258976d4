"""How positions travel to the browser: columns, little endian, base64. static/onemap/feed.js reads them.

f8 server time ms | f8 newest receive time ms, 0 = none | u4 rows n | u4 0
f8[n] vehicle | i4[n] lon 1e-6 deg | i4[n] lat 1e-6 deg | u4[n] device time s
u2[n] heading deg | u2[n] speed 0.1 km/h, 65535 = unknown | u2[n] flags
"""

from base64 import b64encode

import numpy as np

SPEED_UNKNOWN = 65535
IS_ALARMED = 1
"""Flag: the terminal reports an alarm."""


def packet(rows: np.ndarray, now_ms: float) -> bytes:
    """Rows of stream.state as one event's data."""
    newest = float(rows["received_at_ms"].max()) if len(rows) else 0.0
    speed = np.nan_to_num(rows["speed_kmh"] * 10, nan=SPEED_UNKNOWN)
    parts = (
        np.array([now_ms, newest], "<f8"),
        np.array([len(rows), 0], "<u4"),
        rows["vehicle_id"].astype("<f8"),
        rows["lon_e6"].astype("<i4"),
        rows["lat_e6"].astype("<i4"),
        (rows["device_at_ms"] // 1000).astype("<u4"),
        rows["heading_deg"].astype("<u2"),
        np.clip(speed, 0, SPEED_UNKNOWN).astype("<u2"),
        ((rows["alarm_bits"] != 0) * IS_ALARMED).astype("<u2"),
    )
    return b64encode(b"".join(part.tobytes() for part in parts))
