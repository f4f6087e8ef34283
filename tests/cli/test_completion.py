"""Pressing Tab completes commands, slugs and themes in each shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

# Stands for the installed command, whether or not its folder is on the PATH here.
LAUNCHER = f'#!/bin/sh\nexec "{sys.executable}" -m handouts "$@"\n'
IN_BASH = """\
eval "$(handouts completion bash)"
COMP_WORDS=(%(words)s)
COMP_CWORD=%(number)d
_handouts_completion handouts
printf '%%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(not shutil.which("bash") or os.name == "nt", reason="there is no bash here")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("handouts re", ["render"]),
        ("handouts render single", ["single-leg-deadlift", "single-leg-hip-thrust"]),
        ("handouts show hip", ["hip-hinge"]),
        ("handouts render --theme g", ["gym"]),
        ("handouts render --paper ''", ["a4", "letter"]),
        ("handouts theme copy parts/ste", ["parts/steps.html.j2"]),
        ("handouts schema set", ["settings"]),
        ("handouts screen run", ["runners-hips"]),
        ("handouts completion p", ["powershell"]),
    ],
)
def test_bash_completes(tmp_path: Path, words: str, expected: list[str]) -> None:
    launcher = tmp_path / "bin" / "handouts"
    launcher.parent.mkdir()
    launcher.write_text(LAUNCHER, encoding="utf-8")
    launcher.chmod(0o700)
    script = IN_BASH % {"words": words, "number": len(words.split()) - 1}
    ran = subprocess.run(
        [shutil.which("bash") or "", "--norc", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{launcher.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (ran.stdout.split(), ran.stderr) == (expected, "")


@pytest.mark.parametrize(
    ("typed", "word", "expected"),
    [
        ("handouts re", "re", "render\tMake a PDF handout of each exercise.\n"),
        ("handouts show hip", "hip", "hip-hinge\tHip hinge\n"),
        ("handouts render --paper ", "", "a4\nletter\n"),
        ("handouts render hip-hinge --theme gy", "gy", "gym\tGym\n"),
        ("handouts show x", "x", "\n"),
    ],
)
def test_powershell_completes(spawn: Run, typed: str, word: str, expected: str) -> None:
    ran = spawn(_HANDOUTS_COMPLETE="powershell_complete", COMP_WORDS=typed, COMP_WORD=word)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, expected, "")


def test_zsh_and_fish_are_answered_in_their_way(spawn: Run) -> None:
    words = {"COMP_WORDS": "handouts show hip", "COMP_CWORD": "2"}
    assert (
        spawn(_HANDOUTS_COMPLETE="zsh_complete", **words).stdout == "plain\nhip-hinge\nHip hinge\n"
    )
    fish = {"COMP_WORDS": "handouts show hip", "COMP_CWORD": "hip"}
    assert "hip-hinge" in spawn(_HANDOUTS_COMPLETE="fish_complete", **fish).stdout


@pytest.mark.parametrize(
    ("shell", "mark"),
    [
        ("bash", "complete -o nosort -F _handouts_completion handouts"),
        ("zsh", "#compdef handouts"),
        ("fish", "complete --no-files --command handouts"),
        ("powershell", "Register-ArgumentCompleter -Native -CommandName handouts"),
    ],
)
def test_each_script_is_printed(handouts: Run, shell: str, mark: str) -> None:
    ran = handouts("completion", shell)
    assert ran.returncode == 0
    assert mark in ran.stdout
    assert "%(" not in ran.stdout


def test_the_shell_in_use_is_the_default(handouts: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/usr/bin/zsh")
    assert handouts("completion").stdout == handouts("completion", "zsh").stdout
    monkeypatch.setenv("SHELL", "/bin/dash")
    ran = handouts("completion")
    assert ran.returncode == 2
    assert ran.stderr == (
        "error[unknown-shell] it cannot be told which shell you use\n"
        "  hint: name it: handouts completion bash|zsh|fish|powershell\n"
    )


@pytest.mark.skipif(not shutil.which("pwsh"), reason="there is no PowerShell here")
def test_powershell_takes_the_script(spawn: Run, tmp_path: Path) -> None:
    script = tmp_path / "c.ps1"
    script.write_text(spawn("completion", "powershell").stdout, encoding="utf-8")
    ran = subprocess.run([shutil.which("pwsh") or "", "-File", str(script)], check=False)
    assert ran.returncode == 0


def test_a_broken_workspace_completes_nothing_and_says_nothing(spawn: Run, tmp_path: Path) -> None:
    (tmp_path / "handouts.toml").write_text("[", encoding="utf-8")
    (tmp_path / "styles" / "themes" / "x").mkdir(parents=True)
    (tmp_path / "styles" / "themes" / "x" / "theme.toml").write_text("[", encoding="utf-8")
    typed = {"COMP_WORDS": "handouts render --theme g", "COMP_WORD": "g"}
    ran = spawn(_HANDOUTS_COMPLETE="powershell_complete", **typed)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "\n", "")
