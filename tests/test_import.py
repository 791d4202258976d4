"""Import: a file becomes rows through the entity's form; what is wrong is said row by row; all of it can be taken back."""

import csv
import io
from pathlib import Path

import pghistory
import pytest
from django.conf import settings

from qintong.base.identity.transfer_runs import TransferRun
from qintong.base.registry.vehicles import Vehicle, VehicleResource
from qintong.desk import import_run, import_undo, transfer_files
from qintong.desk.import_lines import Line, read_lines
from qintong.desk.import_mapping import suggest, targets_of
from qintong.desk.import_plan import UPDATE, Plan
from qintong.desk.row_form import form_class_of
from tests.province import Province, plate, vehicle

HEADINGS = ["号牌号码", "号牌颜色", "车辆类别", "业户", "所属地", "总质量（t）", "初次登记"]


@pytest.fixture(autouse=True)
def media(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path)


def row(number: int, **values: str) -> list[str]:
    cells = {
        "number_text": plate(number),
        "colour": "黄",
        "vehicle_class": "普通货运",
        "company": "演示企业1",
        "region": "长安区",
        "mass": "49",
        "registered": "2020-05-06",
    }
    return list((cells | values).values())


def upload(user: object, rows: list[list[str]], headings: list[str] = HEADINGS) -> TransferRun:
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows])
    name = transfer_files.new_name("upload")
    transfer_files.path_of(name).write_text(text.getvalue(), encoding="gb18030")
    columns = suggest(headings, targets_of(form_class_of(VehicleResource).base_fields))
    plan = Plan(headings=headings, columns=columns, units={"gross_mass_kg": "t"})
    return TransferRun.objects.create(
        kind="import", resource="registry.vehicle", title="车辆", state="mapping",
        filename="台账.csv", source=name, mapping=plan.to_json(), user=user,
    )  # fmt: skip


def change(run: TransferRun, **decisions: object) -> None:
    plan = Plan.from_json(run.mapping)
    for name, value in decisions.items():
        setattr(plan, name, value)
    run.mapping = plan.to_json()
    run.save()


def lines(run: TransferRun) -> list[Line]:
    return list(read_lines(transfer_files.path_of(run.report)))


def check(run: TransferRun) -> list[Line]:
    import_run.check(run)
    assert run.state == run.State.CHECKED, run.message
    return lines(run)


def perform(run: TransferRun) -> None:
    run.state = run.State.WAITING
    import_run.perform(run)


def test_a_dry_run_writes_nothing_and_counts_everything(province: Province) -> None:
    vehicle(province, 1, gross_mass_kg=49000, registered_on="2020-05-06")
    run = upload(province.clerk, [row(1), row(2), row(3, number_text="陕AIO"), row(4, mass="31")])

    found = check(run)

    assert [line.result for line in found] == ["same", "new", "error", "new"]
    assert Vehicle.objects.count() == 1
    assert run.summary["results"] == {"same": 1, "new": 2, "error": 1}


def test_faultless_rows_are_imported_and_recorded_with_the_run(province: Province) -> None:
    run = upload(province.clerk, [row(1), row(2, company="没有这家"), row(3)])
    check(run)

    perform(run)

    assert run.state == run.State.DONE
    assert [v.plate_number for v in Vehicle.objects.order_by("pk")] == [plate(1), plate(3)]
    assert Vehicle.objects.first().gross_mass_kg == 49000
    event = pghistory.models.Events.objects.tracks(Vehicle.objects.first()).get()
    assert event.pgh_context == {"transfer": run.pk, "user": province.clerk.pk}
    assert [line.result for line in lines(run)] == ["new", "error", "new"]


def test_a_row_finds_its_record_by_the_natural_key_as_the_form_normalises_it(
    province: Province,
) -> None:
    known = vehicle(province, 1, gross_mass_kg=31000, registered_on="2020-05-06")
    run = upload(province.clerk, [row(1, number_text="陕a·00001")])

    [line] = check(run)
    perform(run)

    assert (line.result, line.pk) == ("update", known.pk)
    assert line.changes == {"总质量 kg": ["31000", "49000"]}
    known.refresh_from_db()
    assert known.gross_mass_kg == 49000


def test_blank_cells_leave_what_is_there(province: Province) -> None:
    known = vehicle(province, 1, vin="", gross_mass_kg=49000, registered_on="2020-05-06", seats=3)
    run = upload(province.clerk, [row(1, registered="")])

    [line] = check(run)

    assert (line.result, line.pk) == ("same", known.pk)


