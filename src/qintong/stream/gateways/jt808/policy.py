"""What a gateway allows. Every number here may be changed by an operator; the defaults work."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    requires_authentication: bool = False
    """JT/T 808 serves only 0x0100, 0x0102 and 0x0003 before authentication. Many terminals report
    straight away, so by default an admitted terminal is served without it; its reports then carry
    the quality bit NOT_AUTHENTICATED, and it cannot take over an authenticated link."""
    session_timeout_s: int = 180
    greeting_timeout_s: int = 60
    """For a link without a terminal."""
    connects_per_s: float = 1000
    connects_burst: float = 20_000
    """From one address: a carrier hides many terminals behind one."""
    registrations_per_s: float = 200
    registrations_burst: float = 5_000
    """0x0100 from one address."""
    strangers_per_s: float = 20
    strangers_burst: float = 1_000
    """Unknown terminals entered for admission, from all addresses."""
    raw_budget_per_s: float = 16 << 10
    raw_budget_burst: float = 4 << 20
    """Bytes of refused messages that are kept."""
    fault_limit: int = 1024
    """Refused messages in a row, or eight cuts for length, after which a link is closed."""
    outbox_limit: int = 64 << 10
    """Bytes of answers that wait for a link that does not read; beyond them it is closed."""
    window_ms: int = 3
    """Least time between commits while little comes."""
    group_size: int = 256 << 10
    """Bytes at which a group is committed at once."""
