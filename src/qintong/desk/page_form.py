"""The entity's form on a page: the same ModelForm as import and API, with widgets, cards and steps."""

from typing import Any

from django import forms
from django.contrib.gis.forms import PointField
from django.core.exceptions import NON_FIELD_ERRORS

from qintong.desk.cells import cell
from qintong.desk.columns import resolved
from qintong.desk.masking import readable
from qintong.desk.resource import Column, Resource
from qintong.desk.row_form import form_class_of, limit_choices
from qintong.desk.scope import Scope
from qintong.desk.units import title_and_unit
from qintong.desk.widgets import dress


def page_form(
    resource: type[Resource],
    scope: Scope,
    row: Any = None,
    data: Any = None,
    files: Any = None,
    initial: dict[str, Any] | None = None,
) -> forms.ModelForm:
    """Foreign keys are limited to the scope. What the person may not read in clear is not in the form
    of an existing row, and keeps its value."""
    form_class = resource.form or form_class_of(resource)
    form: forms.ModelForm = form_class(data, files, instance=row, initial=initial)
    limit_choices(form, scope)
    if row is not None:
        for name in [n for n in form.fields if not readable(resource, scope, n)]:
            del form.fields[name]
    dress(form, resource)
    return form


def cards(
    resource: type[Resource], scope: Scope, form: forms.ModelForm, row: Any
) -> list[dict[str, Any]]:
    """The fieldsets; fields that are in none stand in a last card."""
    placed = [name for fieldset in resource.fieldsets for name in fieldset.fields]
    groups = [(f.title, f.note, f.fields) for f in resource.fieldsets]
    rest = tuple(name for name in form.fields if name not in placed)
    if rest:
        groups.append(("其他", "", rest))
    found = [
        card(resource, scope, form, row, number, group) for number, group in enumerate(groups, 1)
    ]
    return [each for each in found if each["lines"]]


def card(
    resource: type[Resource],
    scope: Scope,
    form: forms.ModelForm,
    row: Any,
    number: int,
    group: tuple[str, str, tuple[str, ...]],
) -> dict[str, Any]:
    title, note, names = group
    lines = [line for name in names if (line := _line(resource, scope, form, row, name))]
    fields = [line["field"] for line in lines if "field" in line]
    return {
        "id": f"part-{number}",
        "title": title,
        "note": note,
        "lines": lines,
        "wrong": sum(bool(field.errors) for field in fields),
        "filled": sum(field.value() not in (None, "", []) for field in fields),
        "of": len(fields),
    }


def _line(
    resource: type[Resource], scope: Scope, form: forms.ModelForm, row: Any, name: str
) -> dict[str, Any] | None:
    """A field, or the value of one that cannot be edited here."""
    column = resolved(resource, scope, Column(name))
    title, unit = title_and_unit(column.field)
    if name in form.fields:
        field = form[name]
        title = title if column.field is not None else str(field.label)
        return {
            "field": field,
            "title": title,
            "unit": unit,
            "is_check": isinstance(field.field, forms.BooleanField),
            "is_wide": isinstance(field.field.widget, forms.Textarea),
            "is_optional": not field.field.required
            and not isinstance(field.field, forms.BooleanField),
        }
    if row is None:
        return None
    return {"title": title, "unit": unit, "html": cell(column, row, scope)}


def errors(form: forms.ModelForm) -> list[dict[str, str]]:
    """For the summary: where, what is wrong with which field."""
    found = []
    for name, messages in form.errors.items():
        where, title = "", ""
        if name != NON_FIELD_ERRORS and name in form.fields:
            where, title = str(form[name].id_for_label or f"id_{name}"), str(form[name].label)
        found += [{"href": where, "title": title, "text": str(text)} for text in messages]
    return found


def point_field(form: forms.ModelForm) -> str:
    """Id of the input that a map writes into; empty for a form without a point."""
    for name, field in form.fields.items():
        if isinstance(field, PointField):
            return str(form[name].id_for_label)
    return ""