def test_errors_name_value_and_rule_and_fall_into_groups(province: Province) -> None:
    run = upload(
        province.clerk,
        [
            row(1, colour="粉"),
            row(2, region="长安县"),
            row(3, region="长安"),
            row(4, mass="很重"),
            row(5, colour=""),
            row(6, registered="2026-13-02"),
        ],
    )

    found = check(run)

    assert [line.result for line in found] == ["error"] * 5 + ["new"]
    issues = [line.issues[0] for line in found]
    assert "应为" in issues[0].rule or "选项" in issues[0].rule
    assert issues[1].fix == "610116" and issues[1].reason == "所属地已变更"
    assert issues[2].fix == "长安区"
    assert "不是数字" in issues[3].rule
    assert issues[4].reason == "缺号牌颜色"
    assert issues[5].level == "notice" and "月份 13 超出 12" in issues[5].rule


def test_one_fix_mends_every_row_with_the_same_value(province: Province) -> None:
    run = upload(province.clerk, [row(n, region="长安县") for n in range(1, 6)] + [row(6)])
    check(run)
    assert run.summary["fixes"] == [["region", "长安县", "610116", 5]]

    change(run, replacements={"region": {"长安县": "610116"}})
    import_run.recheck(run, {line.row for line in lines(run) if line.result == "error"})

    assert run.summary["results"] == {"new": 6}
    assert [line.row for line in lines(run)] == [2, 3, 4, 5, 6, 7]


def test_rows_of_the_file_that_repeat_each_other_are_refused(province: Province) -> None:
    run = upload(province.clerk, [row(1), row(2), row(1, number_text="陕A·00001")])

    found = check(run)

    assert [line.result for line in found] == ["new", "new", "error"]
    assert "第 2 行" in found[2].issues[0].rule


def test_a_record_that_differs_in_most_columns_waits_for_a_decision(province: Province) -> None:
    known = vehicle(province, 1, gross_mass_kg=12000, registered_on="2011-01-01", company=None)
    Vehicle.objects.filter(pk=known.pk).update(company=None)
    run = upload(province.clerk, [row(1)])

    [line] = check(run)
    assert line.result == "duplicate" and "3 列不同" in line.issues[0].rule

    change(run, decisions={2: UPDATE})
    import_run.recheck(run, {2})
    assert [line.result for line in lines(run)] == ["update"]


def test_rows_outside_the_scope_are_refused_and_not_revealed(province: Province) -> None:
    hidden = vehicle(province, 1, company=province.other, gross_mass_kg=77000)
    run = upload(
        province.clerk,
        [row(1), row(2, company="演示企业2"), row(3, region="安塞区"), row(4)],
    )

    found = check(run)
    perform(run)

    assert [line.result for line in found] == ["error", "error", "error", "new"]
    assert "在你的范围内没有这一行" in found[0].issues[0].rule
    assert "77000" not in str(found[0]) and found[0].pk is None and not found[0].changes
    assert {v.plate_number for v in Vehicle.objects.all()} == {plate(1), plate(4)}
    hidden.refresh_from_db()
    assert hidden.gross_mass_kg == 77000


def test_an_import_is_taken_back_as_a_whole(province: Province) -> None:
    known = vehicle(province, 1, gross_mass_kg=31000, registered_on="2020-05-06")
    run = upload(province.clerk, [row(n) for n in range(1, 5)])
    check(run)
    perform(run)
    with pghistory.context(by="somebody later"):
        Vehicle.objects.filter(plate_number=plate(4)).update(seats=2)

    import_undo.undo(run)

    assert run.state == run.State.UNDONE
    assert run.summary["undone"] == {"removed": 2, "restored": 1, "kept": 1}
    known.refresh_from_db()
    assert known.gross_mass_kg == 31000
    assert {v.plate_number for v in Vehicle.objects.all()} == {plate(1), plate(4)}


def test_a_worker_that_was_killed_goes_on_after_its_last_chunk(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "CHUNK", 2)
    run = upload(province.clerk, [row(n) for n in range(1, 7)])
    check(run)
    run.state = run.State.WAITING
    judge = import_run.Judge.judge
    calls = []

    def dies_in_the_second_chunk(self: object, chunk: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return judge(self, chunk)

    monkeypatch.setattr(import_run.Judge, "judge", dies_in_the_second_chunk)
    with pytest.raises(KeyboardInterrupt):
        import_run.perform(run)
    run.refresh_from_db()
    assert (run.done, Vehicle.objects.count()) == (2, 2)

    import_run.perform(run)

    assert run.state == run.State.DONE
    assert Vehicle.objects.count() == 6
    assert [line.result for line in lines(run)] == ["new"] * 6
