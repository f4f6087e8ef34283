"""An exercise can be read whole in the terminal, and taken whole by a script."""

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
