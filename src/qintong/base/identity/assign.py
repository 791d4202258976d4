"""Granting a role: only inside one's own scope, never to oneself, officers only their own role."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from qintong.desk.scope import Scope
from qintong.desk.visible import visible

from .audit import record
from .organisations import Organisation, OrganisationResource
from .regions import Region
from .role_assignments import RoleAssignment
from .roles import Role
from .rules.delegation import may_give
from .rules.division_code import significant_digits
from .users import User, UserResource

PERMISSION = "identity.add_roleassignment"


class AssignForm(forms.ModelForm):
    """Offers only what the giver may give; `clean` judges it again as a whole."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.all(),
        to_field_name="code",
        required=False,
        widget=forms.TextInput(attrs={"list": "organisations", "autocomplete": "off"}),
    )

    class Meta:
        model = RoleAssignment
        fields = (
            "user",
            "role",
            "region",
            "organisation",
            "business_line",
            "valid_from",
            "valid_to",
            "basis",
        )
        widgets = {
            "valid_from": forms.DateInput(attrs={"type": "date"}),
            "valid_to": forms.DateInput(attrs={"type": "date"}),
        }

    def __init__(self, giver: User, scope: Scope, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scope = scope
        self.instance.granted_by = giver
        users = User.objects.filter(visible(scope, PERMISSION, UserResource.scope))
        self._offer("user", users.exclude(pk=giver.pk).filter(is_active=True))
        self._offer("role", Role.objects.all())
        self._offer("region", self._regions())
        self.fields["organisation"].label = _("机构范围")
        self.fields["organisation"].help_text = _("编码，空：地区内所有机构")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        user, role = cleaned.get("user"), cleaned.get("role")
        if user and role and user.officer_kind != role.officer_kind:
            self.add_error(
                "role", _("三员分立：三员只能有自己那一员的角色，其他人不能有三员的角色")
            )
        if cleaned.get("region") and "organisation" in cleaned:
            self._check_place(cleaned)
        return cleaned

    def _check_place(self, cleaned: dict[str, Any]) -> None:
        organisation = cleaned["organisation"]
        if not may_give(
            self.scope.grants_for(PERMISSION),
            significant_digits(cleaned["region"].code),
            organisation.path if organisation else "",
            cleaned.get("business_line") or "",
        ):
            self.add_error("region", _("范围超出自己的授权范围，不能授予"))

    def _offer(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset, field.empty_label = rows, _("选一个")

    def _regions(self) -> Any:
        prefixes = {grant.region_prefix for grant in self.scope.grants_for(PERMISSION)}
        allowed = Region.objects.none()
        for prefix in prefixes:
            allowed = allowed | Region.objects.filter(code__startswith=prefix)
        return allowed.filter(is_outline=False).defer("geom").order_by("code")


@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest) -> HttpResponse:
    """The form; acts within a second of being sent."""
    scope: Scope = request.scope  # type: ignore[attr-defined]
    if not scope.allows(PERMISSION):
        raise PermissionDenied
    initial = {"valid_from": timezone.localdate(), "user": request.GET.get("user")}
    giver = User.objects.get(login_name=request.user.get_username())
    form = AssignForm(giver, scope, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            assignment = form.save()
            record(
                request,
                "assign_role",
                about=assignment.user,
                purpose=assignment.basis,
                role=assignment.role.code,
                region=assignment.region.code,
                organisation=assignment.organisation.path if assignment.organisation else "",
            )
        messages.success(
            request,
            _("%(role)s 已授予 %(user)s") % {"role": assignment.role, "user": assignment.user},
        )
        return redirect(f"/identity/role-assignments/?user={assignment.user_id}")
    offered = Organisation.objects.exclude(kind=Organisation.Kind.COMPANY).filter(
        visible(scope, PERMISSION, OrganisationResource.scope)
    )
    return render(request, "identity/assign.html", {"form": form, "organisations": offered})
