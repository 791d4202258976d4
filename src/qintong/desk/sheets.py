"""Reads an uploaded CSV or XLSX as rows of text, in bounded memory, after checking it is safe to open.

Every refusal is a `SheetError` whose text is for the person: which value, which rule, what to do.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from qintong.desk.export_writers import FORMULA_SIGNS

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 256
MAX_CELL = 32_767
"""Characters in one cell: the limit of XLSX, applied to CSV too."""
MAX_UNPACKED = 600 * 1024 * 1024
MAX_RATIO = 200
"""Unpacked to packed bytes of one member of the archive; real sheets stay under 60."""
HEADER_SEARCH = 10
"""Rows in which the heading may stand, below a title of the sheet."""
DELIMITERS = ",\t;|，"


class SheetError(ValueError):
    """The file cannot be read. The message is shown as it is."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """A cell whose value is not in the file: an error value, a formula never computed, lost digits."""

    text: str
    rule: str


Cell = str | Flaw


@dataclass(frozen=True, slots=True)
class Sheet:
    """An opened file. `rows()` starts from the top each time; numbers are those the spreadsheet shows."""

    path: Path
    kind: str
    """csv | xlsx"""
    encoding: str
    """utf-8, gb18030, utf-16; empty for xlsx."""
    delimiter: str = ","

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """(row number from 1, cells) of every row that is not blank. Raises SheetError past MAX_ROWS."""
        source = _xlsx_rows(self.path) if self.kind == "xlsx" else self._csv_rows()
        found = 0
        for number, cells in source:
            while cells and cells[-1] == "":
                cells.pop()
            if not cells:
                continue
            found += 1
            if found > MAX_ROWS + HEADER_SEARCH:
                raise SheetError(
                    _("超过 %(most)s 行，一次导不完；拆成几个文件") % {"most": f"{MAX_ROWS:,}"}
                )
            yield number, cells

    def words(self) -> str:
        """Encoding and size: GB 18030，1.8 MB."""
        size = self.path.stat().st_size
        names = {"gb18030": "GB 18030", "utf-16": "UTF-16", "utf-8-sig": "UTF-8"}
        shown = f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(size // 1024, 1)} KB"
        return "，".join(part for part in (names.get(self.encoding, ""), shown) if part)

    def _csv_rows(self) -> Iterator[tuple[int, list[Cell]]]:
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter)
            try:
                for cells in reader:
                    yield reader.line_num, [_text(cell) for cell in cells[:MAX_COLUMNS]]
            except csv.Error as error:
                raise SheetError(
                    _("第 %(line)s 行读不下去（%(error)s）；检查引号是否成对")
                    % {"line": reader.line_num, "error": error}
                ) from error


def open_sheet(path: Path, name: str) -> Sheet:
    """Checks size, kind and packing before anything is parsed. `name` is what the person called it."""
    size = path.stat().st_size
    if size == 0:
        raise SheetError(_("%(name)s 是空文件") % {"name": name})
    if size > MAX_BYTES:
        raise SheetError(
            _("%(name)s 有 %(size).0f MB，最多 %(most).0f MB；拆成几个文件")
            % {"name": name, "size": size / 2**20, "most": MAX_BYTES / 2**20}
        )
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"PK\x03\x04"):
        _check_archive(path, name)
        return Sheet(path, "xlsx", "")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise SheetError(_("%(name)s 是旧版 .xls；另存为 .xlsx 或 CSV 再上传") % {"name": name})
    encoding = _encoding(path, name)
    return Sheet(path, "csv", encoding, _delimiter(path, encoding))


def _check_archive(path: Path, name: str) -> None:
    """Sizes come from the directory of the archive; reading never unpacks more than it declares."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise SheetError(_("%(name)s 打不开：压缩包已损坏") % {"name": name}) from error
    if "xl/workbook.xml" not in {member.filename for member in members}:
        raise SheetError(_("%(name)s 不是 XLSX 表格") % {"name": name})
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED or len(members) > 2_000:
        raise SheetError(
            _("%(name)s 解开后有 %(size).0f MB，最多 %(most).0f MB；没有打开它")
            % {"name": name, "size": unpacked / 2**20, "most": MAX_UNPACKED / 2**20}
        )
    for member in members:
        large = member.file_size > 1024 * 1024
        if large and member.file_size > MAX_RATIO * max(member.compress_size, 1):
            raise SheetError(
                _("%(name)s 的 %(member)s 压缩比超过 %(most)s，像压缩炸弹；没有打开它")
                % {"name": name, "member": member.filename, "most": MAX_RATIO}
            )


