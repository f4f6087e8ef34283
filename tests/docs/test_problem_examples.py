"""The examples of docs/problems.md bring forth the problems that they are examples of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from handouts.inspection import inspect_paths
from handouts.source.workspace import Workspace

CHECKOUT = Path(__file__).parents[2]
SOUND = CHECKOUT / "docs/examples/my-practice/exercises/split-squat.yaml"
ADD = r"\Z"
HARD = "Maintain appropriate alignment throughout the movement and avoid excessive load."
# What a change of the sound exercise leads to: code, what is replaced, by what.
CHANGES = [
    ("bad-character", "Stand tall", "Stand\u202e tall"),
    ("bad-date", ADD, "reviewed: {by: Ann, on: 20/11/2026}"),
    ("bad-figure", "    do:", "    figure: {file: images/sink.jpg}\n    do:"),
    ("bad-format", ADD, "language: English"),
    ("bad-gear", ADD, "figures: {sink: {gear: {left-foot: dumbbell}}}"),
    ("bad-key", ADD, "[a, b]: text"),
    ("bad-url", ADD, "video: example.org"),
    ("dose-backwards", "8–12", "12–8"),
    ("dose-incomplete", "2–3 × 8–12.*", "3 ×"),
    ("dose-unknown", "2–3 × 8–12.*", "a few"),
    ("duplicate-key", ADD, "breathing: Breathe."),
    ("empty-file", r"(?s)\A.*", ""),
    ("empty-value", "^summary:.*", "summary:"),
    ("general-level", "basis: general", "basis: general, level: avoid"),
    ("general-why", "basis: general", "basis: general, why: It may."),
    ("jargon", "- Stand tall.", "- Contract your gluteals."),
    ("long-sentence", "- Stand tall.", "- Stand" + 20 * " and tall" + "."),
    ("missing-key", "    correction:.*\n", ""),
    ("no-general-precaution", "knee-problem", "shoulder-problem"),
    ("not-a-choice", "position: standing", "position: upright"),
    ("not-a-mapping", r"(?s)\A.*", "- Stand tall."),
    ("not-a-number", ADD, "version: two"),
    ("out-of-range", ADD, "version: 0"),
    ("out-of-range", ADD, "figures: {sink: {joints: {knees: 200}}}"),
    ("passive-voice", "- Stand tall.", "- The leg is lifted."),
    (
        "reading-grade",
        "^breathing:.*",
        f"breathing: {HARD}",
    ),
    ("second-document", "^steps:", "---\nsteps:"),
    ("section-missing", r"(?s)^progressions:.*?(?=^\w)", ""),
    ("several-actions", "- Stand tall.", "- Bend your knees, lean back and lift."),
    ("too-deep", ADD, "about: " + 30 * "["),
    ("too-few", r"(?s)^steps:.*?(?=^\w)", "steps: []\n"),
    ("too-long", "^name:.*", "name: " + 300 * "a"),
    ("too-many", ADD, "tips: [" + 41 * "Go., " + "]"),
    ("unknown-condition", "knee-problem", "backache"),
    ("unknown-figure", "    do:", "    figure: snk\n    do:"),
    ("unknown-key", "^equipment", "equipement"),
    ("unknown-muscle", "gluteus-maximus", "glutes-max"),
    ("wrong-shape", ADD, "benefits: Balance"),
    ("yaml-alias", "- Stand tall.", "- *Important* point"),
    ("yaml-bracket", r", gluteus-maximus\]", ""),
    ("yaml-colon", "how: Rest", "how: Note: rest"),
    ("yaml-escape", "^name:.*", r'name: "C:\\drawings"'),
    ("yaml-indent", "^errors:", " errors:"),
    ("yaml-quote", "^name: ", 'name: "'),
    ("yaml-quote", "^name: ", "name: @"),
    ("yaml-tab", "^    do:", "\tdo:"),
    ("yaml-tag", "- Stand tall.", "- !Stop"),
]


def find_codes(text: str, folder: Path) -> set[str]:
    """Return the codes of every problem of an exercise's text."""
    file = folder / "split-squat.yaml"
    file.write_text(text, encoding="utf-8")
    return {problem.code for problem in inspect_paths(Workspace(), [str(file)]).report}


@pytest.mark.parametrize(("code", "old", "new"), CHANGES, ids=[change[0] for change in CHANGES])
def test_an_example_has_its_problem_and_no_other_code(
    code: str, old: str, new: str, tmp_path: Path
) -> None:
    sound = SOUND.read_text(encoding="utf-8")
    changed = re.sub(old, lambda _: new.replace("\\\\", "\\"), sound, count=1, flags=re.MULTILINE)
    assert changed != sound
    assert code in find_codes(changed, tmp_path)
    assert len(find_codes(changed, tmp_path) - {"jargon", "reading-grade", "long-sentence"}) <= 1


def test_the_exercise_without_a_change_has_none(tmp_path: Path) -> None:
    assert find_codes(SOUND.read_text(encoding="utf-8"), tmp_path) == set()


def test_only_documented_codes_are_tried() -> None:
    page = (CHECKOUT / "docs/problems.md").read_text(encoding="utf-8")
    assert {code for code, _, _ in CHANGES} <= set(re.findall("^### `(.*)`$", page, re.MULTILINE))
