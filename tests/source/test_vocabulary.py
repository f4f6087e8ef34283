"""The shipped vocabulary is sound, and a workspace may add to it."""

from __future__ import annotations

import pytest

from handouts.problem import Report
from handouts.source.library import read_exercise
from handouts.source.vocabulary import Vocabulary, condition_ancestors, read_vocabulary
from handouts.source.workspace import Workspace, show_path


def write(workspace: Workspace, name: str, text: str) -> tuple[Vocabulary, list[str]]:
    assert workspace.root
    (workspace.root / name).write_text(text, encoding="utf-8")
    report = Report()
    vocabulary = read_vocabulary(workspace, report)
    return vocabulary, [f"{problem.code} {problem.message}" for problem in report]


def test_the_shipped_vocabulary_has_no_problem() -> None:
    report = Report()
    vocabulary = read_vocabulary(Workspace(), report)
    assert list(report) == []
    assert vocabulary.conditions
    assert vocabulary.muscles
    assert vocabulary.precautions


@pytest.mark.parametrize("slug", Workspace().exercise_files())
def test_every_shipped_exercise_has_no_problem(slug: str) -> None:
    report = Report()
    vocabulary = read_vocabulary(Workspace(), report)
    file = Workspace().exercise_file(slug)
    exercise = read_exercise(file, show_path(file), vocabulary, report)
    assert list(report) == []
    assert exercise is not None
    assert exercise.slug == slug


def test_general_rows_take_the_shared_words(workspace: Workspace, vocabulary: Vocabulary) -> None:
    report = Report()
    exercise = read_exercise(workspace.exercise_file("squat"), "a.yaml", vocabulary, report)
    assert exercise is not None
    row = exercise.avoid[1]
    shared = vocabulary.precautions["pregnancy"]
    assert (row.level, row.why, row.instead) == ("ask-first", shared.why, shared.instead)
    assert row.basis == "general"


def test_a_missing_file_is_a_problem(workspace: Workspace, vocabulary: Vocabulary) -> None:
    report = Report()
    assert workspace.root
    assert read_exercise(workspace.root / "no.yaml", "no.yaml", vocabulary, report) is None
    assert [str(problem.place) for problem in report] == ["no.yaml"]


def test_a_workspace_adds_and_overrides(workspace: Workspace) -> None:
    text = (
        "conditions:\n"
        "  wobbly-toe: {name: Wobbly toe, medical: Hallux, parents: [pregnancy]}\n"
        "  pregnancy: {name: Expecting, medical: Gravidity}\n"
    )
    vocabulary, problems = write(workspace, "conditions.yaml", text)
    assert problems == []
    assert vocabulary.conditions["pregnancy"].name == "Expecting"
    assert condition_ancestors(vocabulary, "wobbly-toe") == ["wobbly-toe", "pregnancy"]
    assert condition_ancestors(vocabulary, "no-such") == []


def test_parents_exist_and_run_in_no_circle(workspace: Workspace) -> None:
    text = (
        "conditions:\n"
        "  one: {name: One, medical: Unus, parents: [two]}\n"
        "  two: {name: Two, medical: Duo, parents: [one]}\n"
        "  three: {name: Three, medical: Tres, parents: [thre, pregnnacy]}\n"
    )
    _, problems = write(workspace, "conditions.yaml", text)
    assert problems == [
        'condition-cycle one: its parent "two" is also a case of it',
        'condition-cycle two: its parent "one" is also a case of it',
        'unknown-condition three: there is no condition "thre" to be its parent',
        'unknown-condition three: there is no condition "pregnnacy" to be its parent',
    ]


def test_a_word_means_one_condition(workspace: Workspace) -> None:
    text = "conditions:\n  toe: {name: Toe, medical: Hallux, synonyms: [Lumbago]}\n"
    _, problems = write(workspace, "conditions.yaml", text)
    assert problems == ['ambiguous-word toe: "lumbago" means low-back-pain already']


def test_general_precautions_name_known_conditions(workspace: Workspace) -> None:
    text = "precautions:\n  - {condition: wobbly-toe, why: It wobbles.}\n"
    _, problems = write(workspace, "precautions.yaml", text)
    assert problems == ['unknown-condition there is no condition "wobbly-toe"']


def test_a_broken_file_adds_nothing_and_is_noted(workspace: Workspace) -> None:
    vocabulary, problems = write(workspace, "muscles.yaml", "muscles:\n  toe: {nme: Toe}\n")
    assert "toe" not in vocabulary.muscles
    assert sorted(problem.split()[0] for problem in problems) == [
        "missing-key",
        "missing-key",
        "missing-key",
        "unknown-key",
    ]
