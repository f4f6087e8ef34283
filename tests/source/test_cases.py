"""Case files: an exercise as typed, and the exact lines that the program answers with.

``UPDATE_CASES=1 pytest tests/source/test_cases.py`` writes the answers anew: read the diff.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from handouts.problem import Report
from handouts.source.library import parse_exercise

if TYPE_CHECKING:
    from handouts.source.vocabulary import Vocabulary

CASES = sorted(Path(__file__).with_name("cases").glob("*.yaml"))


def answer(data: bytes, name: str, vocabulary: Vocabulary) -> str:
    report = Report()
    exercise = parse_exercise(data, "squat", f"{name}.yaml", vocabulary, report)
    assert (exercise is None) == bool(report.errors)
    return "".join(f"{problem}\n" for problem in report.sorted()) or "no problem\n"


def assert_same(got: str, expected: Path) -> None:
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(got, encoding="utf-8")
    assert got == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case_gives_exactly_these_lines(case: Path, vocabulary: Vocabulary) -> None:
    assert_same(answer(case.read_bytes(), case.stem, vocabulary), case.with_suffix(".txt"))


def test_there_are_cases_and_each_has_its_answer() -> None:
    answers = {path.stem for path in Path(__file__).with_name("cases").glob("*.txt")}
    assert {case.stem for case in CASES} == answers
    assert len(CASES) >= 15


def test_a_moved_problem_fails_the_comparison(tmp_path: Path, vocabulary: Vocabulary) -> None:
    case = next(case for case in CASES if case.stem == "unknown-keys")
    expected = tmp_path / "expected.txt"
    expected.write_text(case.with_suffix(".txt").read_text(encoding="utf-8"), encoding="utf-8")
    moved = b"# one line more\n" + case.read_bytes()
    if os.environ.get("UPDATE_CASES"):
        pytest.skip("answers are being written")
    with pytest.raises(AssertionError):
        assert_same(answer(moved, case.stem, vocabulary), expected)
