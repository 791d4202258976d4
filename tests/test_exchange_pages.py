"""Import, export and transfers through the pages, as a person uses them."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from qintong.base.identity.transfer_runs import TransferRun
from qintong.base.registry.companies import Company
from qintong.base.registry.vehicles import Vehicle
from qintong.desk import export_run, import_pages, jobs
from tests.province import Province, company_code, plate, vehicle

VEHICLES = "/registry/vehicles/"
COMPANIES = "/registry/companies/"


@pytest.fixture(autouse=True)
def media(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path)


@pytest.fixture
def clerk(province: Province) -> Client:
    client = Client()
    client.force_login(province.clerk)
    return client


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def rows_of(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body(response).decode("utf-8-sig"))))


def sheet(*rows: list[Any]) -> SimpleUploadedFile:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return SimpleUploadedFile("台账.xlsx", file.getvalue())


def upload(client: Client, file: SimpleUploadedFile, below: str = VEHICLES) -> TransferRun:
    answer = client.post(f"{below}import/", {"file": file})
    assert answer.status_code == 302, answer.content.decode()
    return TransferRun.objects.get(pk=int(answer["Location"].rstrip("/").split("/")[-2]))


def send_columns(client: Client, run: TransferRun, below: str = VEHICLES) -> None:
    """Confirms what was recognised."""
    mapping = run.mapping
    chosen = {f"column-{index}": name for index, name in mapping["columns"].items()}
    chosen |= {
        f"unit-{index}": mapping["units"].get(name, "")
        for index, name in mapping["columns"].items()
    }
    client.post(f"{below}import/{run.pk}/columns/", chosen)
    run.refresh_from_db()


def vehicles_file() -> SimpleUploadedFile:
    return sheet(
        ["演示片区车辆台账"],
        ["车牌号", "车牌颜色", "车辆类别", "业户", "所属县", "总质量（t）"],
        [plate(1), "黄", "普通货运", "演示企业1", "长安县", 49],
        [plate(2), "黄", "普通货运", "演示企业1", "长安县", 31],
        [plate(3), "粉", "普通货运", "演示企业1", "长安区", 31],
    )


def test_from_file_to_rows_and_back(province: Province, clerk: Client) -> None:
    run = upload(clerk, vehicles_file())
    assert run.mapping["header_row"] == 2
    assert run.mapping["units"] == {"gross_mass_kg": "t"}
    assert "车牌号" in clerk.get(f"{VEHICLES}import/{run.pk}/columns/").content.decode()

    send_columns(clerk, run)
    page = clerk.get(f"{VEHICLES}import/{run.pk}/").content.decode()
    assert "2002 年撤县设区，现为 610116 长安区" in page
    assert "用长安区（2 行）" in page

    fixed = {"act": "value", "column": "region", "value": "长安县", "instead": "610116", "row": 3}
    clerk.post(f"{VEHICLES}import/{run.pk}/fix/", fixed)
    run.refresh_from_db()
    assert run.summary["results"] == {"new": 2, "error": 1}

    clerk.post(f"{VEHICLES}import/{run.pk}/start/")
    assert [v.gross_mass_kg for v in Vehicle.objects.order_by("plate_number")] == [49000, 31000]
    report = rows_of(clerk.get(f"{VEHICLES}import/{run.pk}/report.csv"))
    assert [(line[0], line[1]) for line in report[1:]] == [
        ("3", "新增"),
        ("4", "新增"),
        ("5", "有错"),
    ]

    clerk.post(f"{VEHICLES}import/{run.pk}/undo/")
    assert Vehicle.objects.count() == 0
    assert "已撤回" in clerk.get(f"{VEHICLES}import/{run.pk}/").content.decode()


def test_columns_chosen_once_are_remembered(province: Province, clerk: Client) -> None:
    file = lambda: sheet(["牌", "色", "类", "地"], [plate(1), "黄", "普通货运", "长安区"])  # noqa: E731
    run = upload(clerk, file())
    chosen = {
        "column-0": "plate_number",
        "column-1": "plate_colour",
        "column-2": "vehicle_class",
        "column-3": "region",
    }
    clerk.post(f"{VEHICLES}import/{run.pk}/columns/", chosen)

    again = upload(clerk, file())

    assert list(again.mapping["columns"].values()) == list(chosen.values())


def test_missing_required_columns_are_named(province: Province, clerk: Client) -> None:
    run = upload(clerk, sheet(["车牌号", "备注"], [plate(1), ""]))

    page = clerk.post(
        f"{VEHICLES}import/{run.pk}/columns/", {"column-0": "plate_number"}
    ).content.decode()

    assert "号牌颜色、车辆类别、所属地" in page


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "空文件"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版"),
        ("a.xlsx", b"PK\x03\x04x", "损坏"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    clerk: Client, name: str, content: bytes, message: str
) -> None:
    answer = clerk.post(f"{VEHICLES}import/", {"file": SimpleUploadedFile(name, content)})

    assert message in answer.content.decode()
    assert TransferRun.objects.count() == 0


def test_many_rows_are_checked_and_imported_by_the_worker(
    province: Province,
    clerk: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr(import_pages, "AT_ONCE", 1)
    handed: list[int] = []
    monkeypatch.setattr(jobs.check_import, "defer", lambda pk: handed.append(pk))  # noqa: PLW0108  called by keyword
    run = upload(clerk, vehicles_file())

    with django_capture_on_commit_callbacks(execute=True):
        send_columns(clerk, run)

    assert handed == [run.pk]
    progress = clerk.get(f"/transfers/{run.pk}/").content.decode()
    assert "试导入中" in progress and 'hx-trigger="every 1s"' in progress
    jobs.check_import(pk=run.pk)
    done = clerk.get(f"/transfers/{run.pk}/", headers={"HX-Request": "true"})
    assert done["HX-Redirect"] == f"{VEHICLES}import/{run.pk}/"


def test_export_is_the_list(province: Province, clerk: Client) -> None:
    for number in range(1, 4):
        vehicle(province, number, gross_mass_kg=number * 1000)
    vehicle(province, 4, company=province.other)
    query = "?state=operating&sort=-plate_number"

    answer = clerk.post(
        f"{VEHICLES}export/{query}",
        {
            "format": "csv",
            "columns": ["plate_number", "gross_mass_kg"],
            "state": "operating",
            "sort": "-plate_number",
        },
    )

    assert rows_of(answer) == [
        ["号牌号码", "总质量 (kg)"],
        [plate(3), "3000"],
        [plate(2), "2000"],
        [plate(1), "1000"],
    ]
    run = TransferRun.objects.get()
    assert (run.user, run.total, run.state) == (province.clerk, 3, "done")
    assert "state=operating" in run.query


def test_xlsx_and_geojson_hold_the_same_rows(province: Province, clerk: Client) -> None:
    Company.objects.filter(pk=province.mine.pk).update(
        geom="SRID=4490;POINT(108.9 34.2)", phone="13800000417"
    )
    columns = ["credit_code", "phone"]

    book = load_workbook(
        io.BytesIO(body(clerk.post(f"{COMPANIES}export/", {"format": "xlsx", "columns": columns})))
    )
    shapes = json.loads(
        body(clerk.post(f"{COMPANIES}export/", {"format": "geojson", "columns": columns}))
    )

    assert [[c.value for c in row] for row in book.active.rows][1] == [
        company_code(1),
        "138****0417",
    ]
    [feature] = shapes["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [108.9, 34.2]}
    assert feature["properties"] == {"credit_code": company_code(1), "phone": "138****0417"}


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_no_text_of_ours_becomes_a_formula_of_theirs(
    province: Province, clerk: Client, format: str
) -> None:
    for number, name in enumerate(
        ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1"], start=10
    ):
        Company.objects.create(credit_code=company_code(number), name=name, region=province.changan)

    answer = body(clerk.post(f"{COMPANIES}export/", {"format": format, "columns": ["name"]}))

    if format == "csv":
        names = [row[0] for row in csv.reader(io.StringIO(answer.decode("utf-8-sig")))][1:]
    else:
        cells = [row[0] for row in load_workbook(io.BytesIO(answer)).active.rows][1:]
        assert {cell.data_type for cell in cells} == {"s"}
        names = [cell.value for cell in cells]
    assert len([name for name in names if name.startswith("'")]) == 5
    assert not [name for name in names if name.startswith(("=", "+", "-", "@", "\t"))]


def test_a_large_export_is_made_by_the_worker_and_fetched_by_its_owner_only(
    province: Province,
    clerk: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr(export_run, "AT_ONCE", 1)
    handed: list[int] = []
    monkeypatch.setattr(jobs.export_rows, "defer", lambda pk: handed.append(pk))  # noqa: PLW0108  called by keyword
    for number in range(1, 4):
        vehicle(province, number)
    with django_capture_on_commit_callbacks(execute=True):
        answer = clerk.post(f"{VEHICLES}export/", {"format": "csv"})
    [pk] = handed
    assert answer["Location"] == f"/transfers/{pk}/"

    jobs.export_rows(pk=pk)

    assert f"/transfers/{pk}/file/" in clerk.get("/transfers/").content.decode()
    assert len(rows_of(clerk.get(f"/transfers/{pk}/file/"))) == 4
    stranger = Client()
    stranger.force_login(province.stranger)
    for address in (f"/transfers/{pk}/", f"/transfers/{pk}/file/"):
        assert stranger.get(address).status_code == 404


def test_files_go_when_their_time_is_over_and_the_record_stays(
    province: Province, clerk: Client, tmp_path: Path
) -> None:
    vehicle(province, 1)
    body(clerk.post(f"{VEHICLES}export/", {"format": "csv"}))
    run = TransferRun.objects.get()
    TransferRun.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert list((tmp_path / "transfers").iterdir())

    jobs.expire_transfers(timestamp=0)

    run.refresh_from_db()
    assert (run.state, run.total) == ("expired", 1)
    assert not list((tmp_path / "transfers").iterdir())
    assert clerk.get(f"/transfers/{run.pk}/file/").status_code == 404


def test_an_import_of_somebody_else_does_not_show(province: Province, clerk: Client) -> None:
    run = upload(clerk, vehicles_file())
    send_columns(clerk, run)
    stranger = Client()
    stranger.force_login(province.stranger)
    base = f"{VEHICLES}import/{run.pk}/"

    for below in ("", "columns/", "report.csv", "report.xlsx"):
        assert stranger.get(base + below).status_code == 404, below
    for below in ("fix/", "start/", "undo/", "columns/"):
        assert stranger.post(base + below).status_code == 404, below
    assert clerk.get(f"{COMPANIES}import/{run.pk}/").status_code == 404


def test_a_job_that_fails_says_so_on_its_page(
    province: Province, clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = upload(clerk, vehicles_file())

    def breaks(run: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("qintong.desk.import_run.stage", breaks)
    jobs.check_import(pk=run.pk)

    run.refresh_from_db()
    assert run.state == "failed"
    assert str(run.pk) in clerk.get(f"/transfers/{run.pk}/").content.decode()


def test_the_empty_template_is_understood_when_it_comes_back(
    province: Province, clerk: Client
) -> None:
    template = body(clerk.get(f"{VEHICLES}import/template.csv"))

    run = upload(clerk, SimpleUploadedFile("模板.csv", template + b",".join([b"x"] * 14)))

    assert len(run.mapping["columns"]) == len(run.mapping["headings"])
