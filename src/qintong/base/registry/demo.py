"""Demo rows: companies, vehicles with admitted terminals, persons. Same rows at every run, all `is_demo`.

Numbers are valid by their check characters and cannot be anybody's: persons born in 1900 in no county,
vehicles of a maker code nobody has, names that say 演示.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from hashlib import sha256

from django.conf import settings
from django.utils import timezone

from qintong.base.identity.demo import ACCOUNTS, DemoAccount, seed_accounts, write_accounts
from qintong.base.identity.regions import Region

from .companies import Company
from .persons import Person
from .rules import credit_code, identity_number, vin
from .rules.plate_number import BLUE, GRADIENT_GREEN, YELLOW, YELLOW_GREEN
from .terminals import Terminal, identity_bytes
from .vehicle_classes import VehicleClass
from .vehicles import Vehicle

CITY_LETTERS = {
    "6101": "A",
    "6102": "B",
    "6103": "C",
    "6104": "D",
    "6105": "E",
    "6106": "J",
    "6107": "F",
    "6108": "K",
    "6109": "G",
    "6110": "H",
}
"""Second place of the plate by city (GA 36 practice)."""
TRADES = (
    # title, vehicle classes in turn
    ("货运", ("heavy_freight", "semi_trailer_tractor", "light_freight")),
    ("客运", ("scheduled_passenger", "charter_passenger", "rural_passenger")),
    ("危货运输", ("dangerous_goods",)),
    ("公交", ("city_bus",)),
)
MASS_KG = {
    "heavy_freight": 31000,
    "semi_trailer_tractor": 49000,
    "light_freight": 4490,
    "dangerous_goods": 31000,
    "scheduled_passenger": 17800,
    "charter_passenger": 17800,
    "rural_passenger": 7500,
    "city_bus": 18000,
}
TYPES = {
    "heavy_freight": "H11",
    "semi_trailer_tractor": "Q11",
    "light_freight": "H31",
    "dangerous_goods": "H15",
}
SEATS = {"scheduled_passenger": 47, "charter_passenger": 49, "rural_passenger": 19, "city_bus": 32}
DUTIES = {
    "货运": ("freight_driver",),
    "客运": ("passenger_driver",),
    "危货运输": ("dangerous_goods_driver", "escort"),
    "公交": ("passenger_driver",),
}
COMPANY_COUNT = 40
VEHICLES_PER_COMPANY = 15
PERSONS_PER_COMPANY = 5
COMPANY_LOGIN = "company"

_steps: list[tuple[str, Callable[[], int]]] = []


def demo_rows(title: str) -> Callable[[Callable[[], int]], Callable[[], int]]:
    """Decorator: a room above adds its own demo rows, made after those of the registry."""

    def add(step: Callable[[], int]) -> Callable[[], int]:
        _steps.append((title, step))
        return step

    return add


def seed_demo() -> Iterator[tuple[str, int]]:
    """Makes all demo rows that are missing; yields what and how many there are."""
    companies = _companies()
    yield "企业", len(companies)
    yield "人员", _persons(companies)
    yield "车辆和终端", _vehicles(companies)
    for title, step in _steps:
        yield title, step()
    own = DemoAccount(
        COMPANY_LOGIN,
        "企业经办人",
        companies[0].credit_code,
        "company_user",
        "610000",
        limits_organisation=True,
    )
    seed_accounts((*ACCOUNTS, own))
    write_accounts(settings.VAR_DIR / "demo_accounts.txt", (*ACCOUNTS, own))
    yield "账号", len(ACCOUNTS) + 1


def _companies() -> list[Company]:
    counties = list(
        Region.objects.filter(level="county", code__startswith="61").defer("geom").order_by("code")
    )
    made = []
    for number in range(COMPANY_COUNT):
        county = counties[number * len(counties) // COMPANY_COUNT]
        trade, classes = TRADES[number % len(TRADES)]
        code = _credit_code(county.code, number)
        company = Company.objects.filter(credit_code=code).first()
        if company is None:
            company = Company(
                credit_code=code,
                name=f"{county.short_name}演示{trade}有限公司",
                business_line="city_passenger" if classes == ("city_bus",) else "road_transport",
                region=county,
                legal_representative="演示法人",
                geom=county.centre,
                is_demo=True,
            )
            company.save()
        made.append(company)
    return made


def _trade(company: Company) -> str:
    return company.name.partition("演示")[2].removesuffix("有限公司")


def _credit_code(county_code: str, number: int) -> str:
    body = f"91{county_code}MA0DEM{number:03d}"
    return body + credit_code.check_character(body)


def _persons(companies: list[Company]) -> int:
    rows = []
    for number in range(len(companies) * PERSONS_PER_COMPANY):
        company = companies[number // PERSONS_PER_COMPANY]
        born = date(1900, 1, 1) + timedelta(days=number)
        body = f"610000{born:%Y%m%d}{number % 999 + 1:03d}"
        duties = DUTIES[_trade(company)]
        rows.append(
            Person(
                name=f"演示从业人员 {number + 1:03d}",
                document_number=body + identity_number.check_character(body),
                duty=duties[number % len(duties)],
                company=company,
                region=company.region,
                phone=f"100{number:08d}",
                is_demo=True,
            )
        )
    Person.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _vehicles(companies: list[Company]) -> int:
    """Vehicles and an admitted terminal on each: two of three speak the 2013 edition, one 2019."""
    classes = {c.code: c for c in VehicleClass.objects.all()}
    trade_classes = dict(TRADES)
    rows = []
    for number in range(len(companies) * VEHICLES_PER_COMPANY):
        company = companies[number // VEHICLES_PER_COMPANY]
        kinds = trade_classes[_trade(company)]
        rows.append(_vehicle(number, company, classes[kinds[number % len(kinds)]]))
    Vehicle.objects.bulk_create(rows, ignore_conflicts=True)
    _terminals()
    return len(rows)


def _vehicle(number: int, company: Company, kind: VehicleClass) -> Vehicle:
    plate, colour = _plate(number, company, kind.code)
    body = f"DEM{number % 10}TR00" + "0" + f"S{number % 7}{number + 1:06d}"
    return Vehicle(
        plate_number=plate,
        plate_colour=colour,
        vin=body[:8] + vin.check_digit(body) + body[9:],
        vehicle_class=kind,
        vehicle_type=TYPES.get(kind.code, "K11"),
        model_name="演示车型",
        energy="electric" if colour in (YELLOW_GREEN, GRADIENT_GREEN) else "diesel",
        gross_mass_kg=MASS_KG[kind.code],
        seats=SEATS.get(kind.code),
        registered_on=date(2020, 1, 1) + timedelta(days=number * 3),
        company=company,
        region=company.region,
        is_demo=True,
    )


def _plate(number: int, company: Company, kind: str) -> tuple[str, int]:
    letter = CITY_LETTERS[company.region.code[:4]]
    serial = 1000 + number * 7
    if kind == "city_bus":
        return f"陕{letter}0{serial:04d}D", YELLOW_GREEN
    if kind == "light_freight":
        if number % 2:
            return f"陕{letter}D0{serial:04d}", GRADIENT_GREEN
        return f"陕{letter}{'BKMPR'[number % 5]}{serial:04d}", BLUE
    return f"陕{letter}{'DEGHL'[number % 5]}{serial:04d}", YELLOW


def _terminals() -> None:
    now = timezone.now()
    vehicles = Vehicle.objects.filter(is_demo=True, terminal__isnull=True).order_by("vin", "pk")
    rows = []
    for vehicle in vehicles:
        serial = int(vehicle.vin[-6:])
        number = f"9{serial:011d}"
        is_2019 = serial % 3 == 0
        identity = bytes.fromhex(number.rjust(20, "0")) if is_2019 else identity_bytes(number)
        rows.append(
            Terminal(
                terminal_number=number,
                identity=identity,
                state=Terminal.State.ADMITTED,
                vehicle=vehicle,
                region_id=vehicle.region_id,
                maker="演示制造商",
                model_name="演示终端",
                device_number=f"DEMO{serial:06d}",
                token=sha256(f"demo {serial}".encode()).hexdigest()[:16],
                first_seen_at=now,
                is_demo=True,
            )
        )
    Terminal.objects.bulk_create(rows, ignore_conflicts=True)
