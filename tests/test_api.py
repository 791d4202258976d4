"""The JSON API: same door, same form, same filters as the pages; errors say value and rule."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from qintong.base.identity.api_tokens import ApiToken, new_token, token_digest
from qintong.base.identity.users import User
from qintong.base.registry.vehicles import Vehicle
from qintong.desk.openapi import document
from qintong.desk.registry import resources
from tests.province import Province, company_code, plate, vehicle

VEHICLES = "/api/v1/registry/vehicles/"


def token(user: User, *permissions: str, **values: Any) -> str:
    raw = new_token()
    fields = {"expires_at": timezone.now() + timedelta(days=1)} | values
    ApiToken.objects.create(
        user=user,
        title="演示",
        prefix=raw[:11],
        digest=token_digest(raw),
        permissions=list(permissions),
        **fields,
    )
    return raw


class Caller:
    """A client with a bearer token that speaks JSON and enforces CSRF, as a real one would meet it."""

    def __init__(self, raw: str) -> None:
        self.client, self.raw = Client(enforce_csrf_checks=True), raw

    def __call__(
        self, method: str, address: str, body: Any = None, **headers: str
    ) -> tuple[int, Any, Any]:
        answer = self.client.generic(
            method,
            address,
            json.dumps(body) if body is not None else b"",
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.raw}"}
            | {k.replace("_", "-"): v for k, v in headers.items()},
        )
        return (
            answer.status_code,
            json.loads(answer.content) if answer.content else None,
            answer.headers,
        )


@pytest.fixture
def clerk(province: Province) -> Caller:
    return Caller(token(province.clerk))


def test_list_pages_filters_sorts_and_chooses_fields(province: Province, clerk: Caller) -> None:
    for number in range(1, 6):
        vehicle(province, number)
    vehicle(province, 9, company=province.other)

    status, page, _ = clerk(
        "GET", f"{VEHICLES}?sort=-plate_number&page_size=2&page=2&fields=plate_number,state"
    )

    assert status == 200
    assert page["total"] == 5
    assert [item["plate_number"] for item in page["items"]] == [plate(3), plate(2)]
    assert set(page["items"][0]) == {"id", "title", "plate_number", "state"}


@pytest.mark.parametrize(
    "sort",
    ["plate_number", "-plate_number", "gross_mass_kg", "-gross_mass_kg", "company,-gross_mass_kg"],
)
def test_cursor_walks_every_row_once(province: Province, clerk: Caller, sort: str) -> None:
    for number in range(1, 12):
        vehicle(
            province, number, gross_mass_kg=None if number % 3 == 0 else number % 4 * 1000 + 1000
        )

    seen, cursor = [], ""
    while cursor is not None:
        _status, page, _ = clerk("GET", f"{VEHICLES}?sort={sort}&page_size=3&cursor={cursor}")
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]

    _status, whole, _ = clerk("GET", f"{VEHICLES}?sort={sort}&page_size=100")
    assert seen == [item["id"] for item in whole["items"]]
    assert len(set(seen)) == 11


def test_create_update_delete_with_etag(province: Province, clerk: Caller) -> None:
    body = {
        "plate_number": "陕A·12345", "plate_colour": 2, "vehicle_class": "freight",
        "company": company_code(1), "region": "610116",
    }  # fmt: skip
    status, made, headers = clerk("POST", VEHICLES, body)
    assert (status, made["plate_number"]) == (201, "陕A12345")
    assert made["company"] == {"id": province.mine.pk, "title": "演示企业1"}
    where, tag = headers["Location"], headers["ETag"]

    assert clerk("PATCH", where, {"seats": 2})[0] == 428
    assert clerk("PATCH", where, {"seats": 2}, If_Match='"other"')[0] == 412
    status, changed, headers = clerk("PATCH", where, {"seats": 2}, If_Match=tag)
    assert (status, changed["seats"], changed["plate_number"]) == (200, 2, "陕A12345")
    assert clerk("PATCH", where, {"seats": 3}, If_Match=tag)[0] == 412
    assert clerk("GET", where, If_None_Match=headers["ETag"])[0] == 304

    assert clerk("DELETE", where, If_Match=headers["ETag"])[0] == 204
    assert clerk("GET", where)[0] == 404


def test_errors_are_problem_details_with_value_and_rule(province: Province, clerk: Caller) -> None:
    status, problem, headers = clerk(
        "POST",
        VEHICLES,
        {
            "plate_number": "陕AIO",
            "plate_colour": 7,
            "vehicle_class": "freight",
            "region": "长安县",
            "wings": 2,
        },
    )

    assert status == 422
    assert headers["Content-Type"].startswith("application/problem+json")
    by_field = {error["field"]: error for error in problem["errors"]}
    assert by_field["wings"]["rule"] == "没有字段 wings"
    assert by_field["region"]["value"] == "长安县"

    status, problem, _ = clerk(
        "POST",
        VEHICLES,
        {
            "plate_number": "陕AIO",
            "plate_colour": 2,
            "vehicle_class": "freight",
            "region": "610116",
        },
    )
    assert status == 422 and problem["errors"][0]["field"] == "plate_number"
    assert "I、O" in problem["errors"][0]["rule"]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("sort=password", "password"),
        ("wings=2", "wings"),
        ("state=flying", "flying"),
        ("page_size=9999", "500"),
        ("cursor=x", "游标"),
        ("fields=password", "password"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(clerk: Caller, query: str, word: str) -> None:
    status, problem, _ = clerk("GET", f"{VEHICLES}?{query}")

    assert status == 400 and word in str(problem)


def test_nothing_outside_the_scope_comes_through(province: Province, clerk: Caller) -> None:
    hidden = vehicle(province, 9, company=province.other)
    own = vehicle(province, 1)

    assert clerk("GET", VEHICLES)[1]["total"] == 1
    assert clerk("GET", f"{VEHICLES}?region=610603")[1]["total"] == 0
    for method in ("GET", "PATCH", "DELETE"):
        assert clerk(method, f"{VEHICLES}{hidden.pk}/", {"seats": 1}, If_Match="*")[0] == 404
    body = {
        "plate_number": plate(2),
        "plate_colour": 2,
        "vehicle_class": "freight",
        "region": "610116",
    }
    for parent in (province.other.pk, company_code(2), "演示企业2"):
        status, problem, _ = clerk("POST", VEHICLES, body | {"company": parent})
        assert status == 422 and problem["errors"][0]["field"] == "company"
    assert clerk("POST", VEHICLES, body | {"region": province.ansai.pk})[0] == 422
    assert clerk("PATCH", f"{VEHICLES}{own.pk}/", {"region": "610603"}, If_Match="*")[0] == 422
    status, problem, _ = clerk(
        "POST", f"{VEHICLES}bulk/", {"act": "delete", "ids": [own.pk, hidden.pk]}
    )
    assert status == 409 and problem["count"] == 1
    assert Vehicle.objects.count() == 2


def test_bulk_asks_for_the_count_and_does_all_or_nothing(province: Province, clerk: Caller) -> None:
    for number in range(1, 4):
        vehicle(province, number)
    body = {"act": "update", "query": "state=operating", "values": {"state": "suspended"}}

    assert clerk("POST", f"{VEHICLES}bulk/", body | {"count": 5})[0] == 409
    assert Vehicle.objects.filter(state="suspended").count() == 0
    assert clerk("POST", f"{VEHICLES}bulk/", body | {"count": 3, "values": {"seats": -1}})[0] == 422
    status, done, _ = clerk("POST", f"{VEHICLES}bulk/", body | {"count": 3})
    assert (status, done["count"]) == (200, 3)
    assert Vehicle.objects.filter(state="suspended").count() == 3


def test_a_token_does_no_more_than_its_own_scope(province: Province) -> None:
    vehicle(province, 1)
    reader = Caller(token(province.clerk, "registry.view_vehicle"))

    assert reader("GET", VEHICLES)[0] == 200
    assert reader("POST", VEHICLES, {})[0] == 403
    assert reader("GET", "/api/v1/registry/companies/")[0] == 403
    assert [item["name"] for item in reader("GET", "/api/v1/")[1]["items"]] == ["registry.vehicle"]


def test_dead_tokens_are_refused(province: Province) -> None:
    past = timezone.now() - timedelta(minutes=1)
    for raw in (
        token(province.clerk, expires_at=past),
        token(province.clerk, revoked_at=past),
        "qt_nonsense",
        "",
    ):
        status, problem, headers = Caller(raw)("GET", VEHICLES)
        assert (
            status == 401
            and problem["title"] == "令牌无效"
            and "Bearer" in headers["WWW-Authenticate"]
        )


def test_a_session_needs_the_csrf_token_to_write(province: Province) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.get(VEHICLES).status_code == 401
    client.force_login(province.clerk)

    assert client.get(VEHICLES).status_code == 200
    refused = client.post(VEHICLES, b"{}", content_type="application/json")
    assert refused.status_code == 403 and "CSRF" in json.loads(refused.content)["title"]


def test_changes_by_api_are_recorded_with_the_token_s_owner(
    province: Province, clerk: Caller
) -> None:
    known = vehicle(province, 1)

    clerk("PATCH", f"{VEHICLES}{known.pk}/", {"seats": 2}, If_Match="*")

    event = known.events.order_by("-pgh_id").first()
    assert event.pgh_context.metadata["user"] == province.clerk.pk


def test_the_document_is_up_to_date_and_every_reference_in_it_resolves(db: None) -> None:
    call_command("openapi", "--check")
    made = document()
    text = json.dumps(made)
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in made["components"]["schemas"]
    names = [
        o["operationId"] for p in made["paths"].values() for m, o in p.items() if m != "parameters"
    ]
    assert len(names) == len(set(names))
    assert (
        made["components"]["schemas"]["Vehicle"]["properties"]["plate_colour"]["x-enum-labels"]["2"]
        == "黄"
    )


@pytest.mark.parametrize("label", sorted(resources()))
def test_every_entity_answers(province: Province, label: str) -> None:
    caller = Caller(token(province.chief))
    address = next(i["href"] for i in caller("GET", "/api/v1/")[1]["items"] if i["name"] == label)

    status, page, _ = caller("GET", address)

    assert status == 200
    for item in page["items"][:2]:
        assert caller("GET", f"{address}{item['id']}/")[0] == 200
        assert "password" not in item
