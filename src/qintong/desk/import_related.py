"""Finds the record a file names: by natural key, by code, by name; a chunk of rows in one query a field."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from django.db.models import CharField, Model, Q, QuerySet

from qintong.desk.registry import resources

NAMING = ("code", "name", "full_name", "short_name", "plate_number", "credit_code")
"""Unique-looking text fields tried beyond the natural key, where the model has them."""
CACHED = 50_000
"""Names remembered a field before the cache starts again."""


@dataclass(slots=True)
class Found:
    """Outcome of one name."""

    pk: Any = None
    rows: int = 0
    """How many records bear the name; 1 is an answer."""
    near: str = ""
    """A name that exists and is spelled alike, when nothing was found."""


@dataclass
class Lookup:
    """Names of one foreign key inside a scope, remembered from chunk to chunk."""

    queryset: QuerySet[Any]
    """The choices of the form's field: only rows of the person's scope."""
    found: dict[str, Found] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        resource = resources().get(self.queryset.model._meta.label_lower)
        return resource.natural_key if resource else ()

    def load(self, names: Iterable[str]) -> None:
        """Looks up the names not yet known, in one query, and near ones for those that do not exist."""
        if len(self.found) > CACHED:
            self.found.clear()
        missing = sorted({name for name in names if name not in self.found})
        if not missing:
            return
        model = self.queryset.model
        naming = _naming_fields(model, self.key)
        wanted = set(missing)
        match = Q(pk__in=[])
        for name in naming:
            match |= Q(**{f"{name}__in": missing})
        joint = self._joint(missing)
        if joint:
            match |= Q(**{f"{self.key[0]}__in": [parts[0] for parts in joint]})
        hits: dict[str, set[Any]] = {}
        for row in self.queryset.filter(match).values("pk", *{*naming, *self.key}):
            names_of_row = {str(row[name]) for name in naming if row[name]}
            if len(self.key) > 1:
                names_of_row.add(" ".join(str(row[name]) for name in self.key))
            for name in names_of_row & wanted:
                hits.setdefault(name, set()).add(row["pk"])
        for name in missing:
            pks = hits.get(name, set())
            only = next(iter(pks)) if len(pks) == 1 else None
            self.found[name] = Found(only, len(pks), "" if pks else self._near(name, naming))

    def _joint(self, names: list[str]) -> list[list[str]]:
        """`陕A12345 黄`: the parts of a key of several fields, written with a space between."""
        if len(self.key) < 2:
            return []
        return [parts for name in names if len(parts := name.split()) == len(self.key)]

    def _near(self, name: str, naming: list[str]) -> str:
        """Best of the names of the scope that share a character with this one; asked only for unknown names."""
        titles = [field for field in naming if field.endswith("name")]
        if not titles:
            return ""
        field_name = titles[0]
        candidates = (
            self.queryset.filter(**{f"{field_name}__contains": name[:2]})
            .order_by()
            .values_list(field_name, flat=True)[:50]
        )
        near = get_close_matches(name, list(candidates), n=1, cutoff=0.5)
        return near[0] if near else ""


def _naming_fields(model: type[Model], key: tuple[str, ...]) -> list[str]:
    texts = {f.name for f in model._meta.concrete_fields if isinstance(f, CharField)}
    single = key if len(key) == 1 else ()
    return [name for name in dict.fromkeys((*single, *NAMING)) if name in texts]
