"""Citizen identity number (公民身份号码), GB 11643-1999."""

from datetime import date

from . import RuleError

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"


def check_character(body: str) -> str:
    """The 18th character for the first 17: ISO 7064 MOD 11-2 (GB 11643-1999, 4.4)."""
    return CHECK[sum(int(c) * w for c, w in zip(body, WEIGHTS, strict=True)) % 11]


def check_identity_number(number: str) -> None:
    """Raises RuleError unless length, birth date and check character fit. Messages never repeat the number."""
    if len(number) != 18:
        raise RuleError(f"公民身份号码应为 18 位，表中为 {len(number)} 位")
    if not (number[:17].isascii() and number[:17].isdigit()):
        raise RuleError("公民身份号码前 17 位应为数字")
    if number[17] not in "0123456789X":
        raise RuleError("公民身份号码第 18 位应为数字或大写 X")
    try:
        birth_date(number)
    except ValueError:
        raise RuleError(f"第 7 至 14 位应为出生日期，{number[6:14]} 不是日期") from None
    expected = check_character(number[:17])
    if number[17] != expected:
        raise RuleError(f"第 18 位校验码应为 {expected}，表中为 {number[17]}")


def birth_date(number: str) -> date:
    """Places 7 to 14 (GB 11643-1999, 4.2)."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
