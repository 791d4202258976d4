"""Vehicle identification number (车辆识别代号), GB 16735-2019."""

from . import RuleError

VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True)) | {
    d: d for d in "0123456789"
}
"""GB 16735-2019 annex A, table A.1; I, O and Q are not used."""
WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
"""Table A.2; the check digit itself (place 9) has weight 0."""
YEAR_UNUSED = "IOQUZ0"


def check_digit(vin: str) -> str:
    """Place 9 for the other sixteen: weighted sum modulo 11, ten is written X (annex A)."""
    remainder = sum(int(VALUES[c]) * w for c, w in zip(vin, WEIGHTS, strict=True)) % 11
    return "X" if remainder == 10 else str(remainder)


def check_vin(vin: str) -> None:
    """Raises RuleError unless `vin` is well formed and its check digit fits."""
    if len(vin) != 17:
        raise RuleError(f"车辆识别代号应为 17 位，表中为 {len(vin)} 位")
    for place, character in enumerate(vin, start=1):
        if character not in VALUES:
            raise RuleError(f"第 {place} 位 {character} 不能用（数字和不含 I、O、Q 的大写字母）")
    expected = check_digit(vin)
    if vin[8] != expected:
        raise RuleError(f"第 9 位校验码应为 {expected}，表中为 {vin[8]}")
    if not vin[13:].isdigit():
        raise RuleError(f"第 14 至 17 位应为数字，表中为 {vin[13:]}")
