"""Case files: a list of clients as typed, and the exact lines that the program answers with.

``UPDATE_CASES=1 pytest tests/source/test_roster.py`` writes the answers anew: read the diff.
"""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handouts.model.client import MOST_CLIENTS
from handouts.problem import HandoutError, Report
from handouts.source import table
from handouts.source.roster import find_roster, parse_roster, read_roster
from handouts.source.table import read_csv, sniff_delimiter
from handouts.source.workspace import Workspace

if TYPE_CHECKING:
    from handouts.model.client import Client
    from handouts.source.vocabulary import Vocabulary

FOLDER = Path(__file__).with_name("rosters")
CASES = sorted(file for file in FOLDER.iterdir() if file.suffix != ".txt")


def read(
    data: bytes, name: str, vocabulary: Vocabulary
) -> tuple[tuple[Client, ...] | None, Report]:
    report = Report()
    return parse_roster(data, name, Workspace(), vocabulary, report), report


def answer(data: bytes, name: str, vocabulary: Vocabulary) -> str:
    clients, report = read(data, name, vocabulary)
    assert (clients is None) == bool(report.errors)
    lines = [f"{problem}\n" for problem in report.sorted()]
    lines += [
        f"{client.id}: {client.name}; {', '.join(client.conditions) or 'none'}"
        f"{f'; {client.telephone}' if client.telephone else ''}\n"
        for client in clients or ()
    ]
    return "".join(lines)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_gives_exactly_these_lines(case: Path, vocabulary: Vocabulary) -> None:
    got = answer(case.read_bytes(), case.name, vocabulary)
    expected = case.with_name(f"{case.name}.txt")
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(got, encoding="utf-8")
    assert got == expected.read_text(encoding="utf-8")


def test_there_are_cases_and_each_has_its_answer() -> None:
    assert {f"{case.name}.txt" for case in CASES} == {file.name for file in FOLDER.glob("*.txt")}
    assert len(CASES) >= 15


def test_a_row_that_is_moved_moves_its_problems(vocabulary: Vocabulary) -> None:
    case = FOLDER / "bad-rows.csv"
    moved = case.read_bytes().replace(b"\n,Tom", b"\nbo,Bo,,,,,,\n,Tom")
    expected = case.with_name("bad-rows.csv.txt").read_text(encoding="utf-8")
    assert answer(moved, "bad-rows.csv", vocabulary) != expected


def test_every_bad_row_is_reported(vocabulary: Vocabulary) -> None:
    rows = "".join(f"c{n},Sam,rash {n}\n" for n in range(400))
    _, report = read(f"id,name,conditions\n{rows}".encode(), "c.csv", vocabulary)
    assert [problem.place.line for problem in report if problem.place] == [*range(2, 402)]


def test_the_most_clients(vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch) -> None:
    assert table.MOST_ROWS == MOST_CLIENTS + 1  # the headings
    monkeypatch.setattr(table, "MOST_ROWS", 51)
    rows = "".join(f"c{n},Sam,\n" for n in range(51))
    clients, report = read(f"id,name,conditions\n{rows}".encode(), "c.csv", vocabulary)
    assert clients is None
    assert [problem.code for problem in report] == ["too-many"]
    fewer = rows[: rows.index("c50")]
    clients, report = read(f"id,name,conditions\n{fewer}".encode(), "c.csv", vocabulary)
    assert len(clients or ()) == 50


def test_a_programme_must_be_there(vocabulary: Vocabulary) -> None:
    text = "id,name,conditions,programme\nsam,Sam,,{}\n"
    clients, _ = read(text.format("balance").encode(), "c.csv", vocabulary)
    assert clients
    assert clients[0].programme == "balance"
    _, report = read(text.format("balanse").encode(), "c.csv", vocabulary)
    assert [problem.hint for problem in report] == ['did you mean "balance"?']


def test_the_workspaces_own_list_is_found(tmp_path: Path, vocabulary: Vocabulary) -> None:
    workspace = Workspace(tmp_path)
    with pytest.raises(HandoutError, match="there is no list"):
        find_roster(workspace)
    with pytest.raises(HandoutError, match="there is no list"):
        find_roster(Workspace())
    (tmp_path / "clients.csv").write_text("id,name,conditions\nsam,Sam,\n", encoding="utf-8")
    file = find_roster(workspace)
    report = Report()
    assert read_roster(file, "clients.csv", workspace, vocabulary, report)
    (tmp_path / "clients.yaml").touch()
    with pytest.raises(HandoutError, match=r"clients\.yaml and clients\.csv"):
        find_roster(workspace)
    assert read_roster(tmp_path / "gone.csv", "gone.csv", workspace, vocabulary, report) is None
    assert [problem.code for problem in report] == ["unreadable"]


def test_another_kind_of_file(vocabulary: Vocabulary) -> None:
    _, report = read(b"x", "clients.docx", vocabulary)
    assert [problem.code for problem in report] == ["unknown-kind"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_told_by_the_headings(delimiter: str) -> None:
    known = {"id", "name"}
    assert (
        sniff_delimiter(delimiter.join(["id", '"name"', "a,b;c"]), known.__contains__) == delimiter
    )


CELLS = st.text(st.characters(exclude_categories=["C"], include_characters='",;\n'), max_size=8)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=5), st.sampled_from(",;\t"))
def test_what_the_csv_module_writes_is_read(rows: list[list[str]], delimiter: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    report = Report()
    got = read_csv(out.getvalue(), "c.csv", delimiter, report)
    wanted = [[cell.strip() for cell in row] for row in rows]
    assert [[cell.text for cell in row] for row in got] == [row for row in wanted if any(row)]
    assert list(report) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from('id,name;conditions\n\r"\t sam='), max_size=80))
def test_no_text_breaks_the_reader(vocabulary: Vocabulary, text: str) -> None:
    clients, report = read(f"id,name,conditions\n{text}".encode(), "c.csv", vocabulary)
    assert (clients is None) == bool(report.errors)
