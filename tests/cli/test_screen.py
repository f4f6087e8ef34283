"""The whole matrix, client by exercise, with reasons; 3 if anyone must avoid what is prescribed."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

ROSTER = """\
id,name,conditions
sam,Sam Jones,
ann,Ann Lee,backache
bo,Bo Day,sharp back pain
"""
PLAN = """\
title: Plan
goal: Stand well.
weeks: 2
sessions:
  - name: A
    prescriptions:
      - exercise: standing-hip-extension-hold
        purpose: start
        progression: [{week: 2, purpose: general}]
      - {exercise: resistance-band-leg-lift}
"""
OVERRIDE = """\
overrides:
  - client: bo
    exercise: standing-hip-extension-hold
    condition: acute back pain
    cleared_by: Dr A. Rao
    on: 2026-11-20
    why: The pain is gone.
"""


@pytest.fixture
def practice(workspace: Path) -> Path:
    """Stand in a workspace with a programme and three clients."""
    (workspace / "programmes").mkdir()
    (workspace / "programmes" / "plan.yaml").write_text(PLAN, encoding="utf-8")
    (workspace / "clients.csv").write_text(ROSTER, encoding="utf-8")
    return workspace


def test_the_matrix_has_every_client_and_exercise(practice: Path, handouts: Run) -> None:
    ran = handouts("screen", "plan", "--clients", "clients.csv")
    assert practice
    assert ran.returncode == 3
    rows = [line.split("\t") for line in ran.stdout.splitlines()]
    assert [row[:3] for row in rows] == [
        ["sam", "standing-hip-extension-hold", "ok"],
        ["sam", "resistance-band-leg-lift", "ok"],
        ["ann", "standing-hip-extension-hold", "ask-first"],
        ["ann", "resistance-band-leg-lift", "ok"],
        ["bo", "standing-hip-extension-hold", "avoid"],
        ["bo", "resistance-band-leg-lift", "ok"],
    ]
    assert rows[2][3] == (
        "low back pain, which may be new or sharp low back pain: With poor form, your pain could "
        "get worse. Anyone with new or sharp low back pain must not do it: find out which it is. "
        "Wait until a doctor or physio says you may."
    )
    assert ran.stderr == (
        "error[must-avoid] bo must avoid standing-hip-extension-hold: new or sharp low back pain: "
        "With poor form, your pain could get worse. Wait until a doctor or physio says you may.\n"
        "  hint: take it out of the programme, or record under overrides who cleared it\n"
    )


def test_an_override_clears_and_is_shown(practice: Path, handouts: Run) -> None:
    with (practice / "programmes" / "plan.yaml").open("a", encoding="utf-8") as file:
        file.write(OVERRIDE)
    ran = handouts("screen", "plan")
    assert (ran.returncode, ran.stderr) == (0, "")
    row = ran.stdout.splitlines()[4].split("\t")
    assert row[2] == "cleared"
    assert row[3].endswith("Cleared by Dr A. Rao on 2026-11-20: The pain is gone.")


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ("client: bo", "client: bob", 'did you mean "bo"?'),
        ("client: bo", "client: x99", "no client of the list has this id"),
        ("acute back pain", "knee pain", "the client has no such condition, or the exercise no"),
    ],
)
def test_an_override_that_clears_nothing_is_named(
    practice: Path, handouts: Run, old: str, new: str, hint: str
) -> None:
    text = PLAN + OVERRIDE.replace(old, new)
    (practice / "programmes" / "plan.yaml").write_text(text, encoding="utf-8")
    ran = handouts("screen", "plan")
    assert ran.returncode == 3
    assert "programmes/plan.yaml:12:5: warning[override-unused] overrides.1: this " in ran.stderr
    assert hint in ran.stderr


def test_json_holds_every_cell(practice: Path, handouts: Run) -> None:
    (practice / "programmes" / "plan.yaml").write_text(PLAN + OVERRIDE, encoding="utf-8")
    ran = handouts("screen", "plan", "--json")
    assert ran.returncode == 0
    data = json.loads(ran.stdout)
    assert data["programme"] == "plan"
    assert data["clients"] == ["sam", "ann", "bo"]
    assert data["exercises"] == ["standing-hip-extension-hold", "resistance-band-leg-lift"]
    assert len(data["cells"]) == 6
    cell = data["cells"][4]
    assert (cell["client"], cell["result"], cell["blocked"]) == ("bo", "cleared", False)
    (found,) = cell["findings"]
    assert (found["has"], found["level"], found["relation"]) == (
        "acute-low-back-pain",
        "avoid",
        "same",
    )
    assert found["override"]["cleared_by"] == "Dr A. Rao"
    assert found["precaution"]["basis"] == "source"


def test_a_terminal_shows_a_client_a_block_with_whole_reasons(
    practice: Path, handouts: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert practice
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    ran = handouts("screen", "plan")
    assert ran.stdout.startswith(
        "Sam Jones (sam)\n  ok         Standing hip extension hold\n"
        "  ok         Resistance band leg lift\nAnn Lee (ann)\n"
        "  ask-first  Standing hip extension hold\n"
        "             ask-first: low back pain, which may be new or\n"
    )
    assert "Wait until a doctor or physio says you may." in " ".join(ran.stdout.split())


def test_problems_of_both_files_come_together(practice: Path, handouts: Run) -> None:
    (practice / "clients.csv").write_text(ROSTER + "SAM,,flue\n", encoding="utf-8")
    plan = PLAN.replace("standing-hip-extension-hold", "standing-hip-extension")
    (practice / "programmes" / "plan.yaml").write_text(plan, encoding="utf-8")
    ran = handouts("screen", "plan")
    assert (ran.returncode, ran.stdout) == (3, "")
    codes = [line.partition("[")[2].partition("]")[0] for line in ran.stderr.splitlines()]
    assert [code for code in codes if code] == [
        "unknown-exercise",
        "empty-value",
        "unknown-condition",
        "duplicate-id",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plann"], 'error[unknown-programme] there is no programme "plann"'),
        (["plan", "--clients", "gone.csv"], "gone.csv: error[unreadable]"),
        (["plan", "--clients", "."], ".: error[unreadable] this is not a file"),
    ],
)
def test_what_is_not_there(practice: Path, handouts: Run, words: list[str], said: str) -> None:
    assert practice
    ran = handouts("screen", *words)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert said in ran.stderr


def test_without_a_list_there_is_nobody_to_screen(workspace: Path, handouts: Run) -> None:
    assert workspace
    ran = handouts("screen", "balance")
    assert ran.returncode == 3
    assert "error[no-clients] there is no list of clients" in ran.stderr
