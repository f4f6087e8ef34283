"""Turn the text of a CSV file into rows of cells, each with its place in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handouts.problem import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.problem import Report

DELIMITERS = (",", ";", "\t")
MOST_ROWS = 100_001  # with the headings


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one cell, and where."""

    text: str
    place: Place


Row = list[Cell]


def sniff_delimiter(text: str, knows: Callable[[str], bool]) -> str:
    """Return what parts the cells: that by which most headings are known, else most headings."""
    first = next((line for line in text.splitlines() if line.strip()), "")

    def score(delimiter: str) -> tuple[int, int]:
        cells = [cell.strip(' "') for cell in first.split(delimiter)]
        return sum(map(knows, cells)), len(cells)

    return max(DELIMITERS, key=score)


def read_csv(text: str, file: str, delimiter: str, report: Report) -> list[Row]:
    """Return the rows that are not blank, as RFC 4180 has them; any line end will do.

    A quote that is not closed, or after which the cell goes on, is noted as ``csv-quote``.
    """
    reader = _Reader(text, file, delimiter)
    rows: list[Row] = []
    while reader.offset < len(text) and len(rows) <= MOST_ROWS:
        row = reader.read_row(report)
        if row is None:
            break
        if any(cell.text for cell in row):
            rows.append(row)
    if len(rows) > MOST_ROWS:
        message = f"more than {MOST_ROWS - 1} clients stand in the file"
        report.add("too-many", message, rows[-1][0].place, hint="make two files")
    return rows


@dataclass(slots=True)
class _Reader:
    text: str
    file: str
    delimiter: str
    offset: int = 0
    line: int = 1
    line_start: int = 0

    def _place(self) -> Place:
        return Place(self.file, self.line, self.offset - self.line_start + 1)

    def read_row(self, report: Report) -> Row | None:
        """Return the next row; None after a quote that nothing closes."""
        row: Row = []
        while True:
            while self.text[self.offset : self.offset + 1] == " ":
                self.offset += 1
            place = self._place()
            if self.text[self.offset : self.offset + 1] == '"':
                value = self._read_quoted()
                if value is None:
                    hint = 'close it, or double a quote inside: "the ""good"" leg"'
                    report.add("csv-quote", "a quote begins here and never ends", place, hint=hint)
                    return None
                if rest := self._read_plain().strip():
                    message = f'text stands behind the closing quote: "{rest[:40]}"'
                    report.add("csv-quote", message, place, hint='double a quote inside: ""')
            else:
                value = self._read_plain()
            row.append(Cell(value.strip(), place))
            if self._take(self.delimiter):
                continue
            self._take_line_end()
            return row

    def _read_plain(self) -> str:
        begin = self.offset
        ends = (self.delimiter, "\n", "\r")
        found = [at for end in ends if (at := self.text.find(end, begin)) >= 0]
        self.offset = min(found, default=len(self.text))
        return self.text[begin : self.offset]

    def _read_quoted(self) -> str | None:
        """Return what stands between quotes, a doubled one standing for one; None without end."""
        parts: list[str] = []
        begin = self.offset + 1
        while (end := self.text.find('"', begin)) >= 0:
            parts.append(self.text[begin:end])
            begin = end + 1
            if self.text[begin : begin + 1] != '"':
                self._move(begin)
                return '"'.join(parts)
            begin += 1
        return None

    def _move(self, offset: int) -> None:
        """Go on to an offset, counting the lines that a quoted cell runs over."""
        passed = self.text[self.offset : offset].replace("\r\n", " \n").replace("\r", "\n")
        if breaks := passed.count("\n"):
            self.line += breaks
            self.line_start = self.offset + passed.rindex("\n") + 1
        self.offset = offset

    def _take(self, mark: str) -> bool:
        if not self.text.startswith(mark, self.offset):
            return False
        self.offset += len(mark)
        return True

    def _take_line_end(self) -> None:
        if self._take("\r\n") or self._take("\n") or self._take("\r"):
            self.line += 1
            self.line_start = self.offset
