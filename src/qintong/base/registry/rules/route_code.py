"""Route codes (路线编号), GB/T 917-2017. Wording of the clauses unconfirmed 90 %."""

import re
from dataclasses import dataclass

from . import RuleError

CLASSES = {
    "G": "国道",
    "S": "省道",
    "X": "县道",
    "Y": "乡道",
    "C": "村道",
    "Z": "专用公路",
}
"""Class letter → administrative class."""
LOCAL = "XYC"
"""Classes whose numbers repeat between counties: the key needs a county code beside them."""

_PATTERNS = {
    "G": re.compile(r"G([1-9]\d?[NSEW]?|\d{3}|[1-9]\d{3})"),
    "S": re.compile(r"S([1-9]\d?|\d{3}|[1-9]\d{3})"),
    "X": re.compile(r"X[0-9A-Z]{3,4}"),
    "Y": re.compile(r"Y[0-9A-Z]{3,4}"),
    "C": re.compile(r"C[0-9A-Z]{3,4}"),
    "Z": re.compile(r"Z[0-9A-Z]{3,4}"),
}
_WORDS = {
    "G": "国家高速为 G 加 1、2 或 4 位数字（并行线后缀 N、S、E、W），普通国道为 G 加 3 位数字",
    "S": "省级高速为 S 加 1、2 或 4 位数字，普通省道为 S 加 3 位数字",
    "X": "县道为 X 加 3 或 4 位",
    "Y": "乡道为 Y 加 3 或 4 位",
    "C": "村道为 C 加 3 或 4 位",
    "Z": "专用公路为 Z 加 3 或 4 位",
}


@dataclass(frozen=True, slots=True)
class RouteCode:
    """A parsed code."""

    letter: str
    number: str

    @property
    def is_expressway(self) -> bool:
        """By the number alone: three digits are ordinary trunk roads."""
        return self.letter in "GS" and len(self.number.rstrip("NSEW")) != 3

    @property
    def is_local(self) -> bool:
        return self.letter in LOCAL


def parse_route_code(code: str) -> RouteCode:
    """Raises RuleError that states the grammar of the class."""
    letter = code[:1]
    if letter not in CLASSES:
        raise RuleError(f"{code} 首位应为 G、S、X、Y、C 或 Z（GB/T 917）")
    if not _PATTERNS[letter].fullmatch(code):
        raise RuleError(f"{code} 不合路线编号：{_WORDS[letter]}")
    return RouteCode(letter, code[1:])


def check_route_key(code: str, county_code: str) -> None:
    """County, township and village routes need their county; others must not have one."""
    parsed = parse_route_code(code)
    if parsed.is_local and not re.fullmatch(r"\d{6}", county_code):
        raise RuleError(f"{code} 在各县重复编号，须填 6 位县级区划代码")
    if not parsed.is_local and county_code:
        raise RuleError(f"{code} 是{CLASSES[parsed.letter]}，编号全省唯一，县级区划代码应空")
