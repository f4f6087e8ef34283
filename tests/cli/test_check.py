"""Every problem of what was named is listed, and the exit code tells a script."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

SQUAT = Path("exercises/squat.yaml")


def append(text: str) -> None:
    """Add lines to the workspace's exercise."""
    with SQUAT.open("a", encoding="utf-8") as file:
        file.write(text)


def test_what_is_shipped_has_no_problem(nowhere: Path, handouts: Run) -> None:
    """Layout, literacy, vocabulary, templates, themes: nothing to complain of."""
    assert nowhere
    ran = handouts("check", "--strict")
    assert ran.stdout == ""
    assert ran.stderr.startswith("5 exercises, 3 programmes and ")
    assert ran.stderr.endswith(" other files: no problems\n")
    assert ran.returncode == 0
    begin = time.perf_counter()
    assert handouts("check").returncode == 0
    assert time.perf_counter() - begin < 1  # from the shelf: five layouts take longer


def test_a_sound_workspace_has_no_problem(workspace: Path, handouts: Run) -> None:
    assert workspace
    ran = handouts("check")
    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr == "1 exercise and 1 other file: no problems\n"


def test_a_warning_fails_only_when_strict(workspace: Path, handouts: Run) -> None:
    assert workspace
    append("tips: [The leg is lifted.]\n")
    ran = handouts("check", "--no-layout")
    assert ran.returncode == 0
    assert ran.stdout == (
        'exercises/squat.yaml:14:8: warning[passive-voice] tips.1: passive voice: "is lifted"\n'
        '  hint: say who does what: "Lift your leg", not "Your leg is lifted"\n'
    )
    assert ran.stderr == "1 exercise and 1 other file: 1 warning\n"
    assert handouts("check", "--no-layout", "--strict").returncode == 3


def test_errors_of_all_files_come_together(workspace: Path, handouts: Run) -> None:
    append("colour: red\n")
    (workspace / "handouts.toml").write_text("[trainer]\nnam = 1\n", encoding="utf-8")
    (workspace / "conditions.yaml").write_text(
        "conditions:\n  sore: {name: Sore, medical: Algia, parents: [gone]}\n", encoding="utf-8"
    )
    (workspace / "templates").mkdir()
    (workspace / "templates" / "exercise.html.j2").write_text("a\n{% if %}\n", encoding="utf-8")
    (workspace / "styles" / "themes" / "mine").mkdir(parents=True)
    (workspace / "styles" / "themes" / "mine" / "theme.toml").write_text("x = 1", encoding="utf-8")
    ran = handouts("check")
    assert ran.returncode == 3
    places = [line for line in ran.stdout.splitlines() if "error[" in line]
    assert sorted(line.partition(" ")[2].partition("]")[0] for line in places) == [
        "error[bad-theme",
        "error[template-syntax",
        "error[unknown-condition",
        "error[unknown-key",
        "error[unknown-key",
    ]
    assert "templates/exercise.html.j2:2: error[template-syntax]" in ran.stdout
    assert "Traceback" not in ran.stderr


def test_json_is_an_array_of_problems(workspace: Path, handouts: Run) -> None:
    assert workspace
    assert json.loads(handouts("check", "--json", "--no-layout").stdout) == []
    append("tips: [Your hamstrings work.]\n")
    ran = handouts("check", "--json", "--no-layout")
    assert json.loads(ran.stdout) == [
        {
            "severity": "warning",
            "code": "jargon",
            "message": 'tips.1: "hamstrings" without its plain word',
            "hint": 'say "back thigh muscle", or "back thigh muscle (hamstrings)"',
            "place": {"file": "exercises/squat.yaml", "line": 14, "column": 8},
        }
    ]


def test_a_handout_of_more_than_one_sheet_is_named(workspace: Path, handouts: Run) -> None:
    assert workspace
    text = SQUAT.read_text(encoding="utf-8")
    step = "  - title: Sit back\n    do: [Bend your knees.]\n"
    SQUAT.write_text(text.replace(step, step * 20), encoding="utf-8")
    steps = "".join(
        f"  - {{name: Fault {n}, looks_like: Your knees touch., correction: Push them out.}}\n"
        for n in range(19)
    )
    text = SQUAT.read_text(encoding="utf-8").replace("errors:\n", f"errors:\n{steps}")
    rungs = "".join(
        f"  - {{name: Rung {n}, direction: harder, how: Hold on to a chair.}}\n" for n in range(19)
    )
    text = text.replace("progressions:\n", f"progressions:\n{rungs}")
    SQUAT.write_text(text, encoding="utf-8")
    ran = handouts("check", "squat")
    assert "exercises/squat.yaml: warning[over-one-sheet] the handout fills " in ran.stdout
    assert ran.returncode == 0
    assert "over-one-sheet" not in handouts("check", "squat", "--no-layout").stdout


