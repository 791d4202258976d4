"""Dates, numbers and yes or no as Chinese offices write them."""

import pytest

from qintong.desk.cell_values import likely_unit, read_date, read_number, read_yes_no


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24", "2026-11-24"),
        ("2026/1/4", "2026-01-04"),
        ("2026.11.24", "2026-11-24"),
        ("20261124", "2026-11-24"),
        ("2026年11月24日", "2026-11-24"),
        ("二〇二六年十一月二十四日", "2026-11-24"),
        ("二零二六年三月十日", "2026-03-10"),
        ("２０２６－１１－２４", "2026-11-24"),
        ("2026-11-24 08:05", "2026-11-24 08:05"),
        ("45000", "2023-03-15"),
    ],
)
def test_dates_are_read_in_the_forms_people_write(text: str, expected: str) -> None:
    assert read_date(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [("2026-13-02", "月份 13 超出 12"), ("2026-02-30", "没有 30 日"), ("去年", "读不懂")],
)
def test_dates_that_are_none_say_which_part(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_date(text)


@pytest.mark.parametrize(
    ("text", "unit", "written", "expected"),
    [
        ("1,204", "", "", "1204"),
        ("４９", "kg", "", "49"),
        ("49", "kg", "t", "49000"),
        ("49t", "kg", "", "49000"),
        ("2.5 米", "mm", "", "2500"),
        ("12,000 kg", "t", "", "12"),
        ("1.50", "m", "", "1.5"),
    ],
)
def test_numbers_are_read_with_their_unit(
    text: str, unit: str, written: str, expected: str
) -> None:
    assert read_number(text, unit, written) == expected


@pytest.mark.parametrize("text", ["四十九", "49 箱", "--"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"不是数字|单位"):
        read_number(text, "kg")


def test_yes_and_no() -> None:
    assert [read_yes_no(text) for text in ("是", "√", "1", "否", "×", "0")] == ["True"] * 3 + [
        "False"
    ] * 3


def test_implausible_mass_is_taken_for_tonnes() -> None:
    assert likely_unit("49", "kg") == "t"
    assert likely_unit("49000", "kg") == ""
