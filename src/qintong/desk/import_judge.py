"""Judges and writes the rows of a file, a chunk at a time, through the entity's own form.

A dry run is the same code inside a transaction that is rolled back: the database judges unique and
check constraints itself, in bulk; only a chunk that it refuses is gone through row by row, with the
form's own queries, to say which row breaks which rule.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import ForeignKey, Model
from django.utils.translation import gettext as _

from qintong.desk.import_cells import read_row
from qintong.desk.import_lines import Issue, Level, Line
from qintong.desk.import_mapping import Target, targets_of
from qintong.desk.import_plan import SKIP, UPDATE, Plan
from qintong.desk.import_related import Lookup
from qintong.desk.import_repeats import Repeats
from qintong.desk.import_write import Draft, quiet, write_chunk
from qintong.desk.masking import readable
from qintong.desk.registry import resources
from qintong.desk.resource import FormerName, Resource
from qintong.desk.row_form import RowForm, row_form_for
from qintong.desk.scope import Scope
from qintong.desk.sheets import Cell

CHUNK = 500
DOUBTFUL_CHANGES = 3
"""A record found by its key is a suspected duplicate when at least so many of its columns, and more than half of the file's, differ."""
REMEMBERED = 20_000
"""Records and words kept from chunk to chunk before the cache starts again."""

Row = tuple[int, list[Cell]]


