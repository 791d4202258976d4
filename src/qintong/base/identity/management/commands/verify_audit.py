"""`qintong verify_audit [--anchor N:HASH]`: whether the audit trail is as it was written."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from qintong.base.identity.audit_chain import first_break, last_link
from qintong.base.identity.audit_records import AuditRecord


class Command(BaseCommand):
    help = "核对审计记录的散列链；--anchor 带上次打印的锚，能发现尾部被截"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchor", default="", help="上次打印的 序号:散列")

    def handle(self, *args: Any, anchor: str, **options: Any) -> None:
        if broken := first_break():
            raise CommandError(f"审计记录 {broken.record_id}：{broken.reason}")
        if anchor:
            kept, _, kept_hash = anchor.partition(":")
            if not AuditRecord.objects.filter(pk=int(kept), hash=kept_hash).exists():
                raise CommandError(f"审计记录 {kept} 不在或已不同：尾部被截断或重写")
        number, digest = last_link()
        self.stdout.write(f"{number} 条，链完整。锚 {number}:{digest}")
