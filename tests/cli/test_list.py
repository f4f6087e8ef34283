"""The list names every exercise at hand, for a person and for a script."""

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