class Judge:
    """One pass over a file: the form, the lookups, the unique values met so far."""

    def __init__(self, resource: type[Resource], scope: Scope, plan: Plan) -> None:
        self.resource, self.scope, self.plan = resource, scope, plan
        self.model: type[Model] = resource.model
        self.form: RowForm = row_form_for(resource, scope)
        self.targets: dict[str, Target] = {t.name: t for t in targets_of(self.form.fields)}
        columns = self.model._meta.concrete_fields
        self.key_columns = [f.attname for n in resource.natural_key for f in columns if f.name == n]
        self.keyless = {f.name for f in columns if f.name not in resource.natural_key}
        self.repeats = Repeats.of(self.model, resource.natural_key)
        self.lookups: dict[str, Lookup] = {}
        self.former: dict[str, Mapping[str, FormerName]] = {}
        for target in self.targets.values():
            if target.kind == "related":
                self._link(target)
        self.form.settled = frozenset(self.lookups)
        self.words: dict[tuple[str, Any], str] = {}
        self.may_add = scope.allows(resource.permission("add"))
        self.may_change = scope.allows(resource.permission("change"))

    def _link(self, target: Target) -> None:
        """The form's choice field answers from the names looked up for the whole chunk."""
        choice = self.form.fields[target.name]
        assert isinstance(choice, forms.ModelChoiceField) and choice.queryset is not None
        self.lookups[target.name] = Lookup(choice.queryset.all())
        related = resources().get(choice.queryset.model._meta.label_lower)
        self.former[target.name] = related.former_names if related else {}
        records: dict[Any, Any] = {}

        def to_python(value: Any) -> Any:
            if value in choice.empty_values:
                return None
            if isinstance(value, Model):
                return value
            if value not in records:
                if len(records) > REMEMBERED:
                    records.clear()
                records[value] = forms.ModelChoiceField.to_python(choice, value)
            return records[value]

        choice.to_python = to_python  # type: ignore[method-assign]  # one lookup a record, not a row

    def judge(self, chunk: list[Row]) -> list[Line]:
        """Outcomes in the order of the rows, written as far as faultless. Run inside a transaction; the caller of a dry run rolls it back."""
        drafts = [self._draft(number) for number, _cells in chunk]
        self._read(drafts, chunk)
        self._find(drafts)
        for draft in drafts:
            if draft.line.result in {"new", "update"}:
                self._clean(draft)
        for draft in drafts:
            if draft.line.result in {"new", "update", "same"}:
                self._repeat(draft)
        write_chunk([d for d in drafts if d.line.result in {"new", "update"}], self)
        return [draft.line for draft in drafts]

    def _draft(self, number: int) -> Draft:
        return Draft(Line(number, "skipped" if self.plan.decision(number) == SKIP else "new"))

    def _read(self, drafts: list[Draft], chunk: list[Row]) -> None:
        texts = [self.plan.values(number, cells, self.targets) for number, cells in chunk]
        for name, lookup in self.lookups.items():
            lookup.load(cell for row in texts if isinstance(cell := row.get(name), str))
        for draft, row in zip(drafts, texts, strict=True):
            if draft.line.result == "skipped":
                continue
            draft.values, draft.line.issues = read_row(
                row, self.targets, self.plan.units, self.lookups, self.former
            )
            if any(issue.level == "error" for issue in draft.line.issues):
                draft.line.result = "error"

    def _key(self, values: Mapping[str, Any]) -> tuple[str, ...] | None:
        """Values of the natural key as the database would hold them; None when one is missing or faulty."""
        key = self.resource.natural_key
        fields = self.form.fields
        if not key or any(name not in fields for name in key):
            return None
        given = {name: values.get(name, fields[name].initial) for name in key}
        if any(value in (None, "") for value in given.values()):
            return None
        scratch = self.model()
        try:
            for name, value in given.items():
                setattr(scratch, name, fields[name].clean(value))
            scratch.clean_fields(exclude=self.keyless)
        except ValidationError:
            return None
        return tuple(str(getattr(scratch, name)) for name in self.key_columns)

    def _find(self, drafts: list[Draft]) -> None:
        """The record each row updates. Rows of records outside the scope are refused, without telling more."""
        keys = {
            draft.line.row: key
            for draft in drafts
            if draft.line.result == "new" and (key := self._key(draft.values))
        }
        if not keys:
            return
        names = self.resource.natural_key
        widest = max(range(len(names)), key=lambda i: len({key[i] for key in keys.values()}))
        wanted = {f"{names[widest]}__in": {key[widest] for key in keys.values()}}
        everywhere = {
            tuple(str(getattr(row, name)) for name in self.key_columns): row
            for row in self.model._default_manager.filter(**wanted)
        }
        visible = set(
            self.resource.queryset_for(self.scope, "change")
            .filter(pk__in=[row.pk for row in everywhere.values()])
            .values_list("pk", flat=True)
        )
        for draft in drafts:
            key = keys.get(draft.line.row)
            if key is None:
                continue
            draft.line.key = self._key_words(draft, names)
            row = everywhere.get(key)
            if row is not None and row.pk not in visible:
                rule = _("在你的范围内没有这一行，不能导入。")
                self.fail(draft, names[0], _("不在你的范围内"), rule)
            elif row is not None:
                draft.line.result, draft.line.pk, draft.instance = "update", row.pk, row

    def _key_words(self, draft: Draft, names: tuple[str, ...]) -> str:
        """The key as the person wrote it, labels for codes: 陕A12345 黄."""
        words = []
        for name in names:
            value = draft.values.get(name, self.form.fields[name].initial)
            choices = getattr(self.model._meta.get_field(name), "flatchoices", None) or ()
            labels = {str(key): str(label) for key, label in choices}
            words.append(labels.get(str(value), str(value)))
        return " ".join(words)

    def _clean(self, draft: Draft) -> None:
        """The form's verdict, and what would change."""
        if not (self.may_change if draft.line.result == "update" else self.may_add):
            act = _("改") if draft.line.result == "update" else _("登记")
            self.fail(draft, "", _("没有权限"), _("你没有%s这类资料的权限。") % act)
            return
        if draft.instance is None:
            draft.instance = self.model()
        else:
            draft.before = {name: _stored(draft.instance, name) for name in self.form.fields}
            self._keep_masked(draft)
        quiet(draft.instance)
        errors = self.form.judge(draft.instance, draft.values)
        if errors:
            self.refuse(draft, errors.as_data())
        elif draft.line.result == "update":
            self._compare(draft)

    def _keep_masked(self, draft: Draft) -> None:
        """Who may not read a value in clear does not write over it: a file exported masked would."""
        for name in [n for n in draft.values if not readable(self.resource, self.scope, n)]:
            rule = _("你看不到原值，保持不变。")
            self._note(draft, name, _("遮盖的列不改"), rule, "notice")
            del draft.values[name]

    def _compare(self, draft: Draft) -> None:
        given = set(draft.values)
        for name in given:
            now, then = draft.before[name], _stored(draft.instance, name)
            if now != then:
                title = str(self.form.fields[name].label or name)
                draft.line.changes[title] = (self._words(name, now), self._words(name, then))
        if not draft.line.changes:
            draft.line.result = "same"
            return
        many = max(DOUBTFUL_CHANGES, len(given - set(self.resource.natural_key)) // 2 + 1)
        decision = self.plan.decision(draft.line.row) or self.plan.duplicates
        if len(draft.line.changes) < many or decision == UPDATE:
            return
        draft.line.result = "skipped" if decision == SKIP else "duplicate"
        counts = {
            "count": len(draft.line.changes),
            "titles": "、".join(list(draft.line.changes)[:3]),
        }
        rule = _("库中已有，%(count)s 列不同：%(titles)s。") % counts
        self._note(draft, self.resource.natural_key[0], _("同一条，资料不同"), rule, "duplicate")

    def _repeat(self, draft: Draft) -> None:
        clash = self.repeats.claim(draft.line, draft.instance)
        if clash:
            name, row = clash
            rule = _("与第 %s 行相同；留一行，另一行跳过。") % row
            self.fail(draft, name, _("表内重复"), rule)

    def fail(self, draft: Draft, name: str, reason: str, rule: str, fix: str = "") -> None:
        """The row will not be imported."""
        draft.line.result = "error"
        if not draft.before:
            draft.line.pk = None
        self._note(draft, name, reason, rule, "error", fix)

    def refuse(self, draft: Draft, errors: dict[str, list[ValidationError]]) -> None:
        """Errors of the form. A rule may bring `reason` (short name of its group) and `fix` in its params."""
        for name, found in errors.items():
            for error in found:
                params = error.params or {}
                title = self.targets[name].title if name in self.targets else ""
                reason = str(params.get("reason", "")) or _reason(title, str(error.code or ""))
                where = "" if name == NON_FIELD_ERRORS else name
                rule = "；".join(error.messages)
                self.fail(draft, where, reason, rule, str(params.get("fix", "")))

    def _note(
        self, draft: Draft, name: str, reason: str, rule: str, level: Level, fix: str = ""
    ) -> None:
        title = self.targets[name].title if name in self.targets else ""
        value = str(draft.values.get(name, ""))
        if draft.line.key and name in self.resource.natural_key:
            value = draft.line.key
        draft.line.issues.append(Issue(name, title, value, reason, rule, level, fix))

    def _words(self, name: str, value: Any) -> str:
        """A stored value as the person knows it."""
        if value is None:
            return ""
        if (name, value) not in self.words:
            if len(self.words) > REMEMBERED:
                self.words.clear()
            model_field = self.model._meta.get_field(name)
            shown: Any = dict(getattr(model_field, "flatchoices", ())).get(value, value)
            if isinstance(model_field, ForeignKey):
                shown = model_field.related_model._default_manager.filter(pk=value).first()
            self.words[name, value] = str(shown)
        return self.words[name, value]


def _stored(instance: Any, name: str) -> Any:
    value = getattr(instance, instance._meta.get_field(name).attname, None)
    return str(value) if isinstance(value, GEOSGeometry | list) else value


def _reason(title: str, code: str) -> str:
    match code:
        case "required" | "null" | "blank":
            return _("缺%s") % title
        case "unique" | "unique_together":
            return _("与库中重复")
        case "invalid_choice":
            return _("%s不在选项中") % title
        case _:
            return _("%s不合规则") % title if title else _("不合规则")
