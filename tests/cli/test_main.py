"""Every command says what it does, a mistyped one is named, and no fault ends in a traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from handouts import __version__
from handouts.cli import cli, give_room

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., "subprocess.CompletedProcess[str]"]

COMMANDS = [
    "render",
    "booklet",
    "batch",
    "list",
    "show",
    "check",
    "screen",
    "mail",
    "outbox",
    "print",
    "figure",
    "new",
    "init",
    "theme",
    "schema",
    "cache",
    "doctor",
    "completion",
]
HEAVY = {"pydantic", "weasyprint", "reportlab", "pikepdf", "jinja2", "babel", "rich"}
# A Pango that is not there, as cffi meets it on a fresh machine.
NO_PANGO = """\
import cffi

def dlopen(self, name, flags=0):
    raise OSError(f"cannot load library {name!r}")

cffi.FFI.dlopen = dlopen
"""


def test_help_lists_every_command(handouts: Run) -> None:
    ran = handouts("--help")
    assert ran.returncode == 0
    for name in COMMANDS:
        assert f"\n  {name} " in ran.stdout


@pytest.mark.parametrize(
    "words",
    [[name] for name in COMMANDS]
    + [["new", "exercise"]]
    + [["theme", name] for name in ("list", "which", "copy", "new")]
    + [["outbox", name] for name in ("list", "show", "retry", "resolve", "export")],
    ids=" ".join,
)
def test_each_command_explains_itself(handouts: Run, words: list[str]) -> None:
    ran = handouts(*words, "--help")
    assert ran.returncode == 0
    assert ran.stdout.startswith(f"Usage: handouts {' '.join(words)} ")
    assert ran.stderr == ""


def test_a_mistyped_command_is_suggested(handouts: Run) -> None:
    ran = handouts("rendr")
    assert ran.returncode == 2
    assert "No such command 'rendr'." in ran.stderr
    assert 'Did you mean "render"?' in ran.stderr
    assert ran.stdout == ""


def test_the_version_is_printed(handouts: Run) -> None:
    assert handouts("--version").stdout == f"handouts, version {__version__}\n"


def test_the_commands_are_still_listed_after_the_list_command_was_loaded() -> None:
    """``handouts.cli.list`` is a module: it must not stand in for the built-in ``list``."""
    import click

    context = click.Context(cli)
    assert cli.get_command(context, "list")
    assert cli.list_commands(context) == COMMANDS


def test_a_named_workspace_must_be_one(nowhere: Path, handouts: Run) -> None:
    ran = handouts("-C", nowhere / "gone", "list")
    assert ran.returncode == 3
    assert "error[workspace-missing] there is no such folder" in ran.stderr


@pytest.mark.parametrize("words", [["render", "hip-hinge"], ["check"], ["doctor"]], ids=" ".join)
def test_a_missing_pango_is_answered_with_what_installs_it(
    spawn: Run, tmp_path: Path, words: list[str]
) -> None:
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "sitecustomize.py").write_text(NO_PANGO, encoding="utf-8")
    environment = {
        "PYTHONPATH": str(tmp_path / "fake"),
        "HANDOUTS_CACHE_DIR": str(tmp_path / "cache"),
    }
    ran = spawn(*words, **environment)
    assert ran.returncode == 5
    said = ran.stdout + ran.stderr
    assert "the layout engine's library Pango is not installed" in said
    assert "run: " in said
    assert "Traceback" not in said
    assert "-----" not in said  # WeasyPrint's banner
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize("words", [["list"], ["show", "hip-hinge"], ["schema"], ["theme", "list"]])
def test_what_needs_no_pango_works_without_it(spawn: Run, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "sitecustomize.py").write_text(NO_PANGO, encoding="utf-8")
    assert spawn(*words, PYTHONPATH=str(tmp_path)).returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="pipes of a POSIX shell")
def test_a_reader_that_leaves_is_no_fault() -> None:
    ran = subprocess.run(
        [
            shutil.which("bash") or "bash",
            "-c",
            f'"{sys.executable}" -m handouts show hip-hinge | true; echo ${{PIPESTATUS[0]}}',
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "0\n"
    assert ran.stderr == ""


def test_light_commands_load_no_heavy_library(tmp_path: Path) -> None:
    """Start-up time: what is not imported costs nothing."""
    probe = (
        "import sys\n"
        "from handouts.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "finally:\n"
        f"    print(sorted({HEAVY} & set(sys.modules)), file=sys.stderr)\n"
    )
    for words in (["--help"], ["list"], ["schema", "exercise"]):
        ran = subprocess.run(
            [sys.executable, "-c", probe, *words],
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        assert ran.stderr == "[]\n", words


@pytest.mark.skipif(sys.platform != "linux", reason="the system counts what it gives out")
def test_calls_inside_each_other_have_room() -> None:
    import resource

    def rest() -> None:
        return

    def climb(depth: int) -> None:
        if depth:
            climb(depth - 1)
            return
        for _ in range(300):
            rest()

    def count() -> int:
        """Return how often the system had to give memory, wherever borders are."""
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for depth in range(300):
            climb(depth)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    assert give_room(count)() * 3 < count()
    assert give_room(max)(3, 4, key=lambda number: -number) == 3
