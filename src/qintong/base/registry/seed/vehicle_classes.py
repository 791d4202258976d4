"""Vehicle classes with the limits that alarms are judged by. Unverified: see the source of each row."""

from datetime import date

from ..vehicle_classes import VehicleClass

ARTICLE_78 = "道路交通安全法实施条例第七十八条"
ORDER_29 = "交通运输部令 2019 年第 29 号"
OFFLINE = "离线时限为本系统缺省值"
ROWS = (
    ("scheduled_passenger", "班线客车", "road_transport", 100, 600, ARTICLE_78),
    ("charter_passenger", "包车客车", "road_transport", 100, 600, ARTICLE_78),
    ("dangerous_goods", "危险货物运输车", "road_transport", 80, 600, ORDER_29),
    ("heavy_freight", "重型货车", "road_transport", 100, 1800, ARTICLE_78),
    ("semi_trailer_tractor", "半挂牵引车", "road_transport", 100, 1800, ARTICLE_78),
    ("trailer", "挂车", "road_transport", 0, 0, ""),
    ("light_freight", "轻型货车", "road_transport", 100, 1800, ARTICLE_78),
    ("rural_passenger", "农村客车", "road_transport", 80, 1800, ""),
    ("city_bus", "公共汽电车", "city_passenger", 70, 1800, ""),
    ("taxi", "出租汽车", "city_passenger", 120, 1800, ARTICLE_78),
)


def seed_vehicle_classes() -> int:
    """Adds missing classes; edited ones stay."""
    for code, name, line, speed_limit_kmh, offline_limit_s, basis in ROWS:
        VehicleClass.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "business_line": line,
                "speed_limit_kmh": speed_limit_kmh,
                "offline_limit_s": offline_limit_s,
                "valid_from": date(2026, 1, 1),
                "basis": basis,
                "source": f"限速未核对；{OFFLINE}",
                "verified": False,
            },
        )
    return len(ROWS)
