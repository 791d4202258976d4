"""Topics: each kind of record in the log, declared once.

From a declaration follow the packed dtype of the log, the Parquet schema of the lake and the field
table of the documents. Missing numbers are NaN in float columns and -1 in integer columns that say so.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, slots=True)
class Field:
    """One column. `source` is the clause the value comes from."""

    name: str
    dtype: str
    title: str
    unit: str = ""
    source: str = ""


@dataclass(frozen=True)
class Topic:
    """A kind of record. `number` stands in the log's files and never changes its meaning."""

    name: str
    number: int
    title: str
    fields: tuple[Field, ...]
    has_blob: bool = False
    """True: every row carries one byte string of its own beside the columns."""
    key: str = "terminal_id"
    """Column by which a scaled-out log is partitioned."""

    @cached_property
    def dtype(self) -> np.dtype:
        """Packed little-endian record of all columns."""
        return np.dtype([(f.name, f.dtype) for f in self.fields])


_808 = "JT/T 808-2019"

POSITION = Topic(
    "position",
    1,
    "位置报告",
    (
        Field("terminal_id", "<i8", "终端", source="registry.Terminal"),
        Field("vehicle_id", "<i8", "车辆", source="registry.Vehicle; 0 = terminal without vehicle"),
        Field("device_at_ms", "<i8", "终端时间", "ms UTC", f"{_808} 表 23 时间 (GMT+8)"),
        Field("received_at_ms", "<i8", "接收时间", "ms UTC", "gateway clock"),
        Field("lon_e6", "<i4", "经度", "1e-6 deg, east positive", f"{_808} 表 23, status b3"),
        Field("lat_e6", "<i4", "纬度", "1e-6 deg, north positive", f"{_808} 表 23, status b2"),
        Field("altitude_m", "<i2", "高程", "m", f"{_808} 表 23"),
        Field("speed_kmh", "<f4", "速度", "km/h", f"{_808} 表 23 (0.1 km/h)"),
        Field("heading_deg", "<u2", "方向", "deg", f"{_808} 表 23"),
        Field("alarm_bits", "<u4", "报警标志", "", f"{_808} 表 24"),
        Field("status_bits", "<u4", "状态", "", f"{_808} 表 25"),
        Field("odometer_m", "<i8", "里程", "m, -1 = none", f"{_808} item 0x01"),
        Field("recorder_speed_kmh", "<f4", "记录仪速度", "km/h, NaN = none", f"{_808} item 0x03"),
        Field("fuel_l", "<f4", "油量", "L, NaN = none", f"{_808} item 0x02"),
        Field("signal_strength", "<i2", "信号强度", "-1 = none", f"{_808} item 0x30"),
        Field("satellites", "<i2", "卫星数", "-1 = none", f"{_808} item 0x31"),
        Field("message_id", "<u2", "消息", "", "0x0200, 0x0704, 0x0201"),
        Field("serial", "<u2", "流水号", "", f"{_808} message header"),
        Field("item_index", "<u2", "批内序号", "", "place inside a 0x0704 batch, else 0"),
        Field("edition", "u1", "协议版本", "11, 13 or 19", "detected per message"),
        Field("is_backfill", "u1", "补报", "0/1", f"{_808} 0x0704 type 1"),
        Field("quality", "<u2", "质量标志", "bits of Quality", "judged, never rejected"),
    ),
    has_blob=True,  # the additional items not decoded above, raw
)

ALARM = Topic(
    "alarm",
    2,
    "告警",
    (
        Field("rule", "<u2", "规则", "rules.Rule"),
        Field("is_end", "u1", "结束", "0 = begins or continues, 1 = ends"),
        Field("level", "u1", "等级", "1 (I) to 4 (IV)"),
        Field("terminal_id", "<i8", "终端"),
        Field("vehicle_id", "<i8", "车辆"),
        Field("incident_key", "<i8", "告警键", "same for every record of one incident"),
        Field("started_at_ms", "<i8", "开始时间", "ms UTC"),
        Field("at_ms", "<i8", "时间", "ms UTC"),
        Field("lon_e6", "<i4", "经度", "1e-6 deg"),
        Field("lat_e6", "<i4", "纬度", "1e-6 deg"),
        Field("value", "<f8", "值", "unit of the rule"),
        Field("limit", "<f8", "限值", "unit of the rule"),
    ),
)

SESSION = Topic(
    "session",
    3,
    "终端会话",
    (
        Field("terminal_id", "<i8", "终端"),
        Field("vehicle_id", "<i8", "车辆"),
        Field("at_ms", "<i8", "时间", "ms UTC"),
        Field("connection_id", "<i8", "连接"),
        Field("is_online", "u1", "在线", "1 = on line, 0 = off line"),
        Field("reason", "u1", "原因", "sessions.Reason"),
        Field("edition", "u1", "协议版本", "11, 13 or 19"),
    ),
    has_blob=True,  # peer address
)

REGISTRATION = Topic(
    "registration",
    4,
    "终端注册",
    (
        Field("terminal_id", "<i8", "终端", "0 = unknown"),
        Field("at_ms", "<i8", "时间", "ms UTC"),
        Field("edition", "u1", "协议版本", "11, 13 or 19"),
        Field(
            "message_id", "<u2", "消息", "", "0x0100, or the first message of an unknown terminal"
        ),
        Field("identity", "V10", "终端标识", "phone bytes as received, left aligned, 6 or 10 used"),
        Field("identity_length", "u1", "标识长度", "6 or 10"),
        Field("result", "u1", "应答结果", "0x8100 result"),
    ),
    has_blob=True,  # body of the message
    key="identity",
)

RAW = Topic(
    "raw",
    5,
    "原始报文",
    (
        Field("terminal_id", "<i8", "终端", "0 = unknown"),
        Field("at_ms", "<i8", "时间", "ms UTC"),
        Field("message_id", "<u2", "消息"),
        Field("reason", "<u2", "缘由", "gateways.reasons.Reason: why it is kept raw"),
    ),
    has_blob=True,  # the frame as received
)

TOPICS: dict[str, Topic] = {t.name: t for t in (POSITION, ALARM, SESSION, REGISTRATION, RAW)}
