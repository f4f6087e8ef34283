"""The list names every exercise or programme at hand, for a person and for a script."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    Run = Callable[..., subprocess.CompletedProcess[str]]

SHIPPED = [
    "hip-hinge",
    "resistance-band-leg-lift",
    "single-leg-deadlift",
    "single-leg-hip-thrust",
    "standing-hip-extension-hold",
]


def test_without_a_terminal_each_line_has_cells_between_tabs(nowhere: Path, handouts: Run) -> None:
    assert nowhere
    ran = handouts("list")
    rows = [line.split("\t") for line in ran.stdout.splitlines()]
    assert [row[0] for row in rows] == SHIPPED
    assert rows[0][1:3] == ["standing", "Hip hinge"]
    assert {len(row) for row in rows} == {4}
    assert (ran.returncode, ran.stderr) == (0, "")


def test_on_a_terminal_there_is_a_table(
    nowhere: Path, handouts: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert nowhere
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _: True)
    lines = handouts("list").stdout.splitlines()
    assert (
        lines[0] == "Exercise                     Position  Name                         What it is"
    )
    assert lines[1].startswith(
        "hip-hinge                    standing  Hip hinge                    Push "
    )
    assert lines[1].endswith("…")
    assert max(len(line) for line in lines) <= 90


def test_json_holds_every_heading(workspace: Path, handouts: Run) -> None:
    rows = json.loads(handouts("list", "--json").stdout)
    assert [row["slug"] for row in rows] == sorted([*SHIPPED, "squat"])
    assert rows[-2] == {
        "slug": "squat",
        "name": "Squat",
        "aliases": [],
        "summary": "Sit down and stand up with no chair.",
        "position": "standing",
        "equipment": [],
        "file": str(workspace / "exercises" / "squat.yaml"),
    }


def test_a_broken_file_is_named_and_the_others_listed(workspace: Path, handouts: Run) -> None:
    (workspace / "exercises" / "broken.yaml").write_text("- x\n", encoding="utf-8")
    ran = handouts("list")
    assert ran.returncode == 3
    assert len(ran.stdout.splitlines()) == 6
    assert ran.stderr.startswith("exercises/broken.yaml:1:1: error[")


PROGRAMMES = ["balance", "hip-strength-beginners", "runners-hips"]


def test_programmes_have_the_same_look(
    nowhere: Path, handouts: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert nowhere
    ran = handouts("list", "--programmes")
    rows = [line.split("\t") for line in ran.stdout.splitlines()]
    assert [row[0] for row in rows] == PROGRAMMES
    assert rows[2] == [
        "runners-hips",
        "Runner's hips",
        "6",
        "standing-hip-extension-hold, single-leg-deadlift, single-leg-hip-thrust",
    ]
    assert (ran.returncode, ran.stderr) == (0, "")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _: True)
    lines = handouts("list", "--programmes").stdout.splitlines()
    assert lines[0] == "Programme               Title                       Weeks  Exercises"
    assert lines[1].startswith(
        "balance                 Better balance              6      standing"
    )
    assert max(len(line) for line in lines) <= 80


def test_a_programme_of_ones_own_is_listed_and_a_broken_one_named(
    workspace: Path, handouts: Run
) -> None:
    folder = workspace / "programmes"
    folder.mkdir()
    sound = "title: Mine\nweeks: 2\nsessions: [{prescriptions: [{exercise: squat}]}]\n"
    (folder / "mine.yaml").write_text(sound, encoding="utf-8")
    ran = handouts("list", "--programmes", "--json")
    assert json.loads(ran.stdout)[2] == {
        "slug": "mine",
        "title": "Mine",
        "weeks": 2,
        "exercises": ["squat"],
        "file": str(folder / "mine.yaml"),
    }
    assert ran.returncode == 0
    (folder / "balance.yaml").write_text("weeks: six\nsessions: [x, {prescriptions: [y]}]\n")
    ran = handouts("list", "--programmes")
    assert ran.returncode == 3
    assert [line.split("\t")[0] for line in ran.stdout.splitlines()] == [
        "hip-strength-beginners",
        "mine",
        "runners-hips",
    ]
    assert [line for line in ran.stderr.splitlines() if "error[" in line] == [
        'programmes/balance.yaml:1:1: error[missing-key] the key "title" is missing',
        "programmes/balance.yaml:1:1: error[wrong-shape] weeks: this cannot be listed",
        "programmes/balance.yaml:2:1: error[wrong-shape] sessions: this cannot be listed",
    ]


def test_programmes_are_listed_without_the_cost_of_the_models(
    spawn: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    ran = spawn("list", "--programmes", PYTHONPROFILEIMPORTTIME="1")
    assert ran.stdout.startswith("balance\t")
    heavy = [line for line in ran.stderr.splitlines() if line.endswith(("pydantic", "weasyprint"))]
    assert "handouts.source.positioned" in ran.stderr
    assert heavy == []
