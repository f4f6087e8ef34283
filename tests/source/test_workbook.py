"""An Excel workbook is read as it is shown, and nothing in it is calculated or guessed."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from handouts.problem import Report
from handouts.source.roster import parse_roster
from handouts.source.workbook import read_workbook
from handouts.source.workspace import Workspace

if TYPE_CHECKING:
    from handouts.model.client import Client
    from handouts.source.vocabulary import Vocabulary

HEADINGS = ("ID", "Name", "Phone", "Conditions")


def make_book(*rows: tuple[Any, ...]) -> Workbook:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    return book


def save(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes, vocabulary: Vocabulary) -> tuple[tuple[Client, ...] | None, list[str]]:
    report = Report()
    clients = parse_roster(data, "c.xlsx", Workspace(), vocabulary, report)
    return clients, [f"{problem.place}: {problem.code}" for problem in report]


def test_numbers_become_the_text_that_was_typed(vocabulary: Vocabulary) -> None:
    rows = [(7, "Sam", 442079460000, "sore knee"), (8.0, "Ann", "020 7946", None)]
    clients, problems = read(save(make_book(HEADINGS, *rows)), vocabulary)
    assert problems == []
    assert clients
    assert [(one.id, one.telephone, one.conditions) for one in clients] == [
        ("7", "442079460000", ("knee-pain",)),
        ("8", "020 7946", ()),
    ]


def test_blank_rows_and_columns_are_no_clients(vocabulary: Vocabulary) -> None:
    rows = [("sam", "Sam", None, None, None), (None, " ", None), ("ann", "Ann")]
    clients, problems = read(save(make_book((*HEADINGS, None), *rows)), vocabulary)
    assert problems == []
    assert len(clients or ()) == 2


def test_a_formula_that_was_never_calculated_is_a_problem(vocabulary: Vocabulary) -> None:
    book = make_book(HEADINGS, ("sam", '="S"&"am"', None, "#N/A"))
    clients, problems = read(save(book), vocabulary)
    assert clients is None
    assert problems[:2] == ["c.xlsx:2:2: formula-empty", "c.xlsx:2:4: formula-empty"]


def test_a_formula_counts_with_its_saved_value(vocabulary: Vocabulary) -> None:
    data = save(make_book(HEADINGS, ("sam", '="S"&"am"', None, None)))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            text = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                assert text.count(b"<v></v>") + text.count(b"<v />") + text.count(b"<v/>") == 1
                text = re.sub(rb"<v></v>|<v ?/>", b"<v>Sam</v>", text)
                text = text.replace(b'<c r="B2">', b'<c r="B2" t="str">')
            new.writestr(part, text)
    clients, problems = read(out.getvalue(), vocabulary)
    assert problems == []
    assert clients
    assert clients[0].name == "Sam"


def test_merged_cells_are_a_problem(vocabulary: Vocabulary) -> None:
    """A condition merged over two rows is in the first one only."""
    book = make_book(HEADINGS, ("sam", "Sam", None, "sore knee"), ("ann", "Ann", None, None))
    book.worksheets[0].merge_cells("D2:D3")
    clients, problems = read(save(book), vocabulary)
    assert (clients, problems) == (None, ["c.xlsx:2:4: merged-cells"])


def test_the_sheet_called_clients_is_read_and_another_is_named(vocabulary: Vocabulary) -> None:
    book = make_book(("x",))
    sheet = book.create_sheet("Clients")
    sheet.append(HEADINGS)
    sheet.append(("sam", "Sam", None, None))
    clients, problems = read(save(book), vocabulary)
    assert len(clients or ()) == 1
    assert problems == ["c.xlsx: sheet-ignored"]


def test_a_bad_cell_is_named_by_row_and_column(vocabulary: Vocabulary) -> None:
    rows = [("sam", "Sam", None, None), (None, None, None, None), ("con", "Con", None, "rash")]
    _, problems = read(save(make_book(HEADINGS, *rows)), vocabulary)
    assert problems == ["c.xlsx:4:4: unknown-condition", "c.xlsx:4:1: bad-id"]


def test_a_hidden_character_is_a_problem(vocabulary: Vocabulary) -> None:
    _, problems = read(save(make_book(HEADINGS, ("sam", "Sam\u202e", None, None))), vocabulary)
    assert problems == ["c.xlsx:2:2: bad-character"]


def test_dates_and_truths_are_text() -> None:
    book = make_book((date(2026, 11, 20), datetime(2026, 11, 20, 9, 30), True, 1.5))  # noqa: DTZ001
    report = Report()
    (row,) = read_workbook(save(book), "c.xlsx", report)
    assert [cell.text for cell in row] == ["2026-11-20", "2026-11-20 09:30:00", "true", "1.5"]


@pytest.mark.parametrize("data", [b"", b"PK", b"id,name", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_what_is_no_workbook_is_a_problem(data: bytes, vocabulary: Vocabulary) -> None:
    assert read(data, vocabulary) == (None, ["c.xlsx: bad-workbook"])


def test_a_bomb_is_not_unpacked(vocabulary: Vocabulary) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", b" " * 60_000_000)
    assert read(out.getvalue(), vocabulary) == (None, ["c.xlsx: bad-workbook"])


@pytest.mark.parametrize("cells", ["A1:XFD1048576", "A1:D99999", "XFD9:A99999"])
def test_a_range_over_a_whole_sheet_is_not_unrolled(cells: str, vocabulary: Vocabulary) -> None:
    book = make_book(HEADINGS, ("sam", "Sam", None, None))
    book.worksheets[0].merge_cells("A9:B9")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(save(book))) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            new.writestr(part, old.read(part).replace(b"A9:B9", cells.encode()))
    assert read(out.getvalue(), vocabulary) == (None, ["c.xlsx: bad-workbook"])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_is_a_traceback(data: st.DataObject) -> None:
    """Any byte of any part of a workbook may be another one."""
    sound = save(make_book(HEADINGS, ("sam", "Sam", 7, None), ("ann", "=1+1", None, "x")))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sound)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            text = bytearray(old.read(part))
            if part.filename.startswith("xl/w"):
                at = data.draw(st.integers(0, len(text) - 1))
                text[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=4))
            new.writestr(part, bytes(text))
    report = Report()
    read_workbook(out.getvalue(), "c.xlsx", report)
    assert all(str(problem) for problem in report)


def test_a_sheet_that_is_far_too_large_is_a_problem(vocabulary: Vocabulary) -> None:
    book = make_book(HEADINGS)
    book.worksheets[0].cell(100_002, 1, "sam")
    assert read(save(book), vocabulary) == (None, ["c.xlsx: too-many"])


def test_a_sheet_that_is_hidden_is_not_chosen(vocabulary: Vocabulary) -> None:
    book = make_book(HEADINGS)
    book.create_sheet("Other").append(HEADINGS)
    book.worksheets[0].sheet_state = "hidden"
    _, problems = read(save(book), vocabulary)
    assert "c.xlsx: sheet-ignored" in problems
