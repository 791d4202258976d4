"""Code tables of identity that are part of the program."""

from django.db.models import TextChoices


class BusinessLine(TextChoices):
    """业务条线: one axis of scope."""

    HIGHWAY = "highway", "公路"
    ROAD_TRANSPORT = "road_transport", "道路运输"
    WATERWAY = "waterway", "水路运输"
    CITY_PASSENGER = "city_passenger", "城市客运"
    MARITIME = "maritime", "海事"
    OTHER = "other", "其他"


class DataGrade(TextChoices):
    """数据分级: what must be granted to read a field in clear."""

    PERSONAL = "personal", "个人信息"
    SENSITIVE = "sensitive", "敏感个人信息"
    IMPORTANT = "important", "重要数据"


class OfficerKind(TextChoices):
    """三员 (GB/T 22239-2019, 8.1.5): no user is two of them."""

    SYSTEM = "system_administrator", "系统管理员"
    SECURITY = "security_administrator", "安全管理员"
    AUDITOR = "auditor", "审计管理员"


class SessionEnd(TextChoices):
    """Why a login session ended."""

    SIGNED_OUT = "signed_out", "本人退出"
    ENDED = "ended", "管理员结束"
    IDLE = "idle", "闲置超时"
    EXPIRED = "expired", "到最长时限"
    SUPERSEDED = "superseded", "超出并行数"
    USER_DISABLED = "user_disabled", "账号停用"
    PASSWORD_CHANGED = "password_changed", "口令更改"
