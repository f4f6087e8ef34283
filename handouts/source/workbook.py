"""Turn the first sheet of an Excel workbook into rows of cells; nothing in it is calculated."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from handouts.problem import Place
from handouts.source.table import MOST_ROWS, Cell, Row

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from handouts.problem import Report

MOST_BYTES = 5_000_000
_MOST_UNPACKED = 50_000_000  # a small archive can unpack to a disk's worth
_MOST_COLUMNS = 60
# openpyxl makes an object of every cell of such a range: all of a sheet is 17 thousand million.
_RANGE = re.compile(
    rb"""<(?:\w+:)?(?:mergeCell|hyperlink)\b[^>]*?\bref\s*=\s*["']([A-Z]+)(\d+):([A-Z]+)(\d+)["']"""
)
_MOST_IN_RANGE = 100_000
_SHEET = "clients"
_OLE = b"\xd0\xcf\x11\xe0"  # a workbook of Excel 97, or one behind a password


def read_workbook(data: bytes, file: str, report: Report) -> list[Row]:
    """Return the rows that are not blank of the sheet "Clients", or else of the first sheet.

    A place's line is the row's number and its column the column's. Telephone numbers and ids that
    Excel keeps as numbers are written without a decimal point. A formula counts with the value
    that Excel last saved; without one it is noted.
    """
    typed = _open(data, file, report, values=False)
    saved = None if typed is None else _open(data, file, report, values=True)
    if typed is None or saved is None:
        return []
    sheet = _choose_sheet(typed, file, report)
    if sheet is None:
        return []
    if sheet.max_row > MOST_ROWS or sheet.max_column > _MOST_COLUMNS:
        message = f"the sheet has {sheet.max_row} rows and {sheet.max_column} columns"
        hint = f"{MOST_ROWS - 1} clients are the most; delete what is empty below and beside them"
        report.add("too-many", message, Place(file), hint=hint)
        return []
    for merged in sheet.merged_cells.ranges:
        message = f"the cells {merged.coord} are merged: it cannot be told whose the text is"
        place = Place(file, merged.min_row, merged.min_col)
        report.add("merged-cells", message, place, hint="split them and fill each one in")
    return _read_rows(sheet, saved[sheet.title], file, report)


def _open(data: bytes, file: str, report: Report, *, values: bool) -> Workbook | None:
    import openpyxl

    hint = "save it anew as .xlsx, without a password, or as CSV"
    if data.startswith(_OLE):
        message = "this is an old or a locked workbook"
        report.add("bad-workbook", message, Place(file), hint=hint)
        return None
    try:
        if fault := _find_bomb(data):
            report.add("bad-workbook", fault, Place(file), hint=hint)
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of charts and menus that we have no use for
            return openpyxl.load_workbook(io.BytesIO(data), data_only=values, keep_links=False)
    except Exception as error:  # noqa: BLE001  openpyxl raises whatever its parts do
        kind = type(error).__name__
        message = f"the workbook cannot be read ({kind})"
        report.add("bad-workbook", message, Place(file), hint=hint)
        return None


def _find_bomb(data: bytes) -> str:
    """Return what would fill the memory if the workbook were opened; "" if nothing would."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > _MOST_UNPACKED:
            return "the workbook unpacks to over 50 MB"
        for part in parts:
            if part.filename.endswith(".xml") and "sheet" in part.filename.lower():
                ranges = _RANGE.finditer(archive.read(part))
                if any(_count_cells(*match.groups()) > _MOST_IN_RANGE for match in ranges):
                    return "a link or a merged cell covers a whole sheet"
    return ""


def _count_cells(left: bytes, top: bytes, right: bytes, bottom: bytes) -> int:
    from openpyxl.utils import column_index_from_string as number

    width: int = number(right.decode()) - number(left.decode())
    return (abs(width) + 1) * (abs(int(bottom) - int(top)) + 1)


def _choose_sheet(book: Workbook, file: str, report: Report) -> Worksheet | None:
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    named = [sheet for sheet in sheets if sheet.title.strip().casefold() == _SHEET]
    if not sheets:
        report.add("bad-workbook", "the workbook has no sheet that is shown", Place(file))
        return None
    chosen: Worksheet = (named or sheets)[0]
    for sheet in book.worksheets:
        filled = any(cell.value is not None for row in sheet.iter_rows() for cell in row)
        if sheet is not chosen and filled:
            message = f'the sheet "{sheet.title}" is not read, only "{chosen.title}"'
            hint = "keep all clients on one sheet"
            report.warn("sheet-ignored", message, Place(file), hint=hint)
    return chosen


def _read_rows(typed: Worksheet, saved: Worksheet, file: str, report: Report) -> list[Row]:
    rows: list[Row] = []
    for line in typed.iter_rows():
        row: Row = []
        for cell in line:
            place = Place(file, cell.row, cell.column)
            value = cell.value
            if cell.data_type == "f":
                value = saved.cell(cell.row, cell.column).value
                if value is None:
                    message = f"{cell.coordinate}: a formula that was never calculated"
                    hint = "open and save the file in Excel, or type the value itself"
                    report.add("formula-empty", message, place, hint=hint)
                    value = "?"
            text = _write(value)
            if _is_error(text):
                message = f"{cell.coordinate}: {text} is an error of the sheet"
                report.add("formula-empty", message, place, hint="type the value itself")
            row.append(Cell(text, place))
        if any(cell.text for cell in row):
            rows.append(row)
    return rows


def _is_error(text: str) -> bool:
    # ECMA-376 part 1, 18.17.3
    return text in {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}


def _write(value: Any) -> str:  # noqa: ANN401  whatever a cell holds
    """Return a cell as the person who typed it saw it, near enough."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()
