"""A new exercise, programme or list of clients begins as a commented file."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from handouts.assets import LIBRARY
from handouts.model.client import Client
from handouts.model.exercise import Exercise
from handouts.model.programme import Override, Prescription, Programme, Session, Stage

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from pydantic import BaseModel

    Run = Callable[..., subprocess.CompletedProcess[str]]


def fill(text: str) -> str:
    """Return the text with no more than what must be said."""
    for empty, filled in (
        ("summary:\n", "summary: Sit down and stand up.\n"),
        ("position:\n", "position: standing\n"),
        ("primary: []", "primary: [quadriceps]"),
        ("      -\n", "      - Bend your knees.\n"),
        ("avoid:\n#   - {", "avoid:\n  - {"),
    ):
        assert empty in text
        text = text.replace(empty, filled)
    return text


def test_the_file_is_written_and_named(workspace: Path, handouts: Run) -> None:
    ran = handouts("new", "exercise", "Split squat")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "exercises/split-squat.yaml\n", "")
    text = (workspace / "exercises" / "split-squat.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=../schemas/exercise.schema.json\n")
    assert (workspace / "schemas" / "exercise.schema.json").is_file()
    assert "\nname: Split squat\n" in text
    assert "handouts check split-squat\n" in text
    assert "@" not in text


def test_as_it_is_the_file_says_what_is_missing(workspace: Path, handouts: Run) -> None:
    """No example text can reach a client by oversight."""
    assert workspace
    handouts("new", "exercise", "Split squat")
    ran = handouts("check", "split-squat")
    assert ran.returncode == 3
    codes = re.findall(r":(\d+):\d+: error\[([a-z-]+)\] ([\w.]+):", ran.stdout)
    assert [(code, where) for _, code, where in codes] == [
        ("empty-value", "summary"),
        ("empty-value", "position"),
        ("too-few", "muscles.primary"),
        ("empty-value", "steps.1.do.1"),
        ("empty-value", "avoid"),
    ]


def test_after_a_minimal_filling_it_has_no_error(workspace: Path, handouts: Run) -> None:
    handouts("new", "exercise", "Split squat")
    file = workspace / "exercises" / "split-squat.yaml"
    file.write_text(fill(file.read_text(encoding="utf-8")), encoding="utf-8")
    ran = handouts("check", "split-squat", "--no-layout")
    assert ran.returncode == 0
    assert re.findall(r"warning\[([a-z-]+)\] (\w+)", ran.stdout) == [
        ("section-missing", "errors"),
        ("section-missing", "progressions"),
    ]


def test_with_every_part_used_it_has_no_problem_at_all(workspace: Path, handouts: Run) -> None:
    handouts("new", "exercise", "Split squat")
    file = workspace / "exercises" / "split-squat.yaml"
    text = fill(file.read_text(encoding="utf-8"))
    # A part's first line begins "# key:" or "#   - "; notes begin with a capital letter.
    text = re.sub(r"(?m)^# (?=(?:[a-z_]+:|  ))", "", text)
    text = re.sub(r"(?m)^  # (?=(?:[a-z_]+:|- |  ))", "  ", text)
    text = text.replace("    # cues", "    cues").replace("[]", "[hamstrings]")
    file.write_text(text, encoding="utf-8")
    ran = handouts("check", "split-squat", "--no-layout")
    assert (ran.stdout, ran.returncode) == ("", 0)


def test_the_notes_name_every_key() -> None:
    text = (LIBRARY / "new" / "exercise.yaml").read_text(encoding="utf-8")
    keys = set(Exercise.model_fields) - {"slug", "language", "version"}
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", text)] == []


def test_a_file_is_never_overwritten(workspace: Path, handouts: Run) -> None:
    file = workspace / "exercises" / "squat.yaml"
    before = file.read_bytes()
    ran = handouts("new", "exercise", "Squat")
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr == (
        "exercises/squat.yaml: error[file-exists] this file is there already\n"
        "  hint: nothing was written; choose another name, or move that file away\n"
    )
    assert file.read_bytes() == before
    assert not (workspace / "schemas").exists()


def test_without_a_workspace_it_says_how_to_make_one(nowhere: Path, handouts: Run) -> None:
    ran = handouts("new", "exercise", "Squat")
    assert ran.returncode == 2
    assert ran.stderr == (
        "error[no-workspace] this folder is not in a workspace, so there is no place for the file\n"
        "  hint: run: handouts init\n"
    )
    assert list(nowhere.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "slug", "written"),
    [
        ("Élan's  step-up (left)", "elans-step-up-left", '"Élan\'s step-up (left)"'),
        ("Squat: wide", "squat-wide", '"Squat: wide"'),
        ('The "big" one \\ two', "the-big-one-two", '"The \\"big\\" one \\\\ two"'),
        ("90/90", "90-90", '"90/90"'),
        ("no", "no", "no"),
    ],
)
def test_any_name_is_read_back_as_it_was_typed(
    workspace: Path, handouts: Run, name: str, slug: str, written: str
) -> None:
    assert handouts("new", "exercise", name).stdout == f"exercises/{slug}.yaml\n"
    file = workspace / "exercises" / f"{slug}.yaml"
    text = file.read_text(encoding="utf-8")
    assert f"\nname: {written}\n" in text
    file.write_text(fill(text), encoding="utf-8")
    shown = handouts("show", slug)
    assert shown.stdout.splitlines()[0] == " ".join(name.split())


@pytest.mark.parametrize("name", ["", "  ", "a\nb\x07", "x" * 201])
def test_a_name_that_cannot_be_printed_is_refused(
    workspace: Path, handouts: Run, name: str
) -> None:
    assert workspace
    ran = handouts("new", "exercise", name)
    assert ran.returncode == 2
    assert "error[bad-name]" in ran.stderr


def test_a_name_without_latin_letters_asks_for_a_slug(workspace: Path, handouts: Run) -> None:
    assert workspace
    ran = handouts("new", "exercise", "スクワット")
    assert ran.returncode == 2
    assert "error[bad-slug]" in ran.stderr
    assert handouts("new", "exercise", "スクワット", "--slug", "squat-ja").returncode == 0
    assert handouts("new", "exercise", "x", "--slug", "../x").returncode == 2


def test_a_file_that_hides_a_shipped_one_is_pointed_out(workspace: Path, handouts: Run) -> None:
    assert workspace
    ran = handouts("new", "exercise", "Hip hinge")
    assert ran.returncode == 0
    assert "exercises/hip-hinge.yaml: warning[shadows-shipped]" in ran.stderr


NO_PROGRESSION = re.compile(
    r"programmes/[\w-]+\.yaml:26:1: warning\[no-progression\] nothing in .*\n  hint: .*\n"
)


def test_a_programme_begins_sound_and_names_the_next_command(
    workspace: Path, handouts: Run
) -> None:
    ran = handouts("new", "programme", "Steady start", "squat", "hip-hinge", "squat")
    file = "programmes/steady-start.yaml"
    assert (ran.returncode, ran.stdout) == (0, f"{file}\n")
    assert ran.stderr == f"Write your plan into {file}, then: handouts check {file}\n"
    text = (workspace / file).read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=../schemas/programme.schema.json\n")
    assert (workspace / "schemas" / "programme.schema.json").is_file()
    assert "run:  handouts check steady-start\n" in text
    assert "@" not in text
    assert handouts("list", "--programmes").stdout.splitlines()[-1] == (
        "steady-start\tSteady start\t4\tsquat, hip-hinge"
    )
    for named in ("steady-start", file):
        ran = handouts("check", named)
        assert ran.returncode == 0
        # No week is made up either: the trainer is told that one is missing.
        assert NO_PROGRESSION.fullmatch(ran.stdout)


def test_a_programme_with_every_part_used_has_no_problem_at_all(
    workspace: Path, handouts: Run
) -> None:
    handouts("new", "programme", "Steady start", "squat", "--slug", "plan")
    handouts("new", "clients")
    file = workspace / "programmes" / "plan.yaml"
    text = file.read_text(encoding="utf-8")
    # A part's line begins with a key, a list or deeper text; notes begin with a capital letter.
    text = re.sub(r"(?m)^( *)# (?=[a-z_]+: |[a-z_]+:$|  )", r"\1", text)
    text = re.sub(r"(?m)^#$", "", text)
    file.write_text(text, encoding="utf-8")
    ran = handouts("check", "plan", "clients.yaml", "--strict")
    assert (ran.stdout, ran.returncode) == ("", 0)
    roster = workspace / "clients.yaml"
    roster.write_text(
        re.sub(r"(?m)^    # (?=[a-z]+: )", "    ", roster.read_text(encoding="utf-8")),
        encoding="utf-8",
    )
    ran = handouts("check", "clients.yaml", "--strict")
    assert (ran.stdout, ran.returncode) == ("", 0)
    ran = handouts("screen", "plan", "--json")
    assert json.loads(ran.stdout)["clients"] == ["example"]


@pytest.mark.parametrize(
    ("file", "models"),
    [
        ("programme.yaml", (Programme, Session, Prescription, Stage, Override)),
        ("clients.yaml", (Client,)),
        ("clients.csv", (Client,)),
    ],
)
def test_the_other_notes_name_every_key_too(file: str, models: tuple[type[BaseModel], ...]) -> None:
    text = (LIBRARY / "new" / file).read_text(encoding="utf-8")
    keys = {key for model in models for key in model.model_fields} - {"slug"}
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", text)] == []


@pytest.mark.parametrize("name", ['A "b": \\ c', "@SLUG@ @ROWS@", "no"])
def test_any_title_is_read_back_as_it_was_typed(workspace: Path, handouts: Run, name: str) -> None:
    assert workspace
    assert handouts("new", "programme", name, "--slug", "plan").returncode == 0
    rows = [row.split("\t") for row in handouts("list", "--programmes").stdout.splitlines()]
    # Without an exercise named, it has the first one.
    assert ["plan", name, "4", "hip-hinge"] in rows


def test_a_programme_that_cannot_be_is_refused(workspace: Path, handouts: Run) -> None:
    ran = handouts("new", "programme", "Plan", "sqat")
    assert ran.returncode == 3
    assert 'error[unknown-exercise] there is no exercise "sqat"' in ran.stderr
    ran = handouts("new", "programme", " ")
    assert ran.returncode == 2
    assert 'handouts new programme "' in ran.stderr
    assert not (workspace / "programmes").exists()
    ran = handouts("new", "programme", "Balance")
    assert ran.returncode == 0
    assert "warning[shadows-shipped] from now on this file stands in for the shipped programme" in (
        ran.stderr
    )
    assert handouts("new", "programme", "Balance").returncode == 2


@pytest.mark.parametrize(("flags", "file"), [((), "clients.yaml"), (("--csv",), "clients.csv")])
def test_a_list_of_clients_begins_with_an_example(
    workspace: Path, handouts: Run, flags: tuple[str, ...], file: str
) -> None:
    ran = handouts("new", "clients", *flags)
    assert (ran.returncode, ran.stdout) == (0, f"{file}\n")
    assert ran.stderr == f"Write your clients into {file}, then: handouts check {file}\n"
    ran = handouts("check", file, "--strict")
    assert (ran.returncode, ran.stdout) == (0, "")
    assert (workspace / "schemas" / "clients.schema.json").is_file() == (not flags)
    # One list is enough: with two, none could be taken without being named.
    ran = handouts("new", "clients")
    assert ran.returncode == 2
    assert ran.stderr == (
        f"{file}: error[file-exists] this is your list of clients already\n"
        "  hint: nothing was written; add your clients to it\n"
    )
