"""What the kit promises, for every registered entity at once: a new entity is under these tests without a line."""

from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qintong.base.identity.door import scope_of_user
from qintong.base.identity.role_assignments import RoleAssignment
from qintong.base.identity.roles import Role
from qintong.base.identity.users import User
from qintong.desk import history, listing
from qintong.desk.addresses import address, api_address
from qintong.desk.registry import resources
from qintong.desk.resource import Resource
from tests.factory import Place, make
from tests.province import Province

PAYLOAD = "<script>alert(1)</script>"
LIST_QUERIES = 12
DETAIL_QUERIES = 16
"""More than a list: one count for each kind of related row, the change record, rights."""
EVERY = sorted(resources())
PLACED = [label for label in EVERY if resources()[label].scope.region]


def place_of(user: User) -> Place:
    return Place(user.organisation.region, user.organisation, user)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def row_of(resource: type[Resource], user: User, text: str = "") -> Any:
    return make(resource.model, place_of(user), text)


def pages(resource: type[Resource], pk: int) -> list[str]:
    found = [
        address(resource),
        address(resource, f"{pk}/"),
        address(resource, f"{pk}/?tab=changes"),
    ]
    found += [address(resource, f"{pk}/?tab={each.resource}") for each in resource.related]
    if not resource.read_only:
        found += [address(resource, below) for below in ("new/", f"{pk}/change/", f"{pk}/delete/")]
    return found


@pytest.mark.parametrize("label", EVERY)
def test_pages_answer_and_escape_what_people_wrote(province: Province, label: str) -> None:
    resource = resources()[label]
    row = row_of(resource, province.clerk, PAYLOAD)
    client = signed_in(province.chief)

    for page in pages(resource, row.pk):
        answer = client.get(page)

        if answer.status_code == 404 and page.endswith("?tab=changes"):
            continue  # an entity without a change record
        assert answer.status_code == 200, page
        assert PAYLOAD not in answer.content.decode(), page


@pytest.mark.parametrize("label", EVERY)
def test_pages_keep_their_query_budget(province: Province, label: str) -> None:
    resource = resources()[label]
    for _each in range(3):
        row = row_of(resource, province.clerk)
    client = signed_in(province.chief)
    client.get(address(resource))

    for page, most in (
        (address(resource), LIST_QUERIES),
        (address(resource, f"{row.pk}/"), DETAIL_QUERIES),
    ):
        with CaptureQueriesContext(connection) as queries:
            client.get(page)

        assert len(queries) <= most, [query["sql"][:120] for query in queries]


@pytest.mark.parametrize("label", PLACED)
def test_nothing_of_another_county_is_seen(province: Province, label: str) -> None:
    resource = resources()[label]
    mine, other = row_of(resource, province.clerk), row_of(resource, province.stranger)
    client = signed_in(province.clerk)
    scope = scope_of_user(province.clerk.pk)

    seen = set(listing.rows(resource, scope, QueryDict()).values_list("pk", flat=True))
    listed = client.get(address(resource)).content.decode()
    answers = [
        client.get(page).status_code for page in pages(resource, other.pk) if str(other.pk) in page
    ]
    by_api = client.get(api_address(resource), HTTP_ACCEPT="application/json").json()
    one_by_api = client.get(api_address(resource, f"{other.pk}/"), HTTP_ACCEPT="application/json")
    searched = client.get(f"/search/?q={quote(str(other))}").content.decode()

    assert mine.pk in seen
    assert other.pk not in seen
    assert address(resource, f"{mine.pk}/") in listed
    assert address(resource, f"{other.pk}/") not in listed
    assert set(answers) == {404}
    assert other.pk not in {item["id"] for item in by_api["items"]}
    assert one_by_api.status_code == 404
    assert f'href="{address(resource, f"{other.pk}/")}"' not in searched


@pytest.mark.parametrize("label", [each for each in EVERY if each != "identity.transferrun"])
def test_list_api_and_export_hold_the_same_rows(province: Province, label: str) -> None:
    resource = resources()[label]
    for user in (province.clerk, province.clerk, province.stranger):
        row_of(resource, user)
    client = signed_in(province.chief)

    listed = {row["pk"] for row in client.get(f"{address(resource)}?page_size=200").context["rows"]}
    by_api = client.get(f"{api_address(resource)}?page_size=200", HTTP_ACCEPT="application/json")
    exported = client.post(address(resource, "export/"), {"format": "csv"})
    lines = b"".join(exported.streaming_content if exported.streaming else [exported.content])

    assert {item["id"] for item in by_api.json()["items"]} >= listed
    assert by_api.json()["total"] >= len(listed)
    assert lines.decode("utf-8-sig").count("\r\n") - 1 == by_api.json()["total"]


@pytest.mark.parametrize("label", EVERY)
def test_who_may_nothing_is_refused(province: Province, label: str) -> None:
    resource = resources()[label]
    row = row_of(resource, province.clerk)
    RoleAssignment.objects.filter(user=province.clerk).delete()
    Role.objects.update(permissions=[])
    client = signed_in(province.clerk)

    answers = {client.get(page).status_code for page in pages(resource, row.pk)}

    assert answers <= {403, 404}
    assert client.get(address(resource)).status_code == 403


@pytest.mark.parametrize("label", [each for each in EVERY if not resources()[each].read_only])
def test_changes_in_bulk_are_in_the_record(province: Province, label: str) -> None:
    resource = resources()[label]
    rows = [row_of(resource, province.clerk) for _each in range(2)]
    name = next((f.name for f in history.told(resource) if f.name == "is_demo"), "")
    if not name:
        pytest.skip("no field that can be turned without a rule")

    resource.model._default_manager.filter(pk__in=[r.pk for r in rows]).update(**{name: True})

    scope = scope_of_user(province.chief.pk)
    for row in rows:
        newest = history.changes(resource, scope, row.pk)[0]
        assert "演示数据" in newest.sentences[0]
