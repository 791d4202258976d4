"""Plate numbers (号牌号码), after GA 36-2018, with the colours of JT/T 697.7.

Which colour goes with which form is taken from practice and not verified against the printed standard:
a form accepts every colour seen with it.
"""

import re
import unicodedata
from dataclasses import dataclass

from . import RuleError

PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
BLUE, YELLOW, BLACK, WHITE, GREEN, OTHER = 1, 2, 3, 4, 5, 9
FARM_YELLOW, FARM_GREEN, YELLOW_GREEN, GRADIENT_GREEN = 91, 92, 93, 94
COLOURS = {
    BLUE: "蓝",
    YELLOW: "黄",
    BLACK: "黑",
    WHITE: "白",
    GREEN: "绿",
    OTHER: "其他",
    FARM_YELLOW: "农黄",
    FARM_GREEN: "农绿",
    YELLOW_GREEN: "黄绿",
    GRADIENT_GREEN: "渐变绿",
}
"""JT/T 697.7-2014 5.6, as carried by JT/T 808-2019 0x0100. 91 to 94: unconfirmed 80 %."""

_P = f"[{PROVINCES}]"
_A = "[A-HJ-NP-Z]"
_X = "[A-HJ-NP-Z0-9]"


@dataclass(frozen=True, slots=True)
class PlateForm:
    """One grammar of plates: what it is called, how it is written, the colours it comes in."""

    name: str
    pattern: re.Pattern[str]
    words: str
    colours: frozenset[int]


def _form(name: str, pattern: str, words: str, *colours: int) -> PlateForm:
    return PlateForm(name, re.compile(pattern), words, frozenset(colours))


FORMS = (
    _form("普通", f"{_P}[A-HJ-Z]{_X}{{5}}", "省简称、字母和 5 位字母数字", BLUE, YELLOW, BLACK),
    _form(
        "小型新能源",
        f"{_P}[A-HJ-Z][A-HJ-K]{_X}\\d{{4}}",
        "省简称、字母和 6 位，其中第 1 位为 A 至 K 的字母、后 4 位为数字",
        GRADIENT_GREEN,
        GREEN,
    ),
    _form(
        "大型新能源",
        f"{_P}[A-HJ-Z]\\d{{5}}[A-HJ-K]",
        "省简称、字母、5 位数字和 A 至 K 的字母",
        YELLOW_GREEN,
        GREEN,
    ),
    _form("挂车", f"{_P}[A-HJ-Z]{_X}{{4}}挂", "省简称、字母、4 位和“挂”", YELLOW),
    _form("教练车", f"{_P}[A-HJ-Z]{_X}{{4}}学", "省简称、字母、4 位和“学”", YELLOW, BLUE),
    _form("警用", f"{_P}[A-Z]{_X}{{4}}警", "省简称、字母、4 位和“警”", WHITE),
    _form("应急救援", f"{_P}[A-Z]{_X}{{4}}应急", "省简称、字母、4 位和“应急”", WHITE),
    _form("港澳出入境", "粤Z[A-HJ-NP-Z0-9]{4}[港澳]", "粤Z、4 位和“港”或“澳”", BLACK),
    _form("使馆", "\\d{6}使", "6 位数字和“使”", BLACK, WHITE),
    _form("领馆", f"{_P}[A-HJ-Z]?{_X}{{4}}领", "省简称、4 或 5 位和“领”", BLACK, WHITE),
    _form("试验", f"{_P}[A-HJ-Z]{_X}{{4}}[试超]", "省简称、字母、4 位和“试”或“超”", YELLOW, OTHER),
    _form("武警", f"WJ{_P}?{_X}{{5}}", "WJ、省简称和 5 位", WHITE),
    _form("军用", "[A-Z]{2}\\d{5}", "2 位字母和 5 位数字", WHITE),
    _form(
        "农业机械",
        f"{_P}\\d{{2}}{_X}{{5}}",
        "省简称、2 位数字和 5 位",
        FARM_YELLOW,
        FARM_GREEN,
        GREEN,
    ),
)


def normalise_plate(text: str) -> str:
    """As stored: half-width capitals without spaces and dots (陕Ａ·d1234 → 陕AD1234)."""
    return re.sub(r"[\s·•・.\-]", "", unicodedata.normalize("NFKC", text)).upper()


def plate_form(number: str) -> PlateForm:
    """The grammar that `number` follows. Raises RuleError that says what is wrong with it."""
    for form in FORMS:
        if form.pattern.fullmatch(number):
            return form
    raise RuleError(_complaint(number))


def check_plate(number: str, colour: int) -> None:
    """Raises RuleError unless the number follows a grammar that comes in this colour."""
    form = plate_form(number)
    if colour not in COLOURS:
        raise RuleError(f"号牌颜色 {colour} 不在代码表内（JT/T 697.7）")
    if colour not in form.colours | {OTHER}:
        allowed = "、".join(COLOURS[c] for c in sorted(form.colours))
        raise RuleError(f"{number} 是{form.name}号牌，颜色应为{allowed}，表中为{COLOURS[colour]}")


def _complaint(number: str) -> str:
    if not number:
        return "号牌号码未填"
    if number[0] not in PROVINCES:
        return f"{number} 首位应为省、自治区、直辖市简称，表中为 {number[0]}"
    if re.search("[IO]", number[2:]):
        return f"{number} 中的字母 I、O 不用于号牌，可能是数字 1、0"
    ordinary = FORMS[0]
    if len(number) != 7:
        return f"{number} 为 {len(number)} 位：普通号牌 7 位（{ordinary.words}），新能源号牌 8 位"
    return f"{number} 不合号牌格式：普通号牌为{ordinary.words}"
