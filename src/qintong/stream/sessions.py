"""Why a terminal session began or ended: the column `reason` of SESSION."""

from enum import IntEnum


class Reason(IntEnum):
    """Numbers stand in the log and never change their meaning."""

    AUTHENTICATED = 1
    REPORTED = 2
    LOGGED_OUT = 10
    CLOSED = 11
    TIMED_OUT = 12
    TAKEN_OVER = 13
    REBOUND = 14
    SLOW_READER = 15
    GARBAGE = 16
    REVOKED = 17
    STOPPED = 18

    @property
    def title(self) -> str:
        return _TITLES[self]


_TITLES = {
    Reason.AUTHENTICATED: "鉴权通过",
    Reason.REPORTED: "未鉴权即上报，按策略接收",
    Reason.LOGGED_OUT: "终端注销",
    Reason.CLOSED: "终端断开连接",
    Reason.TIMED_OUT: "超时未收到消息",
    Reason.TAKEN_OVER: "同一终端在新连接上线",
    Reason.REBOUND: "连接改报另一终端标识",
    Reason.SLOW_READER: "终端不接收应答",
    Reason.GARBAGE: "连续发送无效数据",
    Reason.REVOKED: "终端已移出名册",
    Reason.STOPPED: "网关停止",
}
