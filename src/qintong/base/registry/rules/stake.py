"""Stakes (桩号): integer metres, written K + kilometres + plus sign + three digits."""


def stake_text(stake_m: int) -> str:
    """1048600 → K1048+600; stakes before the origin carry a minus sign."""
    sign = "-" if stake_m < 0 else ""
    kilometres, metres = divmod(abs(stake_m), 1000)
    return f"{sign}K{kilometres}+{metres:03d}"
