"""A valid row of any registered entity, from its fields alone. What a standard rules has a hook.

A new entity needs nothing here unless a field of it obeys a rule that its declaration does not tell.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

from django.contrib.gis.db import models as gis
from django.contrib.gis.geos import GEOSGeometry, Point
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Field, Model

from qintong.base.identity.organisations import Organisation
from qintong.base.identity.regions import Region
from qintong.base.identity.users import User
from qintong.base.registry.rules import identity_number
from tests.province import company_code, plate

MOMENT = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
_numbers = count(1)


@dataclass(frozen=True)
class Place:
    """Where a row stands."""

    region: Region
    organisation: Organisation
    user: User
    lon: float = 108.95
    lat: float = 34.25


def _identity_number(number: int) -> str:
    body = f"61011619900307{number % 1000:03d}"
    return body + identity_number.check_character(body)


HOOKS: dict[str, Callable[[int, Place], Any]] = {
    "identity.region.code": lambda n, place: f"{place.region.code}{n:06d}",
    "identity.region.level": lambda n, place: "county",
    "identity.organisation.path": lambda n, place: "",
    "identity.organisation.parent": lambda n, place: place.organisation,
    "identity.user.login_name": lambda n, place: f"user{n}",
    "identity.user.officer_kind": lambda n, place: "",
    "identity.roleassignment.granted_by": lambda n, place: None,
    "identity.role.officer_kind": lambda n, place: "",
    "identity.apitoken.expires_at": lambda n, place: datetime(2099, 1, 1, tzinfo=UTC),
    "registry.company.credit_code": lambda n, place: company_code(n),
    "registry.company.organisation": lambda n, place: None,
    "registry.person.document_number": lambda n, place: _identity_number(n),
    "registry.route.route_code": lambda n, place: f"S{100 + n % 900}",
    "registry.route.county_code": lambda n, place: "",
    "registry.vehicle.plate_number": lambda n, place: plate(n),
    "registry.vehicle.plate_colour": lambda n, place: 2,
    "registry.vehicle.vin": lambda n, place: "",
    "registry.vehicle.energy": lambda n, place: "diesel",
    "registry.terminal.terminal_number": lambda n, place: f"{13900000000 + n}",
    "registry.terminal.identity": lambda n, place: b"",
    "registry.structure.stake_m": lambda n, place: None,
    "roads.bridge.rated_on": lambda n, place: MOMENT.date(),
    "command.feed.dead_after_s": lambda n, place: 100_000,
    "command.alarm.rule": lambda n, place: 1,
}
"""`app.model.field` → its value."""


def make(model: type[Model], place: Place, text: str = "", **values: Any) -> Any:
    """A saved row. `text` stands at the head of every free text field. Rows it names are made too."""
    number = next(_numbers)
    for field in model._meta.concrete_fields:
        if field.primary_key or field.name in values or field.generated:
            continue
        value = _value(field, number, place, text)
        if value is not None:
            values[field.name] = value
    row = model(**values)
    row.save()
    return row


def _value(field: "Field[Any, Any]", number: int, place: Place, text: str) -> Any:
    hook = HOOKS.get(f"{field.model._meta.label_lower}.{field.name}")
    if hook is not None:
        return hook(number, place)
    if field.is_relation:
        return _related(field, place, text)
    if field.null and isinstance(field, models.DateField):
        return None  # the end of something, as a rule
    if field.has_default() or getattr(field, "auto_now_add", False):
        return None
    if field.choices:
        return next(value for value, _label in field.flatchoices if value not in ("", None))
    if (
        isinstance(field, models.CharField | models.TextField)
        and type(field) is not models.UUIDField
    ):
        return _text(field, number, text)
    return _plain(field, number, place)


def _related(field: Any, place: Place, text: str) -> Any:
    if field.related_model is Region:
        return place.region
    if field.related_model is Organisation:
        return None if field.null and field.one_to_one else place.organisation
    if field.related_model is User:
        return place.user
    if field.null and field.related_model is field.model:
        return None
    fixed = field.get_limit_choices_to()
    return make(field.related_model, place, text, **(fixed if isinstance(fixed, dict) else {}))


def _text(field: Any, number: int, text: str) -> str:
    length = field.max_length or 200
    ending = str(number)
    if field.unique and not text:
        return f"{field.name[: max(length - len(ending), 0)]}{ending}"[-length:]
    return (
        f"{text}{field.name}{ending}"[:length] if not field.unique else f"{ending}{text}"[:length]
    )


def _plain(field: Any, number: int, place: Place) -> Any:
    shapes = {
        "POINT": Point(place.lon, place.lat, srid=4490),
        "MULTILINESTRING": GEOSGeometry(
            f"SRID=4490;MULTILINESTRING(({place.lon} {place.lat},{place.lon + 0.01} {place.lat}))"
        ),
        "LINESTRING": GEOSGeometry(
            f"SRID=4490;LINESTRING({place.lon} {place.lat},{place.lon + 0.01} {place.lat})"
        ),
    }
    kinds: tuple[tuple[type[Any], Callable[[], Any]], ...] = (
        (gis.GeometryField, lambda: shapes.get(field.geom_type)),
        (ArrayField, list),
        (models.JSONField, dict),
        (models.UUIDField, uuid4),
        (models.BooleanField, lambda: False),
        (models.DateTimeField, lambda: MOMENT),
        (models.DateField, lambda: MOMENT.date() + timedelta(days=number % 300)),
        (models.DecimalField, lambda: Decimal(number % 90 + 1)),
        (models.IntegerField, lambda: number),
        (models.FloatField, lambda: float(number)),
        (models.GenericIPAddressField, lambda: "127.0.0.1"),
        (models.BinaryField, lambda: number.to_bytes(6, "big")),
    )
    return next((make_value() for kind, make_value in kinds if isinstance(field, kind)), None)
