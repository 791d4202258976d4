"""`qintong seed [--demo]`: what a fresh installation begins with. Idempotent."""

from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from qintong.base.identity.demo import close_demo_accounts
from qintong.base.identity.seed.organisations import seed_organisations
from qintong.base.identity.seed.policies import seed_policies
from qintong.base.identity.seed.regions import seed_regions
from qintong.base.identity.seed.roles import seed_roles
from qintong.base.registry.demo import seed_demo
from qintong.base.registry.roster import publish_changed_roster
from qintong.base.registry.seed.network import seed_routes, seed_structures, seed_waterways
from qintong.base.registry.seed.vehicle_classes import seed_vehicle_classes

STEPS = (
    ("行政区划", seed_regions),
    ("机构", seed_organisations),
    ("安全策略", seed_policies),
    ("车辆类别", seed_vehicle_classes),
    ("路线", seed_routes),
    ("构造物", seed_structures),
    ("航段", seed_waterways),
)


class Command(BaseCommand):
    help = "写入区划、机构、角色、策略、路网等初始数据；--demo 再加演示数据"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--demo", action="store_true", help="演示账号、企业、车辆、终端、人员、桥梁"
        )

    def handle(self, *args: Any, demo: bool, **options: Any) -> None:
        began = monotonic()
        with transaction.atomic():
            for title, step in STEPS:
                self.stdout.write(f"{title} {step():,}")
            self.stdout.write(f"角色 {seed_roles(renew=settings.DEMO):,}")
            if demo:
                for title, count in seed_demo():
                    self.stdout.write(f"{title} {count:,}（演示数据）")
            elif not settings.DEMO and (closed := close_demo_accounts()):
                self.stdout.write(f"停用仍用公开口令的演示账号 {closed}")
        publish_changed_roster()
        self.stdout.write(f"用时 {monotonic() - began:.1f} s")
