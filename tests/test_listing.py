"""From a query string to rows, the way list, export and API share."""

import pytest
from django.http import QueryDict

from qintong.base.identity.door import scope_of_user
from qintong.base.registry.companies import CompanyResource
from qintong.base.registry.vehicles import Vehicle, VehicleResource
from qintong.desk import listing
from qintong.desk.registry import resources
from qintong.desk.resource import Resource
from tests.province import Province, plate, vehicle


def found(province: Province, query: str, who: str = "chief") -> list[str]:
    scope = scope_of_user(getattr(province, who).pk)
    rows = listing.rows(VehicleResource, scope, QueryDict(query))
    return [row.plate_number for row in rows]


@pytest.fixture
def fleet(province: Province) -> Province:
    vehicle(province, 1, registered_on="2019-01-01", gross_mass_kg=12000)
    vehicle(province, 2, registered_on="2020-06-01", state="suspended")
    vehicle(province, 3, registered_on="2021-01-01", company=province.other)
    return province


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [1, 2, 3]),
        ("state=suspended", [2]),
        ("state=suspended&state=operating", [1, 2, 3]),
        ("registered_on__gte=2020-06-01", [2, 3]),
        ("registered_on__gte=2020-01-01&registered_on__lte=2020-12-31", [2]),
        ("region=610603", [3]),
        ("region__code=610116", [1, 2]),
        ("vehicle_class__code=freight", [1, 2, 3]),
        ("company__isnull=true", []),
        ("q=00003", [3]),
        ("q=陕a 0000", [1, 2, 3]),
        ("sort=-plate_number", [3, 2, 1]),
        ("sort=company,-plate_number", [2, 1, 3]),
        ("sort=gross_mass_kg", [1, 2, 3]),
    ],
)
def test_a_query_string_names_rows(fleet: Province, query: str, expected: list[int]) -> None:
    assert found(fleet, query) == [plate(number) for number in expected]


def test_rows_stay_in_the_scope(fleet: Province) -> None:
    assert found(fleet, "", "clerk") == [plate(1), plate(2)]
    assert found(fleet, "region=610603", "clerk") == []


@pytest.mark.parametrize(
    "query",
    ["state=';drop", "registered_on__gte=x", "password=1", "sort=password", "state__regex=.*"],
)
def test_what_makes_no_sense_is_named_and_changes_nothing(fleet: Province, query: str) -> None:
    scope = scope_of_user(fleet.chief.pk)

    assert listing.errors(VehicleResource, scope, QueryDict(query))
    assert len(found(fleet, query)) == 3


def test_masked_fields_can_be_neither_read_nor_searched(province: Province) -> None:
    province.mine.phone = "13800000417"
    province.mine.save()
    scope = scope_of_user(province.clerk.pk)

    rows = listing.rows(CompanyResource, scope, QueryDict("phone__isnull=false&sort=phone"))
    [column] = listing.columns(CompanyResource, scope, QueryDict("columns=phone"))

    assert [column.value(row) for row in rows] == ["138****0417"]
    assert not column.sortable


@pytest.mark.parametrize("label", sorted(resources()))
def test_every_declared_filter_column_and_view_of_every_entity_works(
    province: Province, label: str
) -> None:
    resource: type[Resource] = resources()[label]
    scope = scope_of_user(province.chief.pk)
    for query in ["", *(f"sort={name}" for name in listing.sortable(resource, scope))]:
        list(listing.rows(resource, scope, QueryDict(query))[:3])
    for view in resource.views:
        assert listing.errors(resource, scope, QueryDict(view.query)) == [], view
        list(listing.rows(resource, scope, QueryDict(view.query))[:3])
    for column in listing.columns(resource, scope, QueryDict("columns=all")):
        assert column.title
        for row in listing.rows(resource, scope, QueryDict())[:3]:
            column.value(row)


def test_vehicle_list_needs_one_query(fleet: Province, django_assert_num_queries: object) -> None:
    scope = scope_of_user(fleet.chief.pk)
    columns = listing.columns(VehicleResource, scope, QueryDict("columns=all"))

    with django_assert_num_queries(1):  # type: ignore[operator]
        for row in listing.rows(VehicleResource, scope, QueryDict()):
            [column.value(row) for column in columns]

    assert Vehicle.objects.count() == 3
