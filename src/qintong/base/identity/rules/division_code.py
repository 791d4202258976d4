"""Division codes (GB/T 2260): six digits, province + city + county; longer ones for townships and villages."""

PAIRS = 2
LENGTHS = (2, 4, 6, 9, 12)


def significant_digits(code: str) -> str:
    """The part of a code that places below share: 610000 → 61, 610100 → 6101, 610102 → 610102.

    Raises ValueError for anything that is not 2, 4, 6, 9 or 12 digits.
    """
    if len(code) not in LENGTHS or not code.isdigit():
        raise ValueError(f"{code} 不是行政区划代码：应为 2、4、6、9 或 12 位数字")
    if len(code) == 6:
        for length in (2, 4):
            if code[length:] == "0" * (6 - length):
                return code[:length]
    return code


def parent_code(code: str) -> str:
    """Code of the place one level up; empty for a province."""
    prefix = significant_digits(code)
    if len(prefix) == 2:
        return ""
    shorter = prefix[: {4: 2, 6: 4, 9: 6, 12: 9}[len(prefix)]]
    return shorter.ljust(6, "0")
