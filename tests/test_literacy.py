"""Warnings say where a client could stumble, and keep silent about plain words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts.assets import LIBRARY
from handouts.literacy import (
    check_literacy,
    check_programme_literacy,
    count_syllables,
    reading_grade,
)
from handouts.model.exercise import Exercise
from handouts.model.passage import NOT_READ, list_passages
from handouts.model.programme import Programme
from handouts.model.prose import parse_prose
from handouts.problem import Place, Report, Severity
from handouts.source.checked import check_model
from handouts.source.library import check_exercise, read_vocabulary
from handouts.source.positioned import Positioned, read_yaml
from handouts.source.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

BEGIN = """\
name: Squat
summary: Sit down and stand up with no chair.
position: standing
muscles: {primary: [quadriceps]}
"""
STEPS = "steps:\n  - title: Sit back\n    do: [Bend your knees.]\n"
ERRORS = "errors:\n  - {name: Knees fall in, looks_like: They touch., correction: Push them out.}\n"
RUNGS = "progressions:\n  - {name: Hold on, direction: easier, how: Hold on to a chair.}\n"
AVOID = "avoid:\n  - {condition: low-back-pain, basis: general}\n"


def check(text: str) -> Report:
    """Return the warnings of an exercise's text."""
    report = Report()
    vocabulary = read_vocabulary(Workspace(), report)
    source = read_yaml(text.encode(), "squat.yaml", report)
    assert source
    exercise = check_exercise(source, "squat", vocabulary, report)
    assert list(report) == []
    assert exercise
    check_literacy(exercise, source.place, report)
    assert all(problem.severity is Severity.WARNING for problem in report)
    return report


def warn(extra: str) -> list[str]:
    """Return the lines of the warnings for a plain exercise with something added."""
    return [str(problem) for problem in check(BEGIN + STEPS + ERRORS + RUNGS + AVOID + extra)]


def test_a_plain_exercise_has_no_warning() -> None:
    assert warn("") == []


@pytest.mark.parametrize(
    "file", sorted((LIBRARY / "exercises").glob("*.yaml")), ids=lambda p: p.stem
)
def test_what_is_shipped_has_no_warning(file: Path) -> None:
    assert [str(problem) for problem in check(file.read_text(encoding="utf-8"))] == []


def test_the_shared_precautions_read_as_plainly() -> None:
    rows = read_vocabulary(Workspace(), Report()).precautions.values()
    for row in rows:
        extra = f"tips: [{row.why!r}, {row.instead or 'Ask.'!r}]\n"
        assert warn(extra) == []


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("leg", 1),
        ("body", 2),
        ("only", 2),
        ("muscle", 2),
        ("muscles", 2),
        ("arches", 2),
        ("lifted", 2),
        ("bend", 1),
        ("tipped", 1),
        ("thigh", 1),
        ("balance", 2),
        ("exercise", 3),
        ("you’re", 1),
        ("steadier", 3),
    ],
)
def test_syllables_are_counted_as_they_are_spoken(word: str, syllables: int) -> None:
    assert count_syllables(word) == syllables


def test_the_grade_is_flesch_and_kincaids() -> None:
    # 6 words in 2 sentences, 8 syllables: 0.39 × 3 + 11.8 × 8/6 - 15.59
    assert reading_grade(["Bend your body. Lift your muscle"]) == pytest.approx(1.313, abs=0.001)
    assert reading_grade(["", " "]) == 0.0


def test_a_hard_section_is_graded_with_its_hardest_sentence() -> None:
    hard = "Considerable stability requirements necessitate preliminary familiarisation"
    # 13 words in 3 sentences, 35 syllables: 0.39 × 13/3 + 11.8 × 35/13 - 15.59 = 17.87
    assert warn(f"tips: [Lift it., Put it on the floor., {hard}.]\n") == [
        (
            "squat.yaml:14:1: warning[reading-grade] tips: reading grade 17.9, above 6\n"
            "  hint: shorter words and sentences; the hardest is "
            '"Considerable stability requirements necessitate …"'
        )
    ]


def test_a_short_section_is_not_graded() -> None:
    assert warn("tips: [Considerable stability requirements.]\n") == []