def _encoding(path: Path, name: str) -> str:
    """By byte order mark, else the first of UTF-8 and GB 18030 that decodes the whole file."""
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            with path.open(encoding=encoding, newline="") as file:
                while block := file.read(1 << 20):
                    if "\x00" in block:
                        raise SheetError(
                            _("%(name)s 不是文本表格；上传 CSV 或 XLSX") % {"name": name}
                        )
            return encoding
        except UnicodeDecodeError:
            continue
    raise SheetError(
        _("%(name)s 的编码既不是 UTF-8 也不是 GB 18030；另存为 CSV UTF-8 再上传") % {"name": name}
    )


def _delimiter(path: Path, encoding: str) -> str:
    """The candidate that splits the first lines into most columns, outside quotes."""
    with path.open(encoding=encoding, newline="") as file:
        sample = file.read(64 * 1024)
    csv.field_size_limit(MAX_CELL)
    best, most = ",", 0
    for delimiter in DELIMITERS:
        lines = csv.reader(io.StringIO(sample), delimiter=delimiter)
        try:
            width = max(
                (len(row) for row, _n in zip(lines, range(HEADER_SEARCH), strict=False)), default=0
            )
        except csv.Error:
            continue
        if width > most:
            best, most = delimiter, width
    return best


def _xlsx_rows(path: Path) -> Iterator[tuple[int, list[Cell]]]:
    """Values of the first sheet; where it holds formulas, a second pass beside the first finds those never computed."""
    with ExitStack() as opened:

        def book_rows(**how: Any) -> Iterator[tuple[Any, ...]]:
            file = opened.enter_context(
                path.open("rb")
            )  # openpyxl refuses names that do not end in .xlsx
            book = load_workbook(file, read_only=True, **how)
            opened.callback(book.close)
            return _first_sheet_rows(book)

        try:
            rows = book_rows(data_only=True)
            beside = book_rows() if _has_formulas(path) else iter(())
            for number, (row, source) in enumerate(zip_longest(rows, beside), start=1):
                pairs = zip_longest(row or (), source or ())
                yield number, [_cell(value, formula) for value, formula in pairs]
        except _BROKEN as error:
            raise SheetError(_("表格读不下去：%(error)s") % {"error": str(error)[:200]}) from error


_BROKEN = (
    InvalidFileException,
    zipfile.BadZipFile,
    DefusedXmlException,
    ElementTree.ParseError,
    KeyError,
    IndexError,
    TypeError,
    ValueError,
    zlib.error,
)
"""What reading a damaged or hostile workbook raises, in openpyxl and below it."""


def _first_sheet_rows(book: Any) -> Iterator[tuple[Any, ...]]:
    sheet = book.worksheets[0]
    sheet.reset_dimensions()
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True)
    return rows


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            if not member.startswith("xl/worksheets/"):
                continue
            with archive.open(member) as sheet:
                tail = b""
                while block := sheet.read(1 << 20):
                    if b"<f>" in tail + block or b"<f " in tail + block:
                        return True
                    tail = block[-2:]
    return False


def _cell(value: Any, formula: Any) -> Cell:
    if value is None:
        if isinstance(formula, str) and formula.startswith("="):
            return Flaw(formula[:80], _("公式没有存下算出的值；在表格软件里打开、保存后再上传"))
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M:%S")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        if abs(value) >= 1e15:
            return Flaw(
                f"{value:.15g}", _("数字超过 15 位，末位已被表格软件抹掉；把该列设为文本后重填")
            )
        return f"{value:.15g}"
    text = str(value)
    if text.startswith("#") and text in {
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#NAME?",
        "#DIV/0!",
        "#NULL!",
        "#NUM!",
    }:
        return Flaw(text, _("表中是错误值 %(value)s；改正公式或填值") % {"value": text})
    return _text(text)


def _text(value: str) -> str:
    """Without the apostrophe that an export puts before what looks like a formula."""
    text = value.replace("\x00", "").strip().strip("\ufeff")[:MAX_CELL]
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_SIGNS) else text


def header_of(sheet: Sheet, known: set[str]) -> tuple[int, list[str]]:
    """(row number, headings): the row among the first ones that names most known titles, else the first."""
    best: tuple[int, list[str]] | None = None
    most = -1
    rows = sheet.rows()
    for number, cells in (row for row, _n in zip(rows, range(HEADER_SEARCH), strict=False)):
        texts = [cell if isinstance(cell, str) else cell.text for cell in cells]
        score = sum(text in known for text in texts)
        if score > most:
            best, most = (number, texts), score
    if best is None:
        raise SheetError(_("表中没有内容"))
    return best


def data_rows(sheet: Sheet, header_row: int) -> Iterator[tuple[int, list[Cell]]]:
    """Rows below the heading."""
    rows = sheet.rows()
    first = next((row for row in rows if row[0] > header_row), None)
    return chain([first], rows) if first else iter(())
