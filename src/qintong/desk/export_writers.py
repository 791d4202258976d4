"""Rows → CSV, XLSX or GeoJSON files, in bounded memory. No text of ours becomes a formula of theirs."""

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""First characters that make a spreadsheet read text as a formula."""

Value = str | int | float | Decimal | bool | date | datetime | None
Progress = Callable[[int], None]
PROGRESS_EVERY = 1_000


def neutral(value: Value) -> Any:
    """Text that a spreadsheet would run gets a leading apostrophe; numbers stay numbers."""
    if isinstance(value, str) and value.lstrip(" \n").startswith(FORMULA_SIGNS):
        return "'" + value
    return value


def plain_text(value: Value) -> Any:
    """As written in CSV."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return neutral(value)


def write_csv(
    path: Path, titles: Sequence[str], rows: Iterable[Sequence[Value]], progress: Progress
) -> int:
    """UTF-8 with byte order mark, so that spreadsheets show Chinese. → number of rows."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([neutral(title) for title in titles])
        for count, row in enumerate(rows, start=1):
            writer.writerow([plain_text(value) for value in row])
            if count % PROGRESS_EVERY == 0:
                progress(count)
    return count


def write_xlsx(
    path: Path, titles: Sequence[str], rows: Iterable[Sequence[Value]], progress: Progress
) -> int:
    """One sheet with a fixed heading, written row by row. → number of rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    sheet.freeze_panes = "A2"
    heading = [WriteOnlyCell(sheet, value=title) for title in titles]
    for cell in heading:
        cell.font = Font(bold=True)
    sheet.append(heading)
    count = 0
    for count, row in enumerate(rows, start=1):
        sheet.append([_xlsx_value(sheet, value) for value in row])
        if count % PROGRESS_EVERY == 0:
            progress(count)
    book.save(path)
    return count


def _xlsx_value(sheet: Any, value: Value) -> Any:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    if not text.startswith(FORMULA_SIGNS):
        return text
    cell = WriteOnlyCell(sheet, value=neutral(text))
    cell.data_type = "s"
    return cell


def write_geojson(
    path: Path,
    names: Sequence[str],
    rows: Iterable[tuple[Any, str | None, Sequence[Value]]],
    progress: Progress,
) -> int:
    """Features of (id, geometry as GeoJSON text, values); coordinates are CGCS2000 lon-lat. → number of rows."""
    count = 0
    with path.open("wb") as file:
        file.write(b'{"type":"FeatureCollection","features":[')
        for count, (pk, geometry, values) in enumerate(rows, start=1):
            feature = {
                "type": "Feature",
                "id": pk,
                "geometry": orjson.Fragment(geometry) if geometry else None,
                "properties": dict(zip(names, values, strict=True)),
            }
            file.write((b"," if count > 1 else b"") + b"\n")
            file.write(orjson.dumps(feature, default=_json_value))
            if count % PROGRESS_EVERY == 0:
                progress(count)
        file.write(b"\n]}\n")
    return count


def _json_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)
