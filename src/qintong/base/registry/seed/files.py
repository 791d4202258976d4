"""The seed's CSV files as rows of text."""

import csv
from importlib.resources import files
from itertools import groupby


def read(name: str) -> list[dict[str, str]]:
    text = (files(__package__) / f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def grouped(rows: list[dict[str, str]], key: str) -> dict[str, list[dict[str, str]]]:
    """Rows by a column, in drawing order."""
    ordered = sorted(rows, key=lambda row: (row[key], int(row["seq"])))
    return {code: list(group) for code, group in groupby(ordered, lambda row: row[key])}


def place(row: dict[str, str]) -> tuple[float, float]:
    return float(row["lon"]), float(row["lat"])


def whole(text: str) -> int | None:
    return int(text) if text else None
