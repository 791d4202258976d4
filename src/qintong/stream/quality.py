"""Quality of a position report: judged when it is received, never a ground for rejecting it."""

from enum import IntFlag

import numpy as np


class Quality(IntFlag):
    """Bits of the column `quality` of POSITION."""

    NOT_FIXED = 1 << 0
    COORDINATES_ZERO = 1 << 1
    COORDINATES_RANGE = 1 << 2
    COORDINATES_ENCRYPTED = 1 << 3
    TIME_INVALID = 1 << 4
    TIME_ROLLOVER = 1 << 5
    TIME_FUTURE = 1 << 6
    TIME_OLD = 1 << 7
    SPEED_RANGE = 1 << 8
    HEADING_RANGE = 1 << 9
    ITEM_OVERRUN = 1 << 10
    ITEM_REPEATED = 1 << 11
    ITEM_LENGTH = 1 << 12
    LENGTH_MISMATCH = 1 << 13
    IDENTITY_NOT_BCD = 1 << 14
    NOT_AUTHENTICATED = 1 << 15

    @property
    def title(self) -> str:
        """Chinese title of a single bit."""
        return _TITLES[self]


_TITLES = {
    Quality.NOT_FIXED: "未定位",
    Quality.COORDINATES_ZERO: "坐标为零",
    Quality.COORDINATES_RANGE: "坐标超出范围",
    Quality.COORDINATES_ENCRYPTED: "坐标经保密插件加密",
    Quality.TIME_INVALID: "时间无效，以接收时间代替",
    Quality.TIME_ROLLOVER: "时间疑为卫星周数翻转",
    Quality.TIME_FUTURE: "时间超前",
    Quality.TIME_OLD: "时间陈旧",
    Quality.SPEED_RANGE: "速度超出范围",
    Quality.HEADING_RANGE: "方向超出范围",
    Quality.ITEM_OVERRUN: "附加信息越界",
    Quality.ITEM_REPEATED: "附加信息重复",
    Quality.ITEM_LENGTH: "附加信息长度不符",
    Quality.LENGTH_MISMATCH: "消息体长度不符",
    Quality.IDENTITY_NOT_BCD: "终端标识不是数字",
    Quality.NOT_AUTHENTICATED: "链路未鉴权",
}

NO_PLACE = (
    Quality.NOT_FIXED
    | Quality.COORDINATES_ZERO
    | Quality.COORDINATES_RANGE
    | Quality.COORDINATES_ENCRYPTED
)
"""With any of these the coordinates cannot be put on a map."""

NO_TIME = Quality.TIME_INVALID | Quality.TIME_ROLLOVER | Quality.TIME_FUTURE
"""With any of these the terminal's clock cannot be trusted."""


def is_placed(quality: np.ndarray) -> np.ndarray:
    """True where a report's coordinates can be put on a map."""
    return (quality & np.uint16(NO_PLACE)) == 0
