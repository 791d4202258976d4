"""Why a gateway kept a message raw, or counted bytes that are no message. Nothing is dropped unnamed."""

from enum import IntEnum


class Reason(IntEnum):
    """Numbers stand in the log (column `reason` of RAW) and never change their meaning."""

    GARBAGE = 1
    OVERLONG = 2
    TOO_SHORT = 3
    BAD_ESCAPE = 4
    BAD_CHECKSUM = 5
    ENCRYPTED = 6
    UNKNOWN_MESSAGE = 7
    DOWNLINK_MESSAGE = 8
    SHORT_BODY = 9
    NO_TOPIC = 10
    SUBPACKAGE = 11
    SUBPACKAGE_INVALID = 12
    SUBPACKAGE_TIMEOUT = 13
    SUBPACKAGE_OVERFLOW = 14
    BATCH_ITEM = 15
    UNKNOWN_TERMINAL = 16
    NOT_AUTHENTICATED = 17
    WRONG_TOKEN = 18
    RATE_LIMITED = 19
    LENGTH_MISMATCH = 20
    NO_ROOM = 21
    FAULT = 22

    @property
    def title(self) -> str:
        return _TITLES[self]


_TITLES = {
    Reason.GARBAGE: "标识位之外的数据",
    Reason.OVERLONG: "超长且无标识位",
    Reason.TOO_SHORT: "短于消息头",
    Reason.BAD_ESCAPE: "转义错误",
    Reason.BAD_CHECKSUM: "校验错误",
    Reason.ENCRYPTED: "消息体加密",
    Reason.UNKNOWN_MESSAGE: "未知消息",
    Reason.DOWNLINK_MESSAGE: "终端发来平台消息",
    Reason.SHORT_BODY: "消息体过短",
    Reason.NO_TOPIC: "尚无专题，留存原文",
    Reason.SUBPACKAGE: "分包",
    Reason.SUBPACKAGE_INVALID: "分包序号错误",
    Reason.SUBPACKAGE_TIMEOUT: "分包超时未齐",
    Reason.SUBPACKAGE_OVERFLOW: "分包缓存超限",
    Reason.BATCH_ITEM: "批量数据项错误",
    Reason.UNKNOWN_TERMINAL: "终端未准入",
    Reason.NOT_AUTHENTICATED: "未鉴权",
    Reason.WRONG_TOKEN: "鉴权码错误",
    Reason.RATE_LIMITED: "超过频次限制",
    Reason.LENGTH_MISMATCH: "消息体长度不符",
    Reason.NO_ROOM: "连接数已满",
    Reason.FAULT: "网关处理出错",
}
