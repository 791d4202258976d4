"""Unified social credit code (统一社会信用代码), GB 32100-2015."""

from . import RuleError

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015 table 3: digits and capitals without I, O, S, V, Z; a character's value is its place."""
LENGTH = 18
MODULUS = 31


def check_character(body: str) -> str:
    """The 18th character for the first 17: GB 32100-2015, 4.6 and annex A, MOD 31 with weights 3^i."""
    total = sum(ALPHABET.index(c) * pow(3, i, MODULUS) for i, c in enumerate(body))
    return ALPHABET[-total % MODULUS]


def check_credit_code(code: str) -> None:
    """Raises RuleError unless `code` is well formed and its check character fits."""
    if len(code) != LENGTH:
        raise RuleError(f"统一社会信用代码应为 18 位，表中为 {len(code)} 位")
    for place, character in enumerate(code, start=1):
        if character not in ALPHABET:
            raise RuleError(
                f"第 {place} 位 {character} 不在代码字符集内（数字和不含 I、O、S、V、Z 的大写字母）"
            )
    if not code[2:8].isdigit():
        raise RuleError(f"第 3 至 8 位应为登记机关行政区划码 6 位数字，表中为 {code[2:8]}")
    expected = check_character(code[:-1])
    if code[-1] != expected:
        raise RuleError(f"第 18 位校验码应为 {expected}，表中为 {code[-1]}")
