"""Text of a cell → text a form accepts: dates in Chinese forms, numbers with units, yes and no.

Pure: text in, text out. What cannot be read raises ValueError with the rule in words.
"""

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

UNITS: dict[str, dict[str, Decimal]] = {
    "kg": {
        "kg": Decimal(1),
        "千克": Decimal(1),
        "公斤": Decimal(1),
        "t": Decimal(1000),
        "吨": Decimal(1000),
    },
    "t": {
        "t": Decimal(1),
        "吨": Decimal(1),
        "kg": Decimal("0.001"),
        "千克": Decimal("0.001"),
        "公斤": Decimal("0.001"),
    },
    "mm": {
        "mm": Decimal(1),
        "毫米": Decimal(1),
        "cm": Decimal(10),
        "厘米": Decimal(10),
        "m": Decimal(1000),
        "米": Decimal(1000),
    },
    "m": {
        "m": Decimal(1),
        "米": Decimal(1),
        "km": Decimal(1000),
        "公里": Decimal(1000),
        "千米": Decimal(1000),
        "cm": Decimal("0.01"),
        "mm": Decimal("0.001"),
    },
    "km": {
        "km": Decimal(1),
        "公里": Decimal(1),
        "千米": Decimal(1),
        "m": Decimal("0.001"),
        "米": Decimal("0.001"),
    },
    "kmh": {"kmh": Decimal(1), "km/h": Decimal(1), "公里/小时": Decimal(1)},
    "fen": {"fen": Decimal(1), "分": Decimal(1), "元": Decimal(100), "万元": Decimal(1_000_000)},
    "l": {"l": Decimal(1), "升": Decimal(1)},
    "kw": {"kw": Decimal(1), "千瓦": Decimal(1)},
}
"""Unit of a field (the suffix of its name) → unit met in files → factor."""

SUSPICIOUS: dict[str, tuple[str, Decimal]] = {"kg": ("t", Decimal(100)), "mm": ("m", Decimal(20))}
"""A value below the bound in a column of this unit was probably written in the other one."""

YES = {"是", "有", "对", "√", "✓", "y", "yes", "true", "1", "t"}
NO = {"否", "无", "错", "×", "✗", "x", "n", "no", "false", "0", "f"}
_HAN = {c: str(i) for i, c in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}
_DATE = re.compile(
    r"^(?P<y>\d{4})\s*(?:年|[-/.])\s*(?P<m>\d{1,2})\s*(?:月|[-/.])\s*(?P<d>\d{1,2})\s*日?"
    r"(?:[T\s]+(?P<t>\d{1,2}:\d{2}(?::\d{2})?).*)?$"
)
_COMPACT = re.compile(r"^(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})$")
_STAKE = re.compile(r"^[A-Za-z]{0,2}(\d{1,5})\+(\d{1,3}(?:\.\d+)?)$")
_NUMBER = re.compile(r"^([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*(.*)$")


def plain(text: str) -> str:
    """Full-width digits and letters become half-width; surrounding space goes."""
    return unicodedata.normalize("NFKC", text).strip()


def read_date(text: str) -> str:
    """→ YYYY-MM-DD, followed by the time when the cell has one. Raises ValueError naming the part out of range."""
    value = _han_date(plain(text))
    if re.fullmatch(r"\d{5}(\.\d+)?", value) and 20_000 <= float(value) <= 60_000:
        return (date(1899, 12, 30) + timedelta(days=int(float(value)))).isoformat()
    match = _DATE.match(value) or _COMPACT.match(value)
    if not match:
        raise ValueError("读不懂这个日期，应如 2026-11-24")
    year, month, day = (int(match[part]) for part in "ymd")
    if not 1 <= month <= 12:
        raise ValueError(f"月份 {month} 超出 12")
    try:
        found = date(year, month, day)
    except ValueError:
        raise ValueError(f"{year} 年 {month} 月没有 {day} 日") from None
    clock = match.groupdict().get("t")
    return f"{found.isoformat()} {clock}" if clock else found.isoformat()


def _han_date(text: str) -> str:
    """二〇二六年十一月二十四日 → 2026年11月24日."""
    if not re.search(r"[〇零○一二三四五六七八九十]", text):
        return text
    return re.sub(r"[〇零○一二三四五六七八九十]+", lambda m: _han_number(m[0]), text)


def _han_number(text: str) -> str:
    if "十" not in text:
        return "".join(_HAN[c] for c in text)
    tens, _sep, ones = text.partition("十")
    return f"{_HAN.get(tens, '1')}{_HAN.get(ones, '0')}"


def read_number(text: str, unit: str = "", written: str = "") -> str:
    """→ plain decimal text in `unit`. `written` is the unit of the column's heading; one in the cell wins."""
    value = plain(text).replace(",", "").replace("，", "").replace(" ", "")
    match = _NUMBER.match(value)
    if not match:
        raise ValueError("不是数字")
    digits, found = match.groups()
    source = found or written
    try:
        number = Decimal(digits)
    except InvalidOperation:
        raise ValueError("不是数字") from None
    if source:
        number *= _factor(source, unit)
    whole = number.to_integral_value()
    return str(int(whole)) if number == whole else format(number.normalize(), "f")


def read_stake(text: str) -> str:
    """K1187+342 → 1187342, metres of the route."""
    match = _STAKE.match(plain(text))
    if not match:
        raise ValueError("桩号应如 K1187+342")
    return str(int(match[1]) * 1000 + round(float(match[2])))


def _factor(source: str, unit: str) -> Decimal:
    table = UNITS.get(unit, {unit.lower(): Decimal(1)} if unit else {})
    factor = table.get(source) or table.get(source.lower())
    if factor is None:
        wanted = f"，应为 {unit}" if unit else ""
        raise ValueError(f"单位 {source} 不认识{wanted}")
    return factor


def read_yes_no(text: str) -> str:
    """→ True or False as text."""
    value = plain(text).lower()
    if value in YES:
        return "True"
    if value in NO:
        return "False"
    raise ValueError("应为 是 或 否")


def likely_unit(text: str, unit: str) -> str:
    """The unit a number was probably written in, when it is implausible in `unit`; else empty."""
    if unit not in SUSPICIOUS:
        return ""
    other, bound = SUSPICIOUS[unit]
    try:
        number = Decimal(text)
    except InvalidOperation:
        return ""
    return other if 0 < number < bound else ""