def test_a_sentence_of_more_than_20_words_is_named() -> None:
    twenty = "Sit " + "and sit " * 9 + "down"
    assert warn(f"tips: [{twenty}.]\n") == []
    assert warn(f"tips:\n  - Sit.\n  - Rest. {twenty} now.\n") == [
        (
            "squat.yaml:16:5: warning[long-sentence] tips.2: a sentence of 21 words: "
            '"Sit and sit and sit and sit and sit and sit and …"\n'
            "  hint: make two of it: 20 words are the most"
        )
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The leg is lifted.",
        "Your hips are then slowly lowered.",
        "It can be done at home.",
        "Your back is not supported.",
        "It is used by many.",
        "The knee gets pulled in.",
        "It was widened by you.",
    ],
)
def test_the_passive_voice_is_named(text: str) -> None:
    (line,) = warn(f"tips: [{text}]\n")
    assert line.startswith("squat.yaml:14:8: warning[passive-voice] tips.1: passive voice: ")


@pytest.mark.parametrize(
    "text",
    [
        "Your knees are bent.",
        "You are used to it.",
        "Stop when you are tired.",
        "It is balanced.",
        "Your knee is injured.",
        "You get tired.",
        "It got easy.",
        "Your feet are flat and your back is in line.",
        "You lifted it.",
        "It has needed time.",
    ],
)
def test_states_and_the_active_voice_are_not(text: str) -> None:
    assert warn(f"tips: [{text}]\n") == []


@pytest.mark.parametrize(
    ("text", "verbs"),
    [
        ("Bend your knees and lower your hips.", '2 actions in one line: "bend", "lower"'),
        ("Lift up, then turn.", '2 actions in one line: "lift", "turn"'),
        ("Slowly lift and lower your leg. Rest.", '3 actions in one line: "lift", "lower", "rest"'),
    ],
)
def test_several_actions_in_a_line_are_named(text: str, verbs: str) -> None:
    begin = BEGIN + f"steps:\n  - title: Move\n    do:\n      - Stand.\n      - {text}\n"
    assert [str(problem) for problem in check(begin + ERRORS + RUNGS + AVOID)] == [
        (
            f"squat.yaml:9:9: warning[several-actions] steps.1.do.2: {verbs}\n"
            "  hint: give each action a line of its own"
        )
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Bend your knees and hips.",
        "Keep your back flat and lift your leg.",
        "Move trunk and leg together.",
        "Repeat on this side, or change legs.",
        "Lower your leg. Do not let it drop.",
        "Let your arms hang, or put your hands on your hips.",
        "Sit down, feet flat and back straight.",
    ],
)
def test_one_action_with_its_manner_is_not(text: str) -> None:
    begin = BEGIN + f'steps:\n  - title: Move\n    do: ["{text}"]\n'
    assert list(check(begin + ERRORS + RUNGS + AVOID)) == []


def test_a_trade_word_is_named_with_its_plain_word() -> None:
    assert warn("tips: [Feel your Hamstrings. Your hamstrings work.]\n") == [
        (
            'squat.yaml:14:8: warning[jargon] tips.1: "Hamstrings" without its plain word\n'
            '  hint: say "back thigh muscle", or "back thigh muscle (Hamstrings)"'
        )
    ]
    (line,) = warn("suits: [{who: People with poor proprioception}]\n")
    assert "suits.1.who: " in line


@pytest.mark.parametrize(
    "text",
    [
        "Your back thigh (hamstrings) works.",
        "The hamstrings (at the back) work.",
        "Your hamstrings, a back thigh muscle, work.",
        "Rest on your front.",
        "Lie on the quadrant.",
    ],
)
def test_a_trade_word_beside_its_plain_word_is_not(text: str) -> None:
    assert warn(f'tips: ["{text}"]\n') == []


def test_missing_sections_are_named_once_each() -> None:
    report = check(BEGIN + STEPS + "avoid: []\n")
    assert [(problem.code, problem.message, str(problem.place)) for problem in report] == [
        ("section-missing", "errors: nothing is written", "squat.yaml:1:1"),
        ("section-missing", "progressions: nothing is written", "squat.yaml:1:1"),
        ("section-missing", "avoid: nothing is written", "squat.yaml:8:1"),
    ]


def test_other_languages_are_not_read_by_english_rules() -> None:
    text = "language: de\n" + BEGIN + STEPS + ERRORS + RUNGS + AVOID
    assert list(check(text + "tips: [The hamstrings are stretched.]\n")) == []
    assert [problem.code for problem in check("language: de\n" + BEGIN + STEPS + AVOID)] == [
        "section-missing",
        "section-missing",
    ]


