"""What accounts and transfers tell of themselves."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from qintong.desk.facts import Attention, Fact, Waiting, area_facts, waiting
from qintong.desk.scope import Scope

from .policy import Item, policy
from .sign_in_failures import SignInFailure
from .transfer_runs import TransferRun

LINES = 5


@area_facts["base"]
def locked_accounts(scope: Scope) -> Iterable[Fact]:
    if not scope.allows("identity.change_user"):
        return
    locked = SignInFailure.objects.filter(
        subject__startswith="account:",
        locked_until__gt=timezone.now(),
        count__gte=policy(Item.LOCKOUT_FAILURES, timezone.localdate()),
    )
    yield Fact(_("登录失败锁定"), locked.count(), _("人"))


@waiting
def failed_transfers(scope: Scope) -> Iterable[Waiting]:
    """One's own imports and exports that broke off."""
    if scope.user_id is None:
        return
    failed = TransferRun.objects.filter(user_id=scope.user_id, state=TransferRun.State.FAILED)
    lines = tuple(
        Attention(
            level=4,
            title=_("%(kind)s未完成 %(title)s")
            % {"kind": run.get_kind_display(), "title": run.title},
            detail=run.message,
            state=run.get_state_display(),
            tone="warn",
            at=run.finished_at or run.created_at,
            href="/transfers/",
            act=_("查看"),
        )
        for run in failed.order_by("-created_at")[:LINES]
    )
    yield Waiting(lines, failed.count())