def test_paths_folders_and_slugs_can_be_named(workspace: Path, handouts: Run) -> None:
    ran = handouts("check", SQUAT, "hip-hinge", workspace, "--no-layout")
    assert (ran.returncode, ran.stdout) == (0, "")
    # The folder names the same exercise by another path, and handouts.toml.
    assert ran.stderr == "3 exercises and 1 other file: no problems\n"


def test_two_files_of_one_name_are_both_laid_out(workspace: Path, handouts: Run) -> None:
    (workspace / "copy").mkdir()
    (workspace / "copy" / "squat.yaml").write_bytes(SQUAT.read_bytes())
    ran = handouts("check", "exercises", "copy")
    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr == "2 exercises: no problems\n"


PLAN = """\
title: Plan
goal: Go.
weeks: 2
sessions: [{name: A, prescriptions: [{exercise: squat, rung: Hold onn}]}]
"""


def test_programmes_and_clients_are_checked_too(workspace: Path, handouts: Run) -> None:
    (workspace / "programmes").mkdir()
    (workspace / "programmes" / "plan.yaml").write_text(PLAN, encoding="utf-8")
    (workspace / "clients.csv").write_text("id,name,conditions\nsam,Sam,flue\n", encoding="utf-8")
    found = [
        'clients.csv:2:9: error[unknown-condition] conditions: there is no condition "flue"',
        '  hint: did you mean "fever or infection"?',
        (
            "programmes/plan.yaml:4:56: error[unknown-rung] sessions.1.prescriptions.1.rung: "
            'there is no rung "Hold onn"'
        ),
        '  hint: did you mean "Hold on"?',
    ]
    ran = handouts("check", "--no-layout")
    assert ran.returncode == 3
    assert ran.stdout.splitlines() == found
    assert ran.stderr == "1 exercise, 1 programme and 2 other files: 2 errors\n"
    assert handouts("check", ".", "--no-layout").stdout.splitlines() == found
    ran = handouts("check", "programmes/plan.yaml", "clients.csv")
    assert ran.stdout.splitlines() == found
    (workspace / "programmes" / "My plan.yaml").touch()
    assert "error[bad-slug]" in handouts("check", "programmes/My plan.yaml").stdout


JARGON = """\
# A note.
title: Plan
goal: Go.
weeks: 2
introduction: |

  Sit.

  ## Rest

  - Your hamstrings
    work.
closing: >
  Your hamstrings work.
sessions:
  - name: A
    prescriptions:
      - exercise: squat
        note: Your knee is lifted.
        progression: [{week: 2, dose: 3 × 8}]
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_programmes_words_are_judged_in_their_line(
    workspace: Path, handouts: Run, newline: str
) -> None:
    file = workspace / "programmes" / "plan.yaml"
    file.parent.mkdir()
    file.write_bytes(JARGON.replace("\n", newline).encode())
    ran = handouts("check", "programmes/plan.yaml")
    assert ran.returncode == 0
    found = [line for line in ran.stdout.splitlines() if "warning" in line]
    assert [re.sub(r" warning\[.*?\]|(?<=[a-z0-9]): [^w].*", "", line) for line in found] == [
        "programmes/plan.yaml:11:3: introduction.5",
        "programmes/plan.yaml:13:1: closing.1",
        "programmes/plan.yaml:19:9: sessions.1.prescriptions.1.note",
    ]
    assert handouts("check", file, "--strict").returncode == 3


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("gone/squat.yaml", "gone/squat.yaml: error[unreadable] there is no such file or folder"),
        ("sqat", 'error[unknown-exercise] there is no exercise "sqat"'),
        ("empty", "empty: error[nothing-to-check] this folder holds no exercise, template or "),
        ("notes.txt", "notes.txt: error[unknown-kind] it cannot be told what this file is"),
    ],
)
def test_what_cannot_be_checked_is_an_error(
    workspace: Path, handouts: Run, name: str, line: str
) -> None:
    (workspace / "empty").mkdir()
    (workspace / "notes.txt").write_bytes(b"")
    ran = handouts("check", name)
    assert ran.returncode == 3
    assert ran.stdout.startswith(line)


def test_a_vocabulary_elsewhere_is_read_by_its_name(workspace: Path, handouts: Run) -> None:
    (workspace / "draft").mkdir()
    (workspace / "draft" / "muscles.yaml").write_text("muscle: {}\n", encoding="utf-8")
    ran = handouts("check", "draft/muscles.yaml")
    assert ran.returncode == 3
    assert "draft/muscles.yaml:1:1: error[" in ran.stdout


def test_a_file_whose_name_is_no_slug_is_an_error(workspace: Path, handouts: Run) -> None:
    (workspace / "My Squat.yaml").write_bytes(SQUAT.read_bytes())
    ran = handouts("check", "My Squat.yaml")
    assert ran.returncode == 3
    assert "error[bad-slug]" in ran.stdout
