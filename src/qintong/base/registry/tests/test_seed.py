"""The seed: complete, inside its counties, the same at every run."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker
from shapely.geometry import LineString, MultiPolygon, Polygon

from qintong.base.identity.models import Organisation, Region, Role
from qintong.base.identity.regions import Region as Place
from qintong.base.registry.models import (
    Company,
    Person,
    Route,
    RoutePoint,
    Structure,
    Terminal,
    Vehicle,
    Waterway,
    WaterwayPoint,
)
from qintong.base.registry.seed.borders import Border
from qintong.base.registry.seed.draw import Course, expanded, own_parts, owners

A, B, C, D = (0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Seeded once, and rolled back when the tests of this file are done."""
    with django_db_blocker.unblock(), override_settings(DEMO=True), transaction.atomic():
        call_command("seed", "--demo", verbosity=0)
        yield
        transaction.set_rollback(True)


def test_the_province_is_complete_and_a_second_seed_changes_nothing(seeded: None) -> None:
    models = (Region, Organisation, Role, Route, RoutePoint, Structure, Waterway, WaterwayPoint)
    models += (Company, Person, Vehicle, Terminal)
    counts = {model: model.objects.count() for model in models}
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from registry_vehicleevent")
        (events,) = cursor.fetchone()

    call_command("seed", "--demo", verbosity=0)

    assert {model: model.objects.count() for model in models} == counts
    assert counts[Route] == 61 and counts[Structure] == 409 and counts[RoutePoint] == 950
    levels = Region.objects.filter(code__startswith="61").values_list("level", flat=True)
    assert [list(levels).count(x) for x in ("province", "city", "county")] == [1, 10, 107]
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from registry_vehicleevent")
        assert cursor.fetchone() == (events,)


def test_every_point_lies_in_its_county_and_every_line_in_or_near_the_province(
    seeded: None,
) -> None:
    with connection.cursor() as cursor:
        for table in ("registry_routepoint", "registry_structure", "registry_waterwaypoint"):
            cursor.execute(
                f"""select p.name from {table} p join identity_region r on r.id = p.region_id
                    where not ST_Contains(r.geom, p.geom)"""
            )
            assert cursor.fetchall() == [], table
        cursor.execute(
            """with home as (select ST_Buffer(ST_Simplify(geom, 0.005), 0.05) as geom
                             from identity_region where code = '610000')
               select p.route_code from registry_route p, home where not ST_Covers(home.geom, p.line)"""
        )
        assert cursor.fetchall() == []


def test_every_demo_row_obeys_the_rules_and_says_that_it_is_one(seeded: None) -> None:
    for model in (Company, Person, Vehicle, Terminal):
        rows = list(model.objects.all()[:200])
        for row in rows:
            row.full_clean()
        assert rows and all(row.is_demo for row in rows)


def test_counties_share_the_borders_of_the_province(seeded: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """select ST_Area(ST_SymDifference(
                   (select geom from identity_region where code = '610000'),
                   (select ST_Union(geom) from identity_region where level = 'county')))"""
        )
        (difference,) = cursor.fetchone()

    assert difference < 1e-6
    assert Place.objects.filter(is_outline=True).count() == 8


def test_a_shared_section_is_drawn_by_the_route_that_carries_the_stake() -> None:
    courses = {
        "G1": Course(True, (A, B, C), (True, False, False)),
        "G2": Course(True, (B, C, D), (True, True, True)),
    }

    drawn_by = owners(courses)

    assert own_parts("G1", courses["G1"], drawn_by) == [[A, B]]
    assert own_parts("G2", courses["G2"], drawn_by) == [[B, C, D]]


def test_a_trunk_road_does_not_share_the_carriageway_of_an_expressway() -> None:
    courses = {
        "S25": Course(True, (A, B), (True, True)),
        "S212": Course(False, (A, B), (True, True)),
    }

    drawn_by = owners(courses)

    assert own_parts("S212", courses["S212"], drawn_by) == [[A, B]]


def test_a_section_told_by_its_ends_takes_the_points_between() -> None:
    courses = {
        "G108": Course(False, (A, B, C), (True, True, True)),
        "G345": Course(False, (D, C, A), (True, True, True)),
    }

    filled = expanded(courses)["G345"]

    assert filled.places == (D, C, B, A)
    assert filled.has_stake == (True, True, False, True)


def test_a_road_that_would_leave_the_province_runs_inside_and_a_border_river_along_it() -> None:
    bay = Polygon([(0, 0), (4, 0), (4, 4), (2.2, 4), (2, 2), (1.8, 4), (0, 4)])
    border = Border(MultiPolygon([bay]))
    course = [(1.0, 3.5), (3.0, 3.5)]

    road, river = border.inside(course), border.along([(1.8, 4.0), (2.2, 4.0)])

    assert bay.buffer(1e-9).covers(LineString(road))
    assert road[0] == course[0] and road[-1] == course[-1]
    assert (2.0, 2.0) in river
