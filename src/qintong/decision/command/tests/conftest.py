"""Two counties, an officer in each and one of the province, and a vehicle that reports."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.utils import timezone

from qintong.base.identity.models import Organisation, Region, Role, RoleAssignment, User
from qintong.base.registry.models import Company, Terminal, Vehicle, VehicleClass
from qintong.decision.command.alarms import Alarm
from qintong.stream.log import Batch
from qintong.stream.topics import ALARM

DUTY = [
    "command.view_alarm",
    "command.view_alarmstep",
    "command.acknowledge_alarm",
    "command.handle_alarm",
    "command.close_alarm",
    "command.reopen_alarm",
    "registry.view_vehicle",
    "registry.view_structure",
    "registry.view_terminal",
]
NOON_MS = 1_795_492_800_000
WEST, EAST = (108.5, 34.2), (109.5, 34.2)


def box(west: float, east: float) -> MultiPolygon:
    return MultiPolygon(Polygon.from_bbox((west, 33.5, east, 35.0)), srid=4490)


@pytest.fixture
def province(db: None) -> Region:
    return Region.objects.create(code="610000", name="陕西省", level="province")


@pytest.fixture
def west(province: Region) -> Region:
    city = Region.objects.create(code="610400", name="咸阳市", level="city", parent=province)
    return Region.objects.create(
        code="610402", name="秦都区", level="county", parent=city, geom=box(108.0, 109.0)
    )


@pytest.fixture
def east(province: Region) -> Region:
    city = Region.objects.create(code="610500", name="渭南市", level="city", parent=province)
    return Region.objects.create(
        code="610502", name="临渭区", level="county", parent=city, geom=box(109.0, 110.0)
    )


@pytest.fixture
def department(province: Region) -> Organisation:
    return Organisation.objects.create(
        code="610000-DOT", name="陕西省交通运输厅", kind="department", region=province
    )


@pytest.fixture
def officer(department: Organisation) -> Callable[..., User]:
    """officer("lin", west): a duty officer of that place."""

    def make(login_name: str, region: Region, permissions: list[str] | None = None) -> User:
        user = User.objects.create_user(
            login_name,
            None,
            name=f"值班员 {login_name}",
            organisation=department,
            must_change_password=False,
        )
        role = Role.objects.create(
            code=login_name, name=f"值班 {login_name}", permissions=permissions or DUTY
        )
        RoleAssignment.objects.create(
            user=user, role=role, region=region, valid_from=date(2026, 1, 1), basis="测试"
        )
        return user

    return make


@pytest.fixture
def vehicle(west: Region, department: Organisation) -> Vehicle:
    company = Company.objects.create(
        credit_code="91610000MA6TN0000X", name="演示运输公司", region=west, phone="13800000417"
    )
    truck = VehicleClass.objects.create(
        code="heavy_goods",
        name="重型货车",
        speed_limit_kmh=80,
        offline_limit_s=600,
        valid_from=date(2020, 1, 1),
        source="测试",
    )
    return Vehicle.objects.create(
        plate_number="陕D07715", plate_colour=2, vehicle_class=truck, company=company, region=west
    )


@pytest.fixture
def terminal(vehicle: Vehicle, west: Region) -> Terminal:
    return Terminal.objects.create(
        terminal_number="13900001234", state="admitted", vehicle=vehicle, region=west
    )


@pytest.fixture
def alarm(vehicle: Vehicle, west: Region) -> Alarm:
    return make_alarm(1, west, vehicle)


def make_alarm(key: int, region: Region, vehicle: Vehicle | None = None, **fields: Any) -> Alarm:
    now = timezone.now()
    place = {"region": region, "position": Point(*WEST, srid=4490), "place": region.name}
    defaults = {"rule": 1, "level": 3, "started_at": now, "last_at": now, "value": 112, "limit": 80}
    return Alarm.objects.create(
        incident_key=key, vehicle=vehicle, **{**place, **defaults, **fields}
    )


def row(key: int, terminal: Terminal | None = None, **fields: Any) -> tuple[Any, ...]:
    """An ALARM record; every field can be given."""
    values = {
        "rule": 1,
        "is_end": 0,
        "level": 3,
        "terminal_id": terminal.pk if terminal else 0,
        "vehicle_id": terminal.vehicle_id if terminal else 0,
        "incident_key": key,
        "started_at_ms": NOON_MS,
        "at_ms": NOON_MS,
        "lon_e6": round(WEST[0] * 1e6),
        "lat_e6": round(WEST[1] * 1e6),
        "value": 95.0,
        "limit": 80.0,
    }
    return tuple((values | fields)[name] for name in ALARM.dtype.names)


def batch(*rows: tuple[Any, ...]) -> Batch:
    return Batch(np.array(list(rows), ALARM.dtype), None, "rules", 0, len(rows), NOON_MS)
