"""`qintong officers`: the three officers of a new installation, and new passwords for them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from qintong.base.identity.audit_records import AuditRecord
from qintong.base.identity.choices import OfficerKind
from qintong.base.identity.organisations import Organisation
from qintong.base.identity.regions import Region
from qintong.base.identity.role_assignments import RoleAssignment
from qintong.base.identity.roles import Role
from qintong.base.identity.user_acts import give_one_time_password
from qintong.base.identity.users import User

LOGIN_NAMES = {
    OfficerKind.SYSTEM: "sysadmin",
    OfficerKind.SECURITY: "secadmin",
    OfficerKind.AUDITOR: "auditor",
}
ORGANISATION, REGION = "610000-INF", "610000"


class Command(BaseCommand):
    help = "建立缺少的三员账号并打印一次性口令；--reset 账号 给已有的三员新口令并启用"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reset", default="", metavar="账号")

    @transaction.atomic
    def handle(self, *args: Any, reset: str, **options: Any) -> None:
        if reset:
            self._reset(reset)
            return
        for kind in OfficerKind:
            if not User.objects.filter(officer_kind=kind, is_active=True).exists():
                self._make(kind)

    def _reset(self, login_name: str) -> None:
        user = User.objects.filter(login_name=login_name).exclude(officer_kind="").first()
        if user is None:
            raise CommandError(f"{login_name} 不是三员账号")
        user.is_active = True
        user.save(update_fields=["is_active"])
        self._tell(user, "reset_officer_password")

    def _make(self, kind: OfficerKind) -> None:
        name = LOGIN_NAMES[kind]
        if User.objects.filter(login_name=name).exists():
            raise CommandError(f"账号 {name} 已有而停用，用 --reset {name}")
        user = User.objects.create_user(
            name,
            None,
            name=kind.label,
            officer_kind=kind,
            organisation=Organisation.objects.get(code=ORGANISATION),
        )
        RoleAssignment.objects.create(
            user=user,
            role=Role.objects.get(code=kind),
            region=Region.objects.get(code=REGION),
            valid_from=timezone.localdate(),
            basis="首次安装",
        )
        self._tell(user, "make_officer")

    def _tell(self, user: User, act: str) -> None:
        password = give_one_time_password(user)
        AuditRecord.objects.create(
            act=act,
            actor_name="qintong officers",
            object_type="identity.user",
            object_key=user.login_name,
        )
        self.stdout.write(f"{user.login_name:<12}{password}  {user.name}，首次登录须改口令")
