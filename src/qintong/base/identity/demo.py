"""Demo accounts: one list, made only where DEMO=1. Names are those of duties, never of persons."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .organisations import Organisation
from .regions import Region
from .role_assignments import RoleAssignment
from .roles import Role
from .users import User

PASSWORD = "Qintong-2026"  # noqa: S105
"""Of every demo account. With DEMO=0 the seed disables accounts that still have it (`close_demo_accounts`),
and one that somebody enables again must change it at its first sign-in."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    login_name: str
    name: str
    organisation: str
    role: str
    region: str
    business_line: str = ""
    limits_organisation: bool = False
    """True: the role holds only below the account's own organisation."""


ACCOUNTS = (
    DemoAccount("duty", "省厅值班员", "610000-EMC", "duty_officer", "610000"),
    DemoAccount("data", "省厅数据管理员", "610000-INF", "data_administrator", "610000"),
    DemoAccount("road.xian", "西安路网工程师", "610100-HWY", "road_engineer", "610100"),
    DemoAccount("county.shenmu", "神木市经办员", "610881-TRB", "county_clerk", "610881"),
    DemoAccount(
        "transport", "运政经办员", "610000-RTB", "road_transport_clerk", "610000", "road_transport"
    ),
    DemoAccount("sysadmin", "系统管理员", "610000-INF", "system_administrator", "610000"),
    DemoAccount("secadmin", "安全管理员", "610000-INF", "security_administrator", "610000"),
    DemoAccount("auditor", "审计管理员", "610000-DOT", "auditor", "610000"),
)


def seed_accounts(accounts: tuple[DemoAccount, ...] = ACCOUNTS) -> None:
    """Idempotent; a password somebody changed stays changed. Refused outside demo mode."""
    if not settings.DEMO:
        raise ImproperlyConfigured("demo accounts are made only with DEMO=1")
    for account in accounts:
        _seed_account(account)


def _seed_account(account: DemoAccount) -> None:
    organisation = Organisation.objects.get(code=account.organisation)
    role = Role.objects.get(code=account.role)
    user = User.objects.filter(login_name=account.login_name).first()
    if user is None:
        user = User.objects.create_user(
            account.login_name,
            PASSWORD,
            name=account.name,
            organisation=organisation,
            officer_kind=role.officer_kind,
            must_change_password=False,
            is_demo=True,
        )
    RoleAssignment.objects.get_or_create(
        user=user,
        role=role,
        defaults={
            "region": Region.objects.get(code=account.region),
            "organisation": organisation if account.limits_organisation else None,
            "business_line": account.business_line,
            "valid_from": date(2026, 1, 1),
            "basis": "演示数据",
            "is_demo": True,
        },
    )


def close_demo_accounts() -> int:
    """Outside demo mode: disables the accounts whose password everybody can read. Returns how many."""
    closed = 0
    for user in User.objects.filter(is_demo=True, is_active=True):
        if user.check_password(PASSWORD):
            user.is_active, user.must_change_password = False, True
            user.save(update_fields=["is_active", "must_change_password"])
            closed += 1
    return closed


def write_accounts(path: Path, accounts: tuple[DemoAccount, ...] = ACCOUNTS) -> None:
    """The list that the start window prints."""
    lines = [f"{a.login_name:<16}{PASSWORD:<16}{a.name}" for a in accounts]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")
