"""An exercise or programme can be read whole in the terminal, and taken whole by a script."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from handouts.assets import TEMPLATES
from handouts.model.passage import list_passages
from handouts.problem import Report
from handouts.source.library import read_exercise, read_vocabulary
from handouts.source.programme import read_programme
from handouts.source.workspace import Workspace
from handouts.theme import outline as outline_module

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("slug", list(Workspace().exercise_files()))
def test_nothing_of_the_exercise_is_left_out(handouts: Run, slug: str) -> None:
    workspace, report = Workspace(), Report()
    vocabulary = read_vocabulary(workspace, report)
    exercise = read_exercise(workspace.exercise_file(slug), "x.yaml", vocabulary, report)
    assert exercise
    ran = handouts("show", slug)
    assert (ran.returncode, ran.stderr) == (0, "")
    shown = " ".join(ran.stdout.split())
    texts = [" ".join(passage.text.split()) for passage in list_passages(exercise)]
    texts += [row.why for row in exercise.avoid]
    texts += [vocabulary.conditions[row.condition].name[1:] for row in exercise.avoid]
    assert [text for text in texts if text not in shown] == []


def test_the_text_has_headings_marks_and_a_width(
    nowhere: Path, handouts: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert nowhere
    monkeypatch.setenv("COLUMNS", "60")
    out = handouts("show", "standing-hip-extension-hold").stdout
    assert out.startswith("Standing hip extension hold\n  Also called: Backwards leg hold")
    assert "\nHow much\n  – To start: 5–10 seconds, each leg\n" in out
    assert "\nHow to do it\n  1. Set up. " in out
    assert "\n\nWho should avoid this\n  AVOID\n  – New or sharp low back pain. " in out
    assert max(len(line) for line in out.splitlines()) <= 60


def test_json_is_the_checked_data(workspace: Path, handouts: Run) -> None:
    assert workspace
    data = json.loads(handouts("show", "squat", "--json").stdout)
    assert data["slug"] == "squat"
    assert data["steps"] == [
        {"title": "Sit back", "do": ["Bend your knees."], "cues": [], "figure": None}
    ]
    assert data["avoid"][0]["level"] == "ask-first"
    assert json.loads(handouts("show", "hip-hinge", "--json").stdout)["name"] == "Hip hinge"


@pytest.mark.parametrize("slug", list(Workspace().programme_files()))
def test_nothing_of_a_programme_is_left_out(nowhere: Path, handouts: Run, slug: str) -> None:
    assert nowhere
    workspace, report = Workspace(), Report()
    vocabulary = read_vocabulary(workspace, report)
    file = workspace.programme_file(slug)
    planned = read_programme(file, f"{slug}.yaml", workspace, vocabulary, report)
    assert planned
    ran = handouts("show", slug)
    assert (ran.returncode, ran.stderr) == (0, "")
    shown = " ".join(ran.stdout.split())
    rows = [row for session in planned.programme.sessions for row in session.prescriptions]
    texts = [passage.text for passage in list_passages(planned.programme)]
    texts += [planned.exercises[row.exercise].name for row in rows]
    texts += [row.rung for row in rows if row.rung]
    texts += [stage.rung for row in rows for stage in row.progression if stage.rung]
    assert [text for text in texts if text not in shown] == []


PLAN = """\
title: Plan
goal: Sit down with ease.
weeks: 3
review_on: 2026-12-18
reviewed: {by: Dr A. Rao, on: 2026-11-20}
stop_if: [You feel dizzy.]
sessions:
  - name: Mornings
    days: [monday, friday]
    prescriptions:
      - exercise: squat
        side: left
        dose: 2 × 8
        note: Take your time.
        progression: [{week: 2, rung: Hold on, ready_when: You are steady.}]
overrides:
  - client: sam
    exercise: squat
    condition: backache
    cleared_by: Dr A. Rao
    on: 2026-11-20
    why: Well.
"""


def test_a_programme_is_written_with_what_it_means(workspace: Path, handouts: Run) -> None:
    folder = workspace / "programmes"
    folder.mkdir()
    (folder / "plan.yaml").write_text(PLAN, encoding="utf-8")
    assert handouts("show", "plan").stdout.splitlines() == [
        "Plan",
        "  Sit down with ease.",
        "  How long: 3 weeks",
        "  Next check: 18 December 2026",
        "  Version 1. Reviewed by Dr A. Rao on 20 November 2026.",
        "",
        "Mornings",
        "  Days: Monday, Friday",
        "  1. Squat, left side only. 2 sets of 8.",
        "     Note: Take your time.",
        "     → From week 2: 2 sets of 8. Hold on.",
        "       Move on when: You are steady.",
        "",
        "Stop if",
        "  – You feel dizzy.",
        "",
        "Cleared",
        "  – sam, Squat, low back pain: Dr A. Rao, 20 November 2026. Well.",
    ]
    data = json.loads(handouts("show", "plan", "--json").stdout)
    assert (data["slug"], data["sessions"][0]["prescriptions"][0]["dose"]) == ("plan", "2 × 8")
    # An exercise of that name comes first; a broken programme is not shown.
    (folder / "squat.yaml").write_text(PLAN, encoding="utf-8")
    assert handouts("show", "squat").stdout.startswith("Squat\n")
    (folder / "plan.yaml").write_text("title: Plan\n", encoding="utf-8")
    ran = handouts("show", "plan")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "programmes/plan.yaml:1:1: error[missing-key]" in ran.stderr


def test_an_unknown_exercise_is_suggested(workspace: Path, handouts: Run) -> None:
    assert workspace
    ran = handouts("show", "sqat")
    assert ran.returncode == 3
    assert ran.stdout == ""
    assert ran.stderr == (
        'error[unknown-exercise] there is no exercise "sqat"\n  hint: did you mean "squat"?\n'
    )


def test_a_broken_one_is_not_shown(workspace: Path, handouts: Run) -> None:
    (workspace / "exercises" / "squat.yaml").write_text("name: Squat\n", encoding="utf-8")
    ran = handouts("show", "squat")
    assert ran.returncode == 3
    assert ran.stdout == ""
    assert "exercises/squat.yaml:1:1: error[missing-key]" in ran.stderr


def test_the_words_are_those_that_the_page_prints() -> None:
    """A catalogue translates the terminal too: no message of the outline is its own."""
    outline = Path(outline_module.__file__).read_text(encoding="utf-8")
    messages = set(re.findall(r'\bsay\(\s*"([^"]+)"', outline))
    pages = "".join(file.read_text(encoding="utf-8") for file in TEMPLATES.rglob("*.j2"))
    assert len(messages) > 20
    assert [message for message in sorted(messages) if f'_("{message}"' not in pages] == []
