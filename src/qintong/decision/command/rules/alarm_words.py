"""Alarms in the words of the duty desk."""

from qintong.stream.rules import Rule


def headline(rule: int, value: float | None, limit: float | None, duration_s: float) -> str:
    """What happened, with its figure: 超速 112 km/h，限 80."""
    if rule == Rule.OVERSPEED and value is not None:
        return f"超速 {value:.0f} km/h" + (f"，限 {limit:.0f}" if limit else "")
    if rule == Rule.SOS:
        return "SOS 紧急报警"
    if rule == Rule.OFFLINE:
        return f"离线 {span(max(duration_s, value or 0))}"
    return "告警"


def span(seconds: float) -> str:
    """A length of time in its two largest units: 2 分 58 秒, 4 小时 12 分, 3 天 2 小时."""
    whole = max(int(seconds), 0)
    days, hours = divmod(whole // 3600, 24)
    minutes, rest = whole % 3600 // 60, whole % 60
    if days:
        return f"{days} 天 {hours} 小时" if hours else f"{days} 天"
    if hours:
        return f"{hours} 小时 {minutes} 分" if minutes else f"{hours} 小时"
    if minutes:
        return f"{minutes} 分 {rest} 秒" if rest else f"{minutes} 分"
    return f"{rest} 秒"


def stake(metres: int) -> str:
    """K1048+600."""
    return f"K{metres // 1000}+{metres % 1000:03d}"
