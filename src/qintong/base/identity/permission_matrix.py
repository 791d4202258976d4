"""The permission matrix: what each role may do with each entity; changing one role."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_safe

from qintong.desk.registry import resources

from .audit import record
from .choices import DataGrade
from .roles import Role

VERBS = (
    ("view", _lazy("看")),
    ("add", _lazy("增")),
    ("change", _lazy("改")),
    ("delete", _lazy("删")),
)


@dataclass(frozen=True, slots=True)
class Right:
    permission: str
    title: Any


@dataclass(frozen=True, slots=True)
class EntityRights:
    room: str
    title: str
    verbs: tuple[Right, ...]
    actions: tuple[Right, ...]


def entity_rights() -> list[EntityRights]:
    """Everything that can be granted, by room and entity."""
    found = []
    for label, resource in resources().items():
        room, model = label.split(".")
        verbs = VERBS[:1] if resource.read_only else VERBS
        found.append(
            EntityRights(
                str(apps.get_app_config(room).verbose_name),
                str(resource.model._meta.verbose_name),
                tuple(Right(f"{room}.{verb}_{model}", title) for verb, title in verbs),
                tuple(Right(f"{room}.{a.name}", _(a.title)) for a in resource.actions),
            )
        )
    return sorted(found, key=lambda entity: entity.room)


@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    """All roles beside each other."""
    _need(request, "identity.view_role")
    roles = list(Role.objects.all())
    lines = []
    for entity in entity_rights():
        cells = []
        for role in roles:
            held = set(role.permissions)
            rights = [r for r in (*entity.verbs, *entity.actions) if r.permission in held]
            cells.append("、".join(str(right.title) for right in rights))
        lines.append((entity, cells))
    return render(request, "identity/matrix.html", {"roles": roles, "lines": lines})


@require_http_methods(["GET", "POST"])
def change_role_permissions(request: HttpRequest, code: str) -> HttpResponse:
    """Nobody widens a role they hold themselves."""
    _need(request, "identity.change_role")
    role = get_object_or_404(Role, code=code)
    today = timezone.localdate()
    is_own = role.assignments.filter(user=request.user.pk, valid_from__lte=today).exists()
    if request.method == "POST":
        if is_own:
            raise PermissionDenied(_("不能改自己正在用的角色"))
        _save(request, role)
        messages.success(request, _("%(role)s 的权限已改，一秒内生效") % {"role": role.name})
        return redirect("role_permissions", code=role.code)
    context = {
        "role": role,
        "held": set(role.permissions),
        "entities": entity_rights(),
        "grades": [(value, title, value in role.data_grades) for value, title in DataGrade.choices],
        "is_own": is_own,
        "holders": role.assignments.values("user").distinct().count(),
    }
    return render(request, "identity/role_permissions.html", context)


def _save(request: HttpRequest, role: Role) -> None:
    known = {r.permission for e in entity_rights() for r in (*e.verbs, *e.actions)}
    wanted = known & set(request.POST.getlist("permission"))
    kept = set(role.permissions) - known  # rights of pages beyond the kit stay as they are
    before = set(role.permissions)
    with transaction.atomic():
        role.permissions = sorted(wanted | kept)
        role.data_grades = sorted(set(DataGrade.values) & set(request.POST.getlist("grade")))
        role.save(update_fields=["permissions", "data_grades"])
        record(
            request,
            "change_role_permissions",
            about=role,
            purpose=request.POST.get("reason", ""),
            added=sorted(set(role.permissions) - before),
            removed=sorted(before - set(role.permissions)),
            grades=role.data_grades,
        )


def _need(request: HttpRequest, permission: str) -> None:
    if not request.scope.allows(permission):  # type: ignore[attr-defined]
        raise PermissionDenied
