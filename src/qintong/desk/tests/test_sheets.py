"""Files people really upload, and files meant to do harm."""

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from qintong.desk import sheets
from qintong.desk.sheets import Flaw, SheetError, data_rows, header_of, open_sheet


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def rows(path: Path) -> list[list[sheets.Cell]]:
    return [cells for _number, cells in open_sheet(path, path.name).rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_every_encoding_chinese_offices_use(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "a.csv", "车牌号,业户\n陕A12345,演示运输\n".encode(encoding))

    assert rows(path) == [["车牌号", "业户"], ["陕A12345", "演示运输"]]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiter_is_the_one_that_splits_most(tmp_path: Path, delimiter: str) -> None:
    path = write(
        tmp_path / "a.csv", f"甲{delimiter}乙{delimiter}丙\n1{delimiter}2{delimiter}3".encode()
    )

    assert rows(path) == [["甲", "乙", "丙"], ["1", "2", "3"]]


def test_quoted_cells_may_hold_delimiters_and_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", '甲,乙\n"1,5","上\n下"\n'.encode())

    assert rows(path)[1] == ["1,5", "上\n下"]


def test_blank_rows_are_left_out_and_numbers_stay_those_of_the_sheet(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "甲\n\n,,\n1\n".encode())

    assert list(open_sheet(path, "a").rows()) == [(1, ["甲"]), (4, ["1"])]


def test_xlsx_cells_become_text(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(
        ["车牌号", 12.0, 1.5, date(2026, 11, 24), datetime(2026, 11, 24, 8, 5), True, None, "尾"]
    )
    book.save(tmp_path / "a.xlsx")

    assert rows(tmp_path / "a.xlsx") == [
        ["车牌号", "12", "1.5", "2026-11-24", "2026-11-24 08:05:00", "TRUE", "", "尾"]
    ]


def test_formula_without_a_stored_value_is_a_flaw_not_a_blank(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["甲", "=1+1"])
    book.save(tmp_path / "a.xlsx")

    [[_first, cell]] = rows(tmp_path / "a.xlsx")

    assert isinstance(cell, Flaw) and cell.text == "=1+1"


def test_numbers_that_lost_digits_are_flaws(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append([610102199001011234])
    book.save(tmp_path / "a.xlsx")

    [[cell]] = rows(tmp_path / "a.xlsx")

    assert isinstance(cell, Flaw) and "15 位" in cell.rule


def test_heading_is_found_below_a_title(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        "车辆台账,,\n填报单位：演示,,\n车牌号,业户,县\n陕A12345,甲,乙\n".encode(),
    )
    sheet = open_sheet(path, "a.csv")

    number, headings = header_of(sheet, {"车牌号", "业户"})

    assert (number, headings) == (3, ["车牌号", "业户", "县"])
    assert [cells[0] for _n, cells in data_rows(sheet, number)] == ["陕A12345"]


def test_zip_bomb_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)

    with pytest.raises(SheetError, match="压缩比"):
        open_sheet(bomb, "bomb.xlsx")


def test_entity_bomb_is_refused(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["甲"])
    book.save(tmp_path / "good.xlsx")
    bomb = tmp_path / "bomb.xlsx"
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(bomb, "w") as bad:
        for name in good.namelist():
            content = good.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace("<worksheet", entities + "<worksheet", 1)
            bad.writestr(name, content)

    with pytest.raises(SheetError):
        rows(bomb)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "空文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "旧版 .xls"),
        (b"PK\x03\x04 not a zip", "已损坏"),
        (b"\x81\x20\xff\xff\x00\x80" * 20, "编码|文本"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, content: bytes, message: str) -> None:
    path = write(tmp_path / "a.csv", content)

    with pytest.raises(SheetError, match=message):
        open_sheet(path, "a.csv")


def test_size_and_rows_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.csv", b"a\n" * 40)
    monkeypatch.setattr(sheets, "MAX_ROWS", 5)
    with pytest.raises(SheetError, match="超过 5 行"):
        rows(path)

    monkeypatch.setattr(sheets, "MAX_BYTES", 10)
    with pytest.raises(SheetError, match="最多"):
        open_sheet(path, "a.csv")
