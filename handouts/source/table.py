"""Turn the text of a CSV file into rows of cells, each with its place in the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

from handouts.problem import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.problem import Report

DELIMITERS = (",", ";", "\t")
MOST_ROWS = 100_001  # with the headings


class Cell(NamedTuple):
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
    reader = _Reader(text, file, _match_plain(delimiter))
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


def _match_plain(delimiter: str) -> Callable[[str, int], re.Match[str]]:
    """Return what finds a cell from an offset on without regard to quotes, and what ends it."""
    # At once, not mark by mark: half of the time that ten thousand clients take.
    pattern = re.compile(rf" *+([^{delimiter}\r\n]*+)({delimiter}|\r\n|\n|\r|\Z)")
    return cast("Callable[[str, int], re.Match[str]]", pattern.match)  # something always ends it


@dataclass(slots=True)
class _Reader:
    text: str
    file: str
    find_plain: Callable[[str, int], re.Match[str]]
    offset: int = 0
    line: int = 1
    line_start: int = 0

    def read_row(self, report: Report) -> Row | None:
        """Return the next row; None after a quote that nothing closes."""
        row: Row = []
        while True:
            found = self.find_plain(self.text, self.offset)
            begin, value = found.start(1), found[1]
            place = Place(self.file, self.line, begin - self.line_start + 1)
            if value.startswith('"'):
                quoted = self._read_quoted(begin)
                if quoted is None:
                    hint = 'close it, or double a quote inside: "the ""good"" leg"'
                    report.add("csv-quote", "a quote begins here and never ends", place, hint=hint)
                    return None
                value, found = quoted, self.find_plain(self.text, self.offset)
                if rest := found[1].strip():
                    message = f'text stands behind the closing quote: "{rest[:40]}"'
                    report.add("csv-quote", message, place, hint='double a quote inside: ""')
            row.append(Cell(value.strip(), place))
            self.offset, end = found.end(), found[2]
            if end in DELIMITERS:
                continue
            if end:
                self.line, self.line_start = self.line + 1, self.offset
            return row

    def _read_quoted(self, quote: int) -> str | None:
        """Return what stands between quotes, a doubled one standing for one; None without end."""
        parts: list[str] = []
        begin = quote + 1
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
