"""The entity's form fed from a mapping of field → value instead of from widgets: for import and API.

The same ModelForm judges page, file and API; only where the values come from differs.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django import forms
from django.forms.models import model_to_dict, modelform_factory

from qintong.desk.registry import resources
from qintong.desk.resource import Resource
from qintong.desk.scope import Scope


class RowForm(forms.ModelForm):
    """Mixed in before the entity's form. One instance judges many rows: making the fields anew costs more than judging."""

    settled: frozenset[str] = frozenset()
    """Foreign keys whose existence the choice field has settled: the model does not ask again."""

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | self.settled  # type: ignore[misc]  # no stub

    def _widget_data_value(self, widget: forms.Widget, html_name: str) -> Any:
        return self.data.get(html_name)

    def judge(self, instance: Any, values: Mapping[str, Any]) -> forms.utils.ErrorDict:
        """Errors by field. `values` hold what is given; the rest keeps what the instance has."""
        self.instance = instance
        self.data = row_values(self, instance) | dict(values)
        self.is_bound, self._errors = True, None
        self.full_clean()
        return self.errors


def row_values(form: forms.ModelForm, instance: Any) -> dict[str, Any]:
    """What the form would be sent back unchanged: the instance's values, initial ones for a new row."""
    stored = model_to_dict(instance, fields=list(form.fields))
    if instance.pk is None:
        for name, field in form.fields.items():
            if stored.get(name) in (None, "") and field.initial is not None:
                stored[name] = field.initial() if callable(field.initial) else field.initial
    return stored


def row_form_for(resource: type[Resource], scope: Scope) -> RowForm:
    """The entity's form, unbound, its foreign keys limited to what the scope shows."""
    form_class = form_class_of(resource)
    mixed: type[RowForm] = type(f"Row{form_class.__name__}", (RowForm, form_class), {})
    form = mixed()
    limit_choices(form, scope)
    return form


def limit_choices(form: forms.BaseForm, scope: Scope) -> None:
    """Records that a foreign key may name: those of the scope, of a registered entity."""
    for field in form.fields.values():
        if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
            related = resources().get(field.queryset.model._meta.label_lower)
            if related is not None:
                visible = related.queryset_for(scope).values("pk")
                field.queryset = field.queryset.filter(pk__in=visible)


def form_class_of(resource: type[Resource]) -> type[forms.ModelForm]:
    """The declared form, else one made from the editable fields of the cards."""
    return resource.form or _made_form(resource)  # type: ignore[arg-type]  # a class is hashable


@cache
def _made_form(resource: type[Resource]) -> type[forms.ModelForm]:
    names = [name for fieldset in resource.fieldsets for name in fieldset.fields]
    editable = {f.name for f in resource.model._meta.get_fields() if getattr(f, "editable", False)}
    return modelform_factory(resource.model, fields=[name for name in names if name in editable])
