"""Reports put where the stream would put them: the state of now, and the lake of the day."""

import uuid

import numpy as np
from django.conf import settings

from qintong.stream.lake import lake_path
from qintong.stream.lake.writer import LakeWriter
from qintong.stream.log import Batch, Blobs
from qintong.stream.state import state_path
from qintong.stream.state.writer import StateWriter
from qintong.stream.topics import POSITION

XIAN = (108.94, 34.26)


def reports(
    vehicle_id: int, at_s: list[float], lon: list[float], lat: list[float], speed_kmh: list[float]
) -> np.ndarray:
    rows = np.zeros(len(at_s), POSITION.dtype)
    rows["vehicle_id"] = rows["terminal_id"] = vehicle_id
    rows["device_at_ms"] = rows["received_at_ms"] = (np.array(at_s) * 1000).astype(np.int64)
    rows["lon_e6"], rows["lat_e6"] = np.round(np.array([lon, lat]) * 1e6)
    rows["speed_kmh"], rows["heading_deg"] = speed_kmh, 90
    rows["serial"], rows["message_id"] = np.arange(len(at_s)), 0x0200
    rows["odometer_m"] = rows["satellites"] = -1
    return rows


def at(vehicle_id: int, at_s: float, lon: float = XIAN[0], lat: float = XIAN[1]) -> np.ndarray:
    return reports(vehicle_id, [at_s], [lon], [lat], [60.0])


def to_state(*rows: np.ndarray) -> None:
    writer = StateWriter(state_path(settings.VAR_DIR))
    writer.apply(np.concatenate(rows))
    writer.close()


def to_lake(rows: np.ndarray) -> None:
    writer = LakeWriter(lake_path(settings.VAR_DIR))
    blobs = Blobs.of([b""] * len(rows))
    writer.add([Batch(rows, blobs, f"gateway-{uuid.uuid4().hex}", 0, len(rows), 0)])
    writer.close()
