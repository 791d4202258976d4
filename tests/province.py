"""Two counties of two cities, their bureaus, three people: enough of a province to test doors with."""

from dataclasses import dataclass
from datetime import date

import pytest
from django.utils import timezone

from qintong.base.identity.organisations import Organisation
from qintong.base.identity.regions import Region
from qintong.base.identity.role_assignments import RoleAssignment
from qintong.base.identity.roles import Role
from qintong.base.identity.users import User
from qintong.base.registry.companies import Company
from qintong.base.registry.rules import credit_code
from qintong.base.registry.vehicle_classes import VehicleClass
from qintong.base.registry.vehicles import Vehicle


@dataclass
class Province:
    """What the tests name. `clerk` works in 长安区, `stranger` in 安塞区, `chief` in the whole province."""

    changan: Region
    ansai: Region
    chief: User
    clerk: User
    stranger: User
    mine: Company
    other: Company
    freight: VehicleClass


def company_code(number: int) -> str:
    """A credit code with the check character that belongs to it."""
    body = f"91610116MA6U{number:05d}"
    return body + credit_code.check_character(body)


def plate(number: int) -> str:
    return f"陕A{number:05d}"


def vehicle(
    province: Province, number: int, company: Company | None = None, **values: object
) -> Vehicle:
    company = company or province.mine
    fields = {"vehicle_class": province.freight, "region": company.region, "company": company}
    return Vehicle.objects.create(
        plate_number=plate(number), plate_colour=Vehicle.PlateColour.YELLOW, **(fields | values)
    )


@pytest.fixture
def province(db: None) -> Province:
    shaanxi = Region.objects.create(code="610000", name="陕西省", level="province")
    xian = Region.objects.create(code="610100", name="西安市", level="city", parent=shaanxi)
    yanan = Region.objects.create(code="610600", name="延安市", level="city", parent=shaanxi)
    changan = Region.objects.create(code="610116", name="长安区", level="county", parent=xian)
    ansai = Region.objects.create(code="610603", name="安塞区", level="county", parent=yanan)
    top = Organisation.objects.create(code="DOT", name="省厅", kind="department", region=shaanxi)
    bureaus = {
        place.code: Organisation.objects.create(
            code=f"{place.code}-CB",
            name=f"{place.name}交通运输局",
            kind="county_bureau",
            parent=top,
            region=place,
        )
        for place in (changan, ansai)
    }
    role = Role.objects.create(code="registrar", name="登记员", permissions=["*"])
    people = {}
    for login, organisation, region in (
        ("chief", top, shaanxi),
        ("clerk", bureaus["610116"], changan),
        ("stranger", bureaus["610603"], ansai),
    ):
        user = User.objects.create(
            login_name=login, name=login, organisation=organisation, must_change_password=False
        )
        RoleAssignment.objects.create(
            user=user, role=role, region=region, valid_from=date(2020, 1, 1), basis="演示"
        )
        people[login] = user
    companies = [
        Company.objects.create(
            credit_code=company_code(number), name=f"演示企业{number}", region=region
        )
        for number, region in ((1, changan), (2, ansai))
    ]
    freight = VehicleClass.objects.create(
        code="freight", name="普通货运", speed_limit_kmh=80, offline_limit_s=600,
        valid_from=timezone.localdate(), source="演示",
    )  # fmt: skip
    return Province(
        changan, ansai, people["chief"], people["clerk"], people["stranger"], *companies, freight
    )
