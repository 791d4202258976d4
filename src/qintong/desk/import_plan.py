"""What a person decided about a file: columns, units, replacements, single cells, duplicates. Kept as JSON with the run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qintong.desk.import_mapping import Target
from qintong.desk.sheets import Cell

SKIP, UPDATE = "skip", "update"


@dataclass(slots=True)
class Plan:
    """Changed by the mapping page and by fixes on the report; the file itself is never changed."""

    header_row: int = 1
    headings: list[str] = field(default_factory=list)
    columns: dict[int, str] = field(default_factory=dict)
    """Column index → target name; columns left out are not imported."""
    units: dict[str, str] = field(default_factory=dict)
    """Target name → unit the column is written in, when it is not the field's own."""
    replacements: dict[str, dict[str, str]] = field(default_factory=dict)
    """Target name → {value in the file → value instead}: one fix for many rows."""
    cells: dict[int, dict[str, str]] = field(default_factory=dict)
    """Row → {target name → value instead}."""
    decisions: dict[int, str] = field(default_factory=dict)
    """Row → SKIP, or UPDATE for a suspected duplicate that is to be written over."""
    duplicates: str = ""
    """UPDATE or SKIP: decision for all suspected duplicates without one of their own."""

    source: str = ""
    """Encoding and size of the file, for the page."""

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Plan":
        plan = cls(**stored) if stored else cls()
        plan.columns = {int(index): name for index, name in plan.columns.items()}
        plan.cells = {int(row): dict(values) for row, values in plan.cells.items()}
        plan.decisions = {int(row): decision for row, decision in plan.decisions.items()}
        return plan

    def to_json(self) -> dict[str, Any]:
        return {
            "header_row": self.header_row,
            "headings": self.headings,
            "columns": {str(index): name for index, name in self.columns.items()},
            "units": self.units,
            "replacements": self.replacements,
            "cells": {str(row): values for row, values in self.cells.items()},
            "decisions": {str(row): decision for row, decision in self.decisions.items()},
            "duplicates": self.duplicates,
            "source": self.source,
        }

    def values(self, row: int, cells: list[Cell], targets: Mapping[str, Target]) -> dict[str, Cell]:
        """Target name → what the file says, after the fixes. Blank cells are left out."""
        found: dict[str, Cell] = {}
        for index, name in self.columns.items():
            if name not in targets or index >= len(cells) or cells[index] == "":
                continue
            cell = cells[index]
            if isinstance(cell, str):
                cell = self.replacements.get(name, {}).get(cell, cell)
            found[name] = cell
        found |= self.cells.get(row, {})
        return {name: cell for name, cell in found.items() if cell != ""}

    def decision(self, row: int) -> str:
        return self.decisions.get(row, "")
