"""Alarms in the words of the duty desk."""

from django.utils.translation import gettext as _

from qintong.stream.rules import Rule


def headline(rule: int, value: float | None, limit: float | None, duration_s: float) -> str:
    """What happened, with its figure: 超速 112 km/h，限 80."""
    if rule == Rule.OVERSPEED and value is not None:
        if limit:
            return _("超速 %(value).0f km/h，限 %(limit).0f") % {"value": value, "limit": limit}
        return _("超速 %(value).0f km/h") % {"value": value}
    if rule == Rule.SOS:
        return _("SOS 紧急报警")
    if rule == Rule.OFFLINE:
        return _("离线 %(span)s") % {"span": span(max(duration_s, value or 0))}
    return _("告警")


def span(seconds: float) -> str:
    """A length of time in its two largest units: 2 分 58 秒, 4 小时 12 分, 3 天 2 小时."""
    whole = max(int(seconds), 0)
    days, hours = divmod(whole // 3600, 24)
    parts = {"days": days, "hours": hours, "minutes": whole % 3600 // 60, "seconds": whole % 60}
    if days:
        return (_("%(days)d 天 %(hours)d 小时") if hours else _("%(days)d 天")) % parts
    if hours:
        text = _("%(hours)d 小时 %(minutes)d 分") if parts["minutes"] else _("%(hours)d 小时")
        return text % parts
    if parts["minutes"]:
        text = _("%(minutes)d 分 %(seconds)d 秒") if parts["seconds"] else _("%(minutes)d 分")
        return text % parts
    return _("%(seconds)d 秒") % parts
