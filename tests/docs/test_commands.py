"""Every command and every file that the documents show works as it stands there.

The ``sh`` blocks of a document are one shell script, run in order in a copy of the checkout. A
block with ``title="FILE"`` is written to that file before the script goes on.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sysconfig
import venv
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
BLOCK = re.compile(
    r'^```(?P<kind>\w+)(?: title="(?P<file>[^"]+)")?\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL
)
SHELL = "/bin/sh"
# For another system than the one that runs the tests; excerpts, which test_figures.py and
# test_mail.py try; what needs several computers, which tests/batch tries on one.
NOT_RUN = {"powershell", "yaml", "toml", "text"}
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv*", ".*_cache", ".hypothesis", "__pycache__", "*.pdf", ".coverage*"
)
LAUNCHER = '#!/bin/sh\nexec {python} -m handouts "$@"\n'

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the blocks are for a POSIX shell")


def read_blocks(text: str) -> list[re.Match[str]]:
    """Return a document's fenced blocks that name a language."""
    return list(BLOCK.finditer(text))


def write_script(text: str) -> str:
    """Return a document's blocks as one shell script."""
    lines = ["set -eu"]
    for block in read_blocks(text):
        if block["file"]:
            name = shlex.quote(block["file"])
            lines.append(f"mkdir -p \"$(dirname {name})\"\ncat > {name} <<'END OF FILE'")
            lines.append(f"{block['text']}END OF FILE")
        elif block["kind"] == "sh":
            lines.append(block["text"])
    return "\n".join(lines)


def list_documents() -> list[Path]:
    """Return the documents that show commands."""
    documents = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
    return [file for file in documents if "\n```sh\n" in file.read_text(encoding="utf-8")]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of this checkout, set up as `.ci/setup` would leave it, without a download."""
    copy = tmp_path_factory.mktemp("clone") / "handouts"
    shutil.copytree(CHECKOUT, copy, ignore=NOT_COPIED)
    venv.create(copy / ".venv", with_pip=False)
    python = copy / ".venv" / "bin" / "python"
    site = next((copy / ".venv" / "lib").glob("python*/site-packages"))
    lent = f"{copy}\n{sysconfig.get_path('purelib')}\n"
    (site / "handouts.pth").write_text(lent, encoding="utf-8")
    launcher = python.with_name("handouts")
    launcher.write_text(LAUNCHER.format(python=shlex.quote(str(python))), encoding="utf-8")
    launcher.chmod(0o755)
    stamp = 'echo "$(cksum <pyproject.toml) $PWD" | tee .venv/.ready-program >.venv/.ready-test'
    subprocess.run([SHELL, "-c", stamp], cwd=copy, check=True)
    return copy


def run_script(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a shell script as a person would type it, in a folder."""
    # These tests may themselves be run by make, which would tell the make inside of them.
    outer = ("MAKE", "MFLAGS", "PYTHONPATH", "PYTEST_XDIST")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(outer)}
    # `make test` inside of the tests: a short one.
    environment["ARGS"] = "tests/test_problem.py tests/model/test_dose.py"
    return subprocess.run(
        [SHELL, "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("document", list_documents(), ids=lambda file: str(file.name))
def test_the_commands_of_a_document_work(document: Path, checkout: Path) -> None:
    shutil.rmtree(checkout / "my-practice", ignore_errors=True)
    done = run_script(write_script(document.read_text(encoding="utf-8")), checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_command_that_fails_is_found(checkout: Path) -> None:
    script = write_script("```sh\n. .venv/bin/activate\nhandouts render hip-hing\n```\n")
    assert run_script(script, checkout).returncode


def test_make_handouts_renders_the_five(checkout: Path) -> None:
    done = run_script("rm -f output/*.pdf; make handouts", checkout)
    assert (done.returncode, done.stderr) == (0, "")
    made = sorted(file.name for file in (checkout / "output").glob("*.pdf"))
    assert len(made) == 5
    assert done.stdout.split() == [f"output/{name}" for name in made]


def test_make_words_and_schemas_change_nothing(checkout: Path) -> None:
    folders = ("templates/words", "handouts/library/schemas")
    done = run_script("make words schemas", checkout)
    assert done.returncode == 0, done.stderr
    for folder in folders:
        for file in (CHECKOUT / folder).iterdir():
            assert (checkout / folder / file.name).read_bytes() == file.read_bytes(), file.name


def test_blocks_are_commands_files_or_for_another_system() -> None:
    for document in list_documents():
        for block in read_blocks(document.read_text(encoding="utf-8")):
            assert block["kind"] == "sh" or block["file"] or block["kind"] in NOT_RUN


def test_the_files_of_the_worked_example_are_those_of_the_documents() -> None:
    example = CHECKOUT / "docs" / "examples" / "my-practice"
    shown = {
        block["file"]: block["text"]
        for name in ("README.md", "docs/themes.md")
        for block in read_blocks((CHECKOUT / name).read_text(encoding="utf-8"))
        if block["file"]
    }
    kept = {
        file.relative_to(example).as_posix(): file.read_text(encoding="utf-8")
        for file in example.rglob("*")
        if file.is_file() and file.parent.name != "output"
    }
    assert kept == shown
