"""Rows become lines, a summary, a table that no spreadsheet runs, and progress to be read."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest

from handouts.cli import ledger
from handouts.cli.ledger import Row, count_rows, say_reason, show_ledger, show_rate, write_ledger
from handouts.problem import HandoutError, Place, Problem

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [
    Row("made", "sam", "tiny", "tiny-sam.pdf", 7, "ab"),
    Row("unchanged", "ann", "tiny", "tiny-ann.pdf", 7, "ab"),
    Row("failed", "bo", "tiny", reason="must-avoid: no"),
    Row("made", "li", "tiny", "tiny-li.pdf", 7, "ab"),
]


def test_rows_are_counted() -> None:
    assert count_rows(ROWS) == "2 made, 1 unchanged, 1 failed"
    assert count_rows([]) == "nothing to do"


def test_a_reason_is_one_line_of_codes_and_messages() -> None:
    problems = [Problem("a-b", "one", Place("f", 1), "hint"), Problem("c-d", "two")]
    assert say_reason(problems) == "a-b: one | c-d: two"


def test_a_script_has_a_line_a_client(capsys: pytest.CaptureFixture[str]) -> None:
    show_ledger(ROWS[1:3])
    out, err = capsys.readouterr()
    assert (out, err) == ("unchanged\tann\ttiny-ann.pdf\nfailed\tbo\tmust-avoid: no\n", "")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_table_is_a_formula(tmp_path: Path, start: str) -> None:
    row = Row("failed", f"{start}1", "tiny", reason=f"{start}HYPERLINK(1)")
    write_ledger(tmp_path / "made.csv", [row])
    text = (tmp_path / "made.csv").read_bytes().decode("utf-8-sig")
    _, cells = csv.reader(text.splitlines(keepends=True))
    assert cells[1].startswith("'")
    assert cells[-1].startswith("'")
    write_ledger(tmp_path / "made.JSON", [row])
    (found,) = json.loads((tmp_path / "made.JSON").read_text("utf-8"))
    assert found["client"] == f"{start}1"


def test_numbers_and_nothing_stay_what_they_are(tmp_path: Path) -> None:
    write_ledger(tmp_path / "made.csv", ROWS[1:3])
    text = (tmp_path / "made.csv").read_text("utf-8-sig")
    assert text.splitlines()[1:] == [
        "unchanged,ann,tiny,tiny-ann.pdf,7,ab,",
        "failed,bo,tiny,,,,must-avoid: no",
    ]


def test_a_report_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "made.csv").mkdir()
    with pytest.raises(HandoutError, match="cannot-write"):
        write_ledger(tmp_path / "made.csv", ROWS)


def test_without_a_terminal_there_is_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 1.0, 6.0, 7.0, 12.0])
    monkeypatch.setattr("handouts.cli.ledger.time.monotonic", lambda: next(clock))
    with show_rate(8) as advance:
        for row in ROWS:
            advance(row)
    out, err = capsys.readouterr()
    assert out == ""
    # 2 in 6 s, 6 to go; 4 in 12 s, 4 to go.
    assert err.splitlines() == [
        "2 of 8, 0 a second, 18 s left, 0 failed",
        "4 of 8, 0 a second, 12 s left, 1 failed",
    ]


def test_a_short_run_says_nothing_on_its_way(capsys: pytest.CaptureFixture[str]) -> None:
    with show_rate(4) as advance:
        for row in ROWS:
            advance(row)
    assert capsys.readouterr() == ("", "")


def test_what_a_report_may_end_in() -> None:
    assert ledger.REPORTS == (".csv", ".json")
