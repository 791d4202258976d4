"""Finds rows of a file that claim the same unique values as an earlier row of it."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.db.models import Model, Q, UniqueConstraint

from qintong.desk.import_lines import Line


@dataclass(slots=True)
class Repeats:
    """Digests only: 100,000 rows with three unique sets take some 30 MB."""

    sets: list[tuple[str, ...]]
    """Unique sets of fields, natural key first."""
    seen: list[dict[int, int]]
    """Set by set: digest → first row."""

    @classmethod
    def of(cls, model: type[Model], key: tuple[str, ...]) -> "Repeats":
        sets = [key] if key else []
        sets += [(f.name,) for f in model._meta.concrete_fields if f.unique and not f.primary_key]
        sets += [
            tuple(constraint.fields)
            for constraint in model._meta.constraints
            if isinstance(constraint, UniqueConstraint)
            and constraint.fields
            and _plain_or_not_blank(constraint)
        ]
        sets = list(dict.fromkeys(sets))
        return cls(sets, [{} for _names in sets])

    def claim(self, line: Line, instance: Any) -> tuple[str, int] | None:
        """Keeps the row's digests on its line; → (field, earlier row) when one is taken."""
        line.uniques = [_digest(instance, names) for names in self.sets]
        for names, digest, seen in zip(self.sets, line.uniques, self.seen, strict=True):
            if digest is not None and seen.setdefault(digest, line.row) != line.row:
                return names[0], seen[digest]
        return None

    def remember(self, line: Line) -> None:
        """A row judged before: a recheck of other rows still sees it."""
        for digest, seen in zip(line.uniques, self.seen, strict=False):
            if digest is not None and line.result != "error":
                seen.setdefault(digest, line.row)


def _plain_or_not_blank(constraint: UniqueConstraint) -> bool:
    """Without condition, or only sparing blanks, which have no digest anyway."""
    blanks = [~Q(**{name: ""}) for name in constraint.fields]
    return constraint.condition is None or constraint.condition in blanks


def _digest(instance: Any, names: tuple[str, ...]) -> int | None:
    values = [getattr(instance, instance._meta.get_field(name).attname) for name in names]
    if any(value in (None, "") for value in values):
        return None
    return int.from_bytes(blake2b(repr(values).encode(), digest_size=7).digest())