def test_the_words_of_a_source_and_of_the_shared_list_are_not_judged() -> None:
    extra = "aliases: [Gluteus maximus squat]\nsources: [{title: Hamstrings}]\n"
    assert warn(extra) == []


def test_every_text_of_the_model_is_read_or_left_out_on_purpose() -> None:
    """A field that is new in the model is read without anybody thinking of it."""
    file = LIBRARY / "exercises" / "standing-hip-extension-hold.yaml"
    report = Report()
    source = read_yaml(file.read_bytes(), "x.yaml", report)
    assert source
    exercise = check_exercise(source, "x", read_vocabulary(Workspace(), report), report)
    assert exercise
    read = {passage.path[0] for passage in list_passages(exercise)}
    written = {key for key in Exercise.model_fields if getattr(exercise, key)}
    assert written - read - NOT_READ == set()
    assert Place("x.yaml") != source.place(("avoid", 0, "why"))


PLAN = """\
title: Plan
goal: Stand on one leg.
weeks: 2
introduction: |

  Take your time.

  ## Utilise your hamstrings

  - Stand
    tall.
  - The **leg is lifted** by you.

  1. Rest.
sessions:
  - name: At home
    prescriptions:
      - exercise: hip-hinge
        note: Considerable stability requirements necessitate preliminary familiarisation. Sit now.
        rung: The leg is lifted.
        progression:
          - {week: 2, dose: 3 × 8, ready_when: The leg is lifted.}
closing: Ring me.
"""


def read_plan(text: str) -> tuple[Programme, Positioned]:
    report = Report()
    source = read_yaml(text.encode(), "plan.yaml", report)
    assert source
    programme = check_model(Programme, {**source.data, "slug": "plan"}, source, report)
    assert programme, report
    return programme, source


def judge_plan(text: str) -> list[str]:
    report = Report()
    programme, source = read_plan(text)
    check_programme_literacy(programme, source.place, report)
    return [str(problem).partition("\n")[0] for problem in report]


def test_a_programmes_own_words_are_judged() -> None:
    assert judge_plan(PLAN) == [
        (
            "plan.yaml:18:9: warning[reading-grade] sessions.1.prescriptions.1: "
            "reading grade 20.4, above 6"
        ),
        ('plan.yaml:4:1: warning[jargon] introduction.3: "hamstrings" without its plain word'),
        'plan.yaml:4:1: warning[passive-voice] introduction.7: passive voice: "is lifted"',
        (
            "plan.yaml:22:36: warning[passive-voice] "
            'sessions.1.prescriptions.1.progression.1.ready_when: passive voice: "is lifted"'
        ),
    ]
    assert judge_plan(f"language: de\n{PLAN}") == []


def test_markdown_is_read_block_by_block_without_its_marks() -> None:
    programme, _ = read_plan(PLAN)
    found = [
        (passage.path[1], passage.text, passage.is_label)
        for passage in list_passages(programme)
        if passage.path[0] == "introduction"
    ]
    assert found == [
        (0, "Take your time.", False),
        (2, "Utilise your hamstrings", True),
        (4, "Stand tall.", False),
        (6, "The leg is lifted by you.", False),
        (8, "Rest.", False),
    ]


PIECES = st.lists(
    st.sampled_from(
        ["## Head", "### Sub", "- one", "* two", "1. three", "and on", "**bold** c", ""]
    ),
    min_size=1,
    max_size=12,
)


@given(PIECES)
def test_no_word_of_markdown_goes_unread(lines: list[str]) -> None:
    """Read in chunks for their places, it is the same text as read whole."""
    text = "\n".join(lines).strip() or "x"
    programme, _ = read_plan(PLAN)
    programme = programme.model_copy(update={"introduction": text})
    read = [found for found in list_passages(programme) if found.path[0] == "introduction"]
    whole = [
        "".join(span.text for span in spans) for block in parse_prose(text) for spans in block.lines
    ]
    assert [found.text for found in read] == whole
    for found in read:
        first = re.sub(r"^(#+|[-*]|1\.)\s+", "", text.split("\n")[int(found.path[1])]).split()[0]
        assert first.strip("*") == found.text.split()[0]


def test_every_text_of_a_programme_is_read_or_left_out_on_purpose() -> None:
    programme, _ = read_plan(PLAN)
    read = {passage.path[0] for passage in list_passages(programme)}
    written = {key for key in Programme.model_fields if getattr(programme, key)}
    assert written - read - NOT_READ == {"weeks"}
