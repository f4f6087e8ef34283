"""``handouts booklet``: files for whom it was asked, and never half of one."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pikepdf
import pytest

from tests.judge import read_feet, read_texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

PLAN = """\
title: Tiny plan
goal: Sit and stand.
weeks: 2
sessions:
  - name: Any time
    prescriptions:
      - {exercise: squat, dose: 2 × 9, progression: [{week: 2, dose: 3 × 9}]}
"""
CLIENTS = """\
id,name,conditions
sam,Sam Green,none
ann,Ann Lee,backache
bo,Bo Day,acute low back pain
"""
NOT_FOR_BO = "{condition: acute-low-back-pain, level: avoid, why: It could tear.}"


@pytest.fixture
def practice(workspace: Path) -> Path:
    """Stand in a workspace with a plan that one of three clients must avoid."""
    squat = workspace / "exercises" / "squat.yaml"
    text = squat.read_text(encoding="utf-8")
    squat.write_text(
        text.replace("{condition: low-back-pain, basis: general}", NOT_FOR_BO), encoding="utf-8"
    )
    (workspace / "programmes").mkdir()
    (workspace / "programmes" / "tiny.yaml").write_text(PLAN, encoding="utf-8")
    (workspace / "clients.csv").write_text(CLIENTS, encoding="utf-8")
    return workspace


def list_made(folder: Path) -> list[str]:
    """Return the names of all files in the folder for output."""
    return sorted(file.name for file in (folder / "output").glob("*"))


def test_a_booklet_for_nobody_in_particular(practice: Path, handouts: Run) -> None:
    ran = handouts("booklet", "tiny")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "output/tiny.pdf\n", "")
    assert list_made(practice) == ["tiny.pdf"]


def test_one_who_must_avoid_an_exercise_gets_none_and_the_others_theirs(
    practice: Path, handouts: Run
) -> None:
    ran = handouts("booklet", "tiny", "--all")
    assert ran.returncode == 4
    assert ran.stdout.splitlines() == ["output/tiny-sam.pdf", "output/tiny-ann.pdf"]
    assert ran.stderr.startswith("error[must-avoid] bo must avoid squat: ")
    assert "hint: " in ran.stderr
    assert list_made(practice) == ["tiny-ann.pdf", "tiny-sam.pdf"]


def test_if_nobody_may_have_one_it_is_a_data_problem(practice: Path, handouts: Run) -> None:
    ran = handouts("booklet", "tiny", "--client", "bo")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "error[must-avoid]" in ran.stderr
    assert not (practice / "output").exists()


def test_strict_lets_a_warning_stop_all(practice: Path, handouts: Run) -> None:
    plan = practice / "programmes" / "tiny.yaml"
    progression = ", progression: [{week: 2, dose: 3 × 9}]"
    plan.write_text(PLAN.replace(progression, ""), encoding="utf-8")
    ran = handouts("booklet", "tiny", "--strict")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "warning[no-progression]" in ran.stderr
    assert not (practice / "output").exists()


def test_each_flag_reaches_the_paper(practice: Path, handouts: Run) -> None:
    since = practice / "since.yaml"
    since.write_text(PLAN.replace("2 × 9", "2 × 8"), encoding="utf-8")
    flags = ["--client", "sam", "--start", "2026-11-23", "--since", "since.yaml", "--fillable"]
    flags += ["--order", "position", "--paper", "letter", "--ink", "mono", "--output", "here.pdf"]
    ran = handouts("booklet", "tiny", *flags)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "here.pdf\n", "")
    pdf = (practice / "here.pdf").read_bytes()
    texts = read_texts(pdf)
    assert "begins23november2026ends6december2026" in texts[0]
    assert "squat:now2setsof9(before:2setsof8)" in "".join(texts[1:])
    assert all("For Sam Green" in foot for foot in read_feet(pdf))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert [float(edge) for edge in document.pages[0].mediabox.as_list()] == [0, 0, 612, 792]
        assert len(document.Root.AcroForm.Fields) == 14


@pytest.mark.parametrize(("layout", "name"), [("folded", "tiny-folded"), ("cards", "tiny-cards")])
def test_other_layouts_have_files_of_their_own(
    practice: Path, handouts: Run, layout: str, name: str
) -> None:
    ran = handouts("booklet", "tiny", "--layout", layout)
    assert (ran.returncode, ran.stdout) == (0, f"output/{name}.pdf\n"), ran.stderr
    assert (practice / "output" / f"{name}.pdf").read_bytes().startswith(b"%PDF")


def test_a_password_that_is_typed_in_locks_it(practice: Path, handouts: Run) -> None:
    ran = handouts("booklet", "tiny", "--password", "correct horse", "--output", "locked.pdf")
    assert ran.returncode == 0, ran.stderr
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(practice / "locked.pdf")
    with pikepdf.open(practice / "locked.pdf", password="correct horse") as document:  # noqa: S106
        assert document.allow.accessibility


def test_a_pipe_gets_the_pdf_and_nothing_else(practice: Path) -> None:
    command = [sys.executable, "-m", "handouts", "booklet", "tiny", "--archive", "--output", "-"]
    ran = subprocess.run(command, cwd=practice, env=os.environ, capture_output=True, check=True)
    assert ran.stderr == b""
    with pikepdf.open(io.BytesIO(ran.stdout)) as document:
        assert b"<pdfaid:part>2<" in document.Root.Metadata.read_bytes()
    assert not (practice / "output").exists()


# ── What cannot be done ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--client sam --all", "not both"),
        ("--clients clients.csv", "say for whom"),
        ("--fillable --layout folded", "--fillable needs --layout pages"),
        ("--fillable --layout cards", "--fillable needs --layout pages"),
        ("--archive --fillable", "--fillable changes it: leave one"),
        ("--archive --password x", "--password locks it: leave one"),
        ("--archive --layout folded", "--archive keeps pages to read"),
        ("--layout folded --size large", "--layout folded prints 12 pt at most"),
        ("--layout cards --since x.yaml", "--since needs --layout pages or folded"),
        ("--start 2026-02-30", "--start"),
        ("--start 9999-12-25", "--start 9999-12-25 is in no year of ours"),
        ("--start 0001-01-01", "is it mistyped?"),
        ("--all --output one.pdf", "--output one.pdf takes one booklet"),
        ("--all --output -", "--output - takes one booklet"),
        ("--client sam --client ann --output one.pdf", "takes one booklet"),
        ("--output clients.csv", "neither a folder nor a .pdf file"),
        ("--order backwards", "backwards"),
    ],
)
def test_flags_that_do_not_go_together(
    practice: Path, handouts: Run, words: str, said: str
) -> None:
    before = sorted(practice.rglob("*"))
    ran = handouts("booklet", "tiny", *words.split())
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert sorted(practice.rglob("*")) == before


def test_an_archive_with_an_empty_password_is_a_contradiction_too(
    practice: Path, handouts: Run
) -> None:
    assert practice
    assert handouts("booklet", "tiny", "--archive", "--password", "").returncode == 2


@pytest.mark.parametrize(
    ("files", "words", "said"),
    [
        ({}, "tiyn", 'hint: did you mean "tiny"?'),
        ({}, "tiny --client sma", 'hint: did you mean "sam"?'),
        ({}, "tiny --all --clients none.csv", "none.csv: error[unreadable]"),
        ({}, "tiny --since none.yaml", "none.yaml: error[unreadable]"),
        ({}, "tiny --since clients.csv", "clients.csv:1:1: error["),
        ({}, "tiny --theme nope", "error[unknown-theme]"),
        ({"programmes/tiny.yaml": PLAN.replace("squat", "squta")}, "tiny", 'mean "squat"?'),
        ({"programmes/tiny.yaml": PLAN.replace("2 × 9", "2 ×")}, "tiny", "tiny.yaml:7:27: error["),
        ({"programmes/tiny.yaml": ""}, "tiny", "tiny.yaml:1:1: error[empty-file]"),
        ({"exercises/squat.yaml": "name: ["}, "tiny", "exercises/squat.yaml:2:1: error["),
        ({"clients.csv": CLIENTS + "sam,Again,none\n"}, "tiny --all", "clients.csv:5:1: error["),
        ({"clients.csv": CLIENTS.replace("Sam G", "S\x1bG")}, "tiny --all", "clients.csv:2:6: "),
        ({"clients.csv": CLIENTS.replace("Sam", "S" * 300)}, "tiny --all", "clients.csv:2:5: "),
        ({"handouts.toml": '[trainer]\nlogo = "a.png"\n', "a.png": "x"}, "tiny", "picture-"),
        ({"handouts.toml": '[trainer]\nlogo = "b.png"\n'}, "tiny", "handouts.toml"),
        ({"templates/booklet/week.html.j2": "{% nope"}, "tiny", "week.html.j2:1: error["),
        ({"templates/booklet/log.html.j2": "{{ no.no }}"}, "tiny", "log.html.j2:1: error["),
    ],
)
def test_what_is_wrong_is_told_and_a_good_older_booklet_stays(
    practice: Path, handouts: Run, files: dict[str, str], words: str, said: str
) -> None:
    (practice / "output").mkdir()
    for name in ("tiny", "tiny-sam"):
        (practice / "output" / f"{name}.pdf").write_bytes(b"%PDF-good")
    for name, text in files.items():
        (practice / name).parent.mkdir(parents=True, exist_ok=True)
        (practice / name).write_text(text, encoding="utf-8")
    ran = handouts("booklet", *words.split())
    assert (ran.returncode, ran.stdout) == (3, "")
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
    assert list_made(practice) == ["tiny-sam.pdf", "tiny.pdf"]
    for file in (practice / "output").iterdir():
        assert file.read_bytes() == b"%PDF-good"


def test_a_folder_that_cannot_be_written_is_a_problem(practice: Path, handouts: Run) -> None:
    (practice / "blocked").write_text("in the way", encoding="utf-8")
    ran = handouts("booklet", "tiny", "--output", "blocked/inner")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "error[cannot-write]" in ran.stderr
    assert "hint: " in ran.stderr


def test_the_same_booklet_twice_leaves_the_file_as_it_was(practice: Path, handouts: Run) -> None:
    handouts("booklet", "tiny", "--client", "sam")
    file = practice / "output" / "tiny-sam.pdf"
    first, data = file.stat().st_mtime_ns, file.read_bytes()
    assert handouts("booklet", "tiny", "--client", "sam").returncode == 0
    assert (file.stat().st_mtime_ns, file.read_bytes()) == (first, data)
