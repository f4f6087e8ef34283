"""Case files: a programme as typed, and the exact lines that the program answers with.

``UPDATE_CASES=1 pytest tests/source/test_programme.py`` writes the answers anew: read the diff.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from handouts.model.programme import prescribe_week
from handouts.problem import HandoutError, Report
from handouts.source.programme import (
    MANY_IN_FIRST,
    MANY_IN_SESSION,
    parse_programme,
    read_programme,
)
from handouts.source.vocabulary import Vocabulary, read_vocabulary
from handouts.source.workspace import Workspace, show_path

if TYPE_CHECKING:
    from handouts.source.programme import Planned

FOLDER = Path(__file__).with_name("programmes")
CASES = sorted(FOLDER.glob("*.yaml"))
LIBRARY = Workspace()


@pytest.fixture(scope="module")
def shipped() -> Vocabulary:
    """Return the shipped vocabulary."""
    return read_vocabulary(LIBRARY, Report())


def read(data: bytes, name: str, vocabulary: Vocabulary) -> tuple[Planned | None, Report]:
    report = Report()
    return parse_programme(data, name, LIBRARY, vocabulary, report), report


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case_gives_exactly_these_lines(case: Path, shipped: Vocabulary) -> None:
    planned, report = read(case.read_bytes(), case.name, shipped)
    assert (planned is None) == bool(report.errors)
    got = "".join(f"{problem}\n" for problem in report.sorted()) or "no problem\n"
    expected = case.with_suffix(".txt")
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(got, encoding="utf-8")
    assert got == expected.read_text(encoding="utf-8")


def test_there_are_cases_and_each_has_its_answer() -> None:
    assert {case.stem for case in CASES} == {file.stem for file in FOLDER.glob("*.txt")}
    assert len(CASES) >= 10


def test_a_moved_problem_fails_the_comparison(shipped: Vocabulary) -> None:
    case = FOLDER / "names.yaml"
    _, report = read(b"# one line more\n" + case.read_bytes(), case.name, shipped)
    got = "".join(f"{problem}\n" for problem in report.sorted())
    assert got != case.with_suffix(".txt").read_text(encoding="utf-8")


def test_an_override_holds_the_slug_of_what_it_clears(shipped: Vocabulary) -> None:
    planned, _ = read((FOLDER / "no-problem.yaml").read_bytes(), "plan.yaml", shipped)
    assert planned
    assert planned.programme.slug == "plan"
    assert planned.programme.overrides[0].condition == "acute-low-back-pain"
    assert [str(place) for place in planned.overrides_at] == ["plan.yaml:14:5"]
    assert set(planned.exercises) == {"single-leg-deadlift", "hip-hinge"}


@pytest.mark.parametrize("slug", LIBRARY.programme_files())
def test_a_shipped_programme_has_no_problem_and_every_dose_has_a_source(
    slug: str, shipped: Vocabulary
) -> None:
    report = Report()
    file = LIBRARY.programme_file(slug)
    planned = read_programme(file, show_path(file), LIBRARY, shipped, report)
    assert list(report) == []
    assert planned
    for session in planned.programme.sessions:
        for row in session.prescriptions:
            exercise = planned.exercises[row.exercise]
            given = [*exercise.dose.values(), *(rung.dose for rung in exercise.progressions)]
            for week in range(1, planned.programme.weeks + 1):
                assert prescribe_week(row, exercise, week).dose in [None, *given]


def test_three_programmes_use_all_five_exercises(shipped: Vocabulary) -> None:
    used: set[str] = set()
    files = LIBRARY.programme_files()
    for file in files.values():
        planned = read_programme(file, show_path(file), LIBRARY, shipped, Report())
        assert planned
        used |= set(planned.programme.exercises())
    assert len(files) >= 3
    assert used == set(LIBRARY.exercise_files())


def test_a_broken_exercise_brings_its_own_problems(
    workspace: Workspace, vocabulary: Vocabulary
) -> None:
    assert workspace.root
    squat = workspace.root / "exercises" / "squat.yaml"
    plan = b"title: P\ngoal: G\nweeks: 1\nsessions: [{name: A, prescriptions: [{exercise: squat}]}]"
    report = Report()
    assert parse_programme(plan, "p.yaml", workspace, vocabulary, report)
    assert [problem.code for problem in report] == ["no-progression"]
    squat.write_bytes(squat.read_bytes() + b"colour: red\n")
    report = Report()
    assert parse_programme(plan, "p.yaml", workspace, vocabulary, report) is None
    assert [(problem.code, problem.place and problem.place.file) for problem in report] == [
        ("unknown-key", show_path(squat))
    ]


def test_many_exercises_in_a_session_warn(workspace: Workspace, vocabulary: Vocabulary) -> None:
    assert workspace.root
    squat = (workspace.root / "exercises" / "squat.yaml").read_bytes()
    for n in range(MANY_IN_SESSION + 1):
        (workspace.root / "exercises" / f"squat-{n}.yaml").write_bytes(squat)

    def count(number: int, head: str = "") -> list[str]:
        rows = ", ".join(
            f"{{exercise: squat-{n}, progression: [{{week: 2, dose: 5 reps}}]}}"
            for n in range(number)
        )
        text = (
            f"title: P\ngoal: G\nweeks: 2\n{head}sessions: [{{name: A, prescriptions: [{rows}]}}]"
        )
        report = Report()
        parse_programme(text.encode(), "p.yaml", workspace, vocabulary, report)
        return [problem.message for problem in report]

    assert count(MANY_IN_SESSION) == []
    assert count(MANY_IN_SESSION + 1) == ["sessions.1.prescriptions: 7 exercises in one session"]
    assert count(MANY_IN_FIRST, "first: true\n") == []
    assert count(MANY_IN_FIRST + 1, "first: true\n") == ["first: 5 exercises in a first programme"]


def test_a_workspaces_programme_shadows_the_librarys(workspace: Workspace) -> None:
    assert workspace.root
    (workspace.root / "programmes").mkdir()
    (workspace.root / "programmes" / "balance.yaml").touch()
    (workspace.root / "programmes" / "My plan.yaml").touch()
    assert workspace.programme_file("balance").parent.parent == workspace.root
    assert workspace.programme_file("runners-hips").is_file()
    with pytest.raises(HandoutError, match="did you mean") as error:
        workspace.programme_file("runner-hips")
    assert [problem.code for problem in error.value.report] == ["unknown-programme"]
    report = Report()
    workspace.programme_files(report)
    assert [problem.code for problem in report] == ["bad-slug"]


def test_a_missing_file_is_a_problem(workspace: Workspace, vocabulary: Vocabulary) -> None:
    report = Report()
    assert workspace.root
    gone = workspace.root / "no.yaml"
    assert read_programme(gone, "no.yaml", workspace, vocabulary, report) is None
    assert [problem.code for problem in report] == ["unreadable"]
