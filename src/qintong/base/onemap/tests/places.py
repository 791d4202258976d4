"""Two counties, a toll station in each, and a person who sees one of them: what the tests stand on."""

import datetime

from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.test import Client

from qintong.base.identity.organisations import Organisation
from qintong.base.identity.regions import Region
from qintong.base.identity.role_assignments import RoleAssignment
from qintong.base.identity.roles import Role
from qintong.base.identity.users import User
from qintong.base.registry.structures import Structure

WEST, EAST = (108.90, 34.25), (108.96, 34.25)


def square(lon: float, lat: float, half: float = 0.03) -> MultiPolygon:
    box = Polygon.from_bbox((lon - half, lat - half, lon + half, lat + half))
    return MultiPolygon(box, srid=4490)


def make_province() -> None:
    """Province 610000, city 610100, and two counties that share a border."""
    province = Region.objects.create(
        code="610000", name="陕西省", level="province", geom=square(108.93, 34.25, 0.2)
    )
    city = Region.objects.create(code="610100", name="西安市", level="city", parent=province)
    for code, name, at in (("610102", "新城区", WEST), ("610103", "碑林区", EAST)):
        county = Region.objects.create(
            code=code, name=name, level="county", parent=city, geom=square(*at), centre=Point(*at)
        )
        Structure.objects.create(
            code=f"T{code}",
            kind="toll_station",
            name=f"{name}收费站",
            region=county,
            geom=Point(*at, srid=4490),
        )


def signed_in(region_code: str, *permissions: str) -> Client:
    """Client of a new person who holds these permissions in this region."""
    region = Region.objects.get(code=region_code)
    number = User.objects.count() + 1
    organisation, _ = Organisation.objects.get_or_create(
        code="610000-DOT",
        defaults={"name": "省交通运输厅", "kind": "department", "region": region},
    )
    user = User.objects.create_user(
        f"viewer{number}", None, name=f"观察 {number}", organisation=organisation
    )
    User.objects.filter(pk=user.pk).update(must_change_password=False)
    role = Role.objects.create(code=f"r{number}", name=f"r{number}", permissions=list(permissions))
    RoleAssignment.objects.create(
        user=user, role=role, region=region, valid_from=datetime.date(2020, 1, 1), basis="测试"
    )
    client = Client()
    client.force_login(user)
    return client
