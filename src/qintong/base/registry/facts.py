"""What the registers tell of themselves, within one scope."""

from collections.abc import Iterable

from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from qintong.desk.addresses import address
from qintong.desk.facts import (
    Attention,
    Fact,
    Headline,
    Need,
    Waiting,
    area_facts,
    area_needs,
    headlines,
    waiting,
)
from qintong.desk.scope import Scope

from .structures import StructureResource
from .terminals import Terminal, TerminalResource
from .vehicles import Vehicle, VehicleResource


@headlines
def online_vehicles(scope: Scope) -> Iterable[Headline]:
    """Terminals of operating vehicles that hold a link, of those that should."""
    if not scope.allows("registry.view_terminal"):
        return
    counts = (
        TerminalResource.queryset_for(scope)
        .filter(state=Terminal.State.ADMITTED, vehicle__state=Vehicle.State.OPERATING)
        .aggregate(expected=Count("pk"), online=Count("pk", filter=Q(is_online=True)))
    )
    expected, online = counts["expected"], counts["online"]
    note = _("应在线 %(expected)d") % {"expected": expected}
    if expected:
        note = _("应在线 %(expected)d，%(share).1f%%") % {
            "expected": expected,
            "share": online / expected * 100,
        }
    yield Headline(_("在线营运车辆"), online, _("辆"), note, order=10)


@waiting
def pending_terminals(scope: Scope) -> Iterable[Waiting]:
    """Strangers that knock: one line for all of them."""
    if not scope.allows("registry.admit_terminal"):
        return
    pending = TerminalResource.queryset_for(scope, "view").filter(state=Terminal.State.PENDING)
    counts = pending.aggregate(number=Count("pk"), last=Max("last_seen_at"))
    if not counts["number"]:
        return
    line = Attention(
        level=4,
        title=_("%(number)d 台终端待准入") % counts,
        detail=_("未登记的终端已连到网关"),
        state=_("待准入"),
        tone="yel",
        at=counts["last"],
        href=address(TerminalResource) + "?state=pending",
        act=_("去办"),
    )
    yield Waiting((line,), 1)


@area_facts["base"]
def registers(scope: Scope) -> Iterable[Fact]:
    if scope.allows("registry.view_vehicle"):
        yield Fact(
            _("在册车辆"),
            VehicleResource.queryset_for(scope).count(),
            _("辆"),
            address(VehicleResource),
        )
    if scope.allows("registry.view_structure"):
        yield Fact(
            _("构造物"),
            StructureResource.queryset_for(scope).count(),
            _("处"),
            address(StructureResource),
        )


@area_needs["base"]
def silent_terminals(scope: Scope) -> Iterable[Need]:
    """Admitted terminals that have not reported today."""
    if not scope.allows("registry.view_terminal"):
        return
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    silent = (
        TerminalResource.queryset_for(scope)
        .filter(state=Terminal.State.ADMITTED)
        .filter(Q(last_seen_at__lt=today) | Q(last_seen_at=None))
        .count()
    )
    if silent:
        yield Need(
            _("%(count)d 台终端今天没有报告") % {"count": silent},
            address(TerminalResource) + "?state=admitted",
            "late",
        )
