"""The codes' rules: worked examples of the standards, and what holds for every value."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qintong.base.registry.rules import RuleError, credit_code, identity_number, vin
from qintong.base.registry.rules.credit_code import check_credit_code
from qintong.base.registry.rules.identity_number import check_identity_number
from qintong.base.registry.rules.plate_number import (
    BLACK,
    BLUE,
    GRADIENT_GREEN,
    WHITE,
    YELLOW,
    YELLOW_GREEN,
    check_plate,
    normalise_plate,
    plate_form,
)
from qintong.base.registry.rules.route_code import check_route_key, parse_route_code
from qintong.base.registry.rules.stake import stake_text
from qintong.base.registry.rules.vin import check_vin

credit_bodies = st.tuples(
    st.text(credit_code.ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(credit_code.ALPHABET, min_size=9, max_size=9),
).map("".join)
vin_bodies = st.tuples(
    st.text("".join(vin.VALUES), min_size=13, max_size=13),
    st.text("0123456789", min_size=4, max_size=4),
).map("".join)


def test_credit_code_of_the_standards_example_is_accepted() -> None:
    check_credit_code("91350100M000100Y43")  # GB 32100-2015 annex


def test_identity_number_of_the_standards_example_is_accepted() -> None:
    check_identity_number("11010519491231002X")  # GB 11643-1999


def test_vin_with_check_digit_x_is_accepted() -> None:
    check_vin("1M8GDM9AXKP042788")


def test_vin_of_seventeen_ones_is_accepted() -> None:
    check_vin("1" * 17)


@pytest.mark.parametrize(
    ("check", "value", "words"),
    [
        (check_credit_code, "91350100M000100Y44", "第 18 位校验码应为 3，表中为 4"),
        (check_credit_code, "91350100M000100Y4", "应为 18 位，表中为 17 位"),
        (check_credit_code, "91350100M000100I43", "第 16 位 I 不在代码字符集内"),
        (check_credit_code, "9135A100M000100Y43", "第 3 至 8 位应为登记机关行政区划码"),
        (check_identity_number, "110105194912310021", "第 18 位校验码应为 X，表中为 1"),
        (check_identity_number, "11010519491331002X", "19491331 不是日期"),
        (check_identity_number, "11010519491231002x", "大写 X"),
        (check_identity_number, "1101051949123100²X", "前 17 位应为数字"),
        (check_vin, "1M8GDM9A0KP042788", "第 9 位校验码应为 X，表中为 0"),
        (check_vin, "1M8GDM9AXKP04278O", "第 17 位 O 不能用"),
        (check_vin, "1M8GDM9AXKP0427", "应为 17 位，表中为 15 位"),
    ],
)
def test_refusal_says_the_rule_in_words(
    check: Callable[[str], None], value: str, words: str
) -> None:
    with pytest.raises(RuleError, match=words):
        check(value)


def test_refusal_of_an_identity_number_does_not_repeat_it() -> None:
    with pytest.raises(RuleError) as refusal:
        check_identity_number("110105194912310021")

    assert "110105" not in str(refusal.value)


@given(credit_bodies, st.data())
def test_one_wrong_character_never_passes_as_a_credit_code(body: str, data: st.DataObject) -> None:
    code = body + credit_code.check_character(body)
    place = data.draw(st.integers(8, 16))
    other = data.draw(st.sampled_from(credit_code.ALPHABET).filter(lambda c: c != code[place]))

    check_credit_code(code)
    with pytest.raises(RuleError):
        check_credit_code(code[:place] + other + code[place + 1 :])


@given(st.dates(min_value=date(1900, 1, 1)), st.integers(0, 999), st.data())
def test_one_wrong_digit_never_passes_as_an_identity_number(
    born: date, number: int, data: st.DataObject
) -> None:
    body = f"610102{born:%Y%m%d}{number:03d}"
    whole = body + identity_number.check_character(body)
    place = data.draw(st.integers(14, 16))
    other = data.draw(st.sampled_from("0123456789").filter(lambda c: c != whole[place]))

    with pytest.raises(RuleError):
        check_identity_number(whole[:place] + other + whole[place + 1 :])


@given(vin_bodies)
def test_a_vin_with_its_check_digit_passes_and_with_another_does_not(body: str) -> None:
    right = vin.check_digit(body)
    wrong = next(c for c in "0123456789X" if c != right)

    check_vin(body[:8] + right + body[9:])
    with pytest.raises(RuleError, match=f"第 9 位校验码应为 {right}，表中为 {wrong}"):
        check_vin(body[:8] + wrong + body[9:])


@pytest.mark.parametrize(
    ("number", "form", "colour"),
    [
        ("陕AD1234", "普通", BLUE),
        ("陕K12345", "普通", YELLOW),
        ("陕AD12345", "小型新能源", GRADIENT_GREEN),
        ("陕A12345D", "大型新能源", YELLOW_GREEN),
        ("陕A1234挂", "挂车", YELLOW),
        ("陕A1234警", "警用", WHITE),
        ("陕X1234应急", "应急救援", WHITE),
        ("粤ZAB12港", "港澳出入境", BLACK),
        ("123456使", "使馆", BLACK),
    ],
)
def test_plate_is_known_by_its_form(number: str, form: str, colour: int) -> None:
    check_plate(number, colour)

    assert plate_form(number).name == form


@pytest.mark.parametrize(
    ("number", "colour", "words"),
    [
        ("陕AO1234", BLUE, "字母 I、O 不用于号牌"),
        ("秦A12345", BLUE, "首位应为省、自治区、直辖市简称，表中为 秦"),
        ("陕A1234", BLUE, "为 6 位：普通号牌 7 位"),
        ("陕A1234挂", BLUE, "是挂车号牌，颜色应为黄，表中为蓝"),
        ("陕AD12345", YELLOW, "是小型新能源号牌，颜色应为绿、渐变绿，表中为黄"),
        ("陕AD1234", 7, "号牌颜色 7 不在代码表内"),
        ("", BLUE, "号牌号码未填"),
    ],
)
def test_wrong_plate_is_refused_in_words(number: str, colour: int, words: str) -> None:
    with pytest.raises(RuleError, match=words):
        check_plate(number, colour)


def test_plate_is_stored_in_half_width_capitals_without_dots() -> None:
    assert normalise_plate(" 陕Ａ·d1234 ") == "陕AD1234"


@given(st.text())
def test_normalising_a_plate_twice_changes_nothing_more(text: str) -> None:
    once = normalise_plate(text)

    assert normalise_plate(once) == once


@pytest.mark.parametrize(
    ("code", "is_expressway"),
    [
        ("G5", True),
        ("G30N", True),
        ("G3002", True),
        ("G210", False),
        ("S35", True),
        ("S107", False),
    ],
)
def test_expressways_are_told_by_their_number(code: str, is_expressway: bool) -> None:
    assert parse_route_code(code).is_expressway is is_expressway


@pytest.mark.parametrize("code", ["G0", "G12345", "H210", "X1", "", "g5", "G05N"])
def test_wrong_route_code_is_refused(code: str) -> None:
    with pytest.raises(RuleError):
        parse_route_code(code)


def test_county_route_needs_its_county_and_a_national_one_must_not_have_one() -> None:
    check_route_key("X201", "610122")
    check_route_key("G210", "")

    with pytest.raises(RuleError, match="在各县重复编号"):
        check_route_key("X201", "")
    with pytest.raises(RuleError, match="编号全省唯一"):
        check_route_key("G210", "610122")


@pytest.mark.parametrize(
    ("stake_m", "text"), [(0, "K0+000"), (1048600, "K1048+600"), (-120, "-K0+120")]
)
def test_stake_is_written_with_three_digits(stake_m: int, text: str) -> None:
    assert stake_text(stake_m) == text
