"""A problem's line is a contract: place, severity, code, message, hint."""

from __future__ import annotations

import json

import pytest

from handouts.problem import ExitCode, HandoutError, Place, Problem, Report, Severity

PROBLEM = Problem(
    "dose-incomplete", 'dose.strength: "3 ×" has no repetitions', Place("a.yaml", 14, 5), "write it"
)


def test_a_problem_is_a_line_and_a_hint() -> None:
    assert str(PROBLEM) == (
        'a.yaml:14:5: error[dose-incomplete] dose.strength: "3 ×" has no repetitions\n'
        "  hint: write it"
    )


@pytest.mark.parametrize(
    ("place", "text"),
    [(Place("a"), "a"), (Place("a", 3), "a:3"), (Place("a", 3, 7), "a:3:7")],
)
def test_a_place_shows_what_is_known(place: Place, text: str) -> None:
    assert str(place) == text


def test_a_problem_without_a_place_begins_with_its_severity() -> None:
    assert str(Problem("x", "m", severity=Severity.WARNING)) == "warning[x] m"


@pytest.mark.parametrize("problem", [PROBLEM, Problem("x", "m", severity=Severity.WARNING)])
def test_a_problem_survives_its_dictionary(problem: Problem) -> None:
    assert Problem.from_dict(json.loads(json.dumps(problem.as_dict()))) == problem


def test_a_report_sorts_by_place_and_keeps_the_order_of_equal_ones() -> None:
    report = Report()
    report.add("late", "m", Place("a.yaml", 10, 1))
    report.add("first", "m", Place("a.yaml", 9, 2))
    report.add("second", "m", Place("a.yaml", 9, 2))
    report.warn("nowhere", "m")
    assert [problem.code for problem in report.sorted()] == ["nowhere", "first", "second", "late"]


def test_warnings_do_not_stop_the_work_and_errors_do() -> None:
    report = Report()
    report.warn("w", "m")
    report.raise_errors()
    report.add("e", "m")
    with pytest.raises(HandoutError, match=r"error\[e\] m") as caught:
        report.raise_errors()
    assert caught.value.exit_code is ExitCode.DATA
    assert [problem.code for problem in caught.value.report] == ["w", "e"]
    assert (len(report), len(report.errors), len(report.warnings)) == (2, 1, 1)


def test_a_report_is_json_for_scripts() -> None:
    report = Report()
    report.extend([PROBLEM])
    place = {"file": "a.yaml", "line": 14, "column": 5}
    row = {"severity": "error", "code": PROBLEM.code, "message": PROBLEM.message}
    assert json.loads(report.as_json()) == [{**row, "hint": "write it", "place": place}]


def test_an_error_of_one_problem_carries_its_exit_code() -> None:
    error = HandoutError.of("x", "m", hint="h", exit_code=ExitCode.ENGINE)
    assert error.exit_code is ExitCode.ENGINE
    assert str(error) == "error[x] m\n  hint: h"
