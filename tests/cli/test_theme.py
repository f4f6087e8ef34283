"""A look can be traced to its files, and changed in a copy that overwrites nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from handouts.assets import STYLES, TEMPLATES

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]


def test_themes_are_listed(workspace: Path, handouts: Run) -> None:
    assert workspace
    rows = [line.split("\t") for line in handouts("theme", "list").stdout.splitlines()]
    assert {"clear", "gym"} <= {row[0] for row in rows}
    assert {row[1] for row in rows} == {"shipped"}
    themes = json.loads(handouts("theme", "list", "--json").stdout)
    assert [theme["name"] for theme in themes] == [row[0] for row in rows]
    assert themes[0]["folder"] == str(STYLES / "themes" / "clear")


def test_which_names_the_winner_first(workspace: Path, handouts: Run) -> None:
    shipped = TEMPLATES / "parts" / "header.html.j2"
    assert handouts("theme", "which", "parts/header.html.j2").stdout == f"shipped\t{shipped}\n"
    copied = handouts("theme", "copy", "parts/header.html.j2")
    assert copied.stdout == "templates/parts/header.html.j2\n"
    own = workspace / "templates" / "parts" / "header.html.j2"
    assert own.read_bytes() == shipped.read_bytes()
    assert handouts("theme", "which", "parts/header.html.j2").stdout == (
        f"workspace\ttemplates/parts/header.html.j2\nshipped\t{shipped}\n"
    )


def test_which_knows_styles_and_words(workspace: Path, handouts: Run) -> None:
    assert workspace
    assert handouts("theme", "which", "base.css").stdout == f"shipped\t{STYLES / 'base.css'}\n"
    assert handouts("theme", "which", "words/en.po").returncode == 0


@pytest.mark.parametrize("name", ["header.html.j2", "exercise.htm.j2", "../secret", "/etc/passwd"])
def test_an_unknown_file_is_a_problem(workspace: Path, handouts: Run, name: str) -> None:
    assert workspace
    ran = handouts("theme", "which", name)
    assert ran.returncode == 2
    assert f'error[unknown-file] no template or style is called "{name}"' in ran.stderr
    if name == "header.html.j2":
        assert 'did you mean "parts/header.html.j2"?' in ran.stderr


def test_a_copy_overwrites_nothing(workspace: Path, handouts: Run) -> None:
    own = workspace / "styles" / "base.css"
    own.parent.mkdir()
    own.write_bytes(b"mine")
    ran = handouts("theme", "copy", "document.html.j2", "base.css")
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert "styles/base.css: error[file-exists]" in ran.stderr
    assert own.read_bytes() == b"mine"
    assert not (workspace / "templates").exists()


def test_a_copy_needs_a_workspace(nowhere: Path, handouts: Run) -> None:
    ran = handouts("theme", "copy", "base.css")
    assert ran.returncode == 2
    assert "error[no-workspace]" in ran.stderr
    assert list(nowhere.iterdir()) == []


def test_a_themes_own_file_is_not_copied_out_of_it(workspace: Path, handouts: Run) -> None:
    ran = handouts("theme", "copy", "theme.toml")
    assert ran.returncode == 2
    assert "error[themes-own-file]" in ran.stderr
    assert not (workspace / "styles").exists()


def test_a_theme_begins_with_another(workspace: Path, handouts: Run) -> None:
    ran = handouts("theme", "new", "my-studio", "--from", "gym")
    assert ran.returncode == 0
    folder = workspace / "styles" / "themes" / "my-studio"
    assert set(ran.stdout.splitlines()) == {
        file.relative_to(workspace).as_posix() for file in folder.rglob("*") if file.is_file()
    }
    assert (folder / "theme.css").is_file()
    assert 'label = "My studio"' in (folder / "theme.toml").read_text(encoding="utf-8")
    assert "my-studio\tworkspace\t" in handouts("theme", "list").stdout
    made = handouts("render", "squat", "--theme", "my-studio", "--html", "--output", "x.html")
    assert (made.returncode, made.stdout) == (0, "x.html\n")
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    again = handouts("theme", "new", "my-studio")
    assert again.returncode == 2
    assert "error[file-exists]" in again.stderr
    assert {file: file.read_bytes() for file in before} == before


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (["new", "../x"], "bad-slug", 2),
        (["new", "mine", "--from", "gim"], "unknown-theme", 3),
        (["which", "base.css", "--theme", "gim"], "unknown-theme", 3),
    ],
)
def test_names_that_are_none_are_problems(
    workspace: Path, handouts: Run, words: list[str], code: str, exit_code: int
) -> None:
    ran = handouts("theme", *words)
    assert ran.returncode == exit_code
    assert f"error[{code}]" in ran.stderr
    assert not (workspace / "styles").exists()
