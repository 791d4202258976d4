"""What the bridges tell of themselves, within one scope."""

from collections.abc import Iterable

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from qintong.desk.addresses import address
from qintong.desk.facts import Fact, Need, area_facts, area_needs
from qintong.desk.scope import Scope

from .bridges import Bridge, BridgeResource

WORST = (Bridge.ConditionClass.FOUR, Bridge.ConditionClass.FIVE)


@area_facts["business"]
def bridges(scope: Scope) -> Iterable[Fact]:
    if not scope.allows("roads.view_bridge"):
        return
    counts = BridgeResource.queryset_for(scope).aggregate(
        every=Count("pk"), rated=Count("pk", filter=Q(condition_class__isnull=False))
    )
    yield Fact(_("在册桥梁"), counts["every"], _("座"), address(BridgeResource))
    yield Fact(_("已评定"), counts["rated"], _("座"))


@area_needs["business"]
def poor_bridges(scope: Scope) -> Iterable[Need]:
    if not scope.allows("roads.view_bridge"):
        return
    poor = BridgeResource.queryset_for(scope).filter(condition_class__in=WORST).count()
    if poor:
        yield Need(
            _("4、5 类桥 %(count)d 座") % {"count": poor},
            address(BridgeResource) + "?condition_class=4&condition_class=5",
            "bad",
        )
