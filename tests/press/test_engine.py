"""A missing engine is answered with the command that installs it, on whatever machine."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from handouts.press import engine
from handouts.problem import ExitCode, HandoutError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def unloaded() -> Iterator[None]:
    """Forget that the engine was loaded, before and after."""
    engine.load_engine.cache_clear()
    yield
    engine.load_engine.cache_clear()


@pytest.mark.parametrize(
    ("system", "manager", "said"),
    [
        ("Windows", None, "pacman -S mingw-w64-ucrt-x86_64-pango"),
        ("Darwin", None, "brew install pango"),
        ("Linux", "apt-get", "sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0"),
        ("Linux", "dnf", "sudo dnf install pango"),
        ("Linux", "pacman", "sudo pacman -S pango"),
        ("Linux", "zypper", "sudo zypper install libpango-1_0-0"),
        ("Linux", "apk", "sudo apk add pango"),
        ("Linux", None, "sudo apt-get install"),
    ],
)
def test_the_remedy_is_this_machines(
    monkeypatch: pytest.MonkeyPatch, system: str, manager: str | None, said: str
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/x" if name == manager else None)
    assert engine.pango_remedy().startswith(said)


@pytest.mark.usefixtures("unloaded")
def test_a_missing_pango_is_a_problem_without_a_banner(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        sys.stdout.write("-----\nWeasyPrint could not import some external libraries\n-----")
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(engine, "_import_quickly", fail)
    with pytest.raises(HandoutError) as caught:
        engine.load_engine()
    assert caught.value.exit_code is ExitCode.ENGINE
    [problem] = caught.value.report
    assert problem.code == "engine-missing"
    assert problem.hint == f"run: {engine.pango_remedy()}"
    assert capsys.readouterr().out == ""


def run(tmp_path: Path, site: str, program: str) -> subprocess.CompletedProcess[str]:
    """Return what a program does in a process that was tampered with at its start."""
    (tmp_path / "sitecustomize.py").write_text(site, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


NO_PANGO = """\
import cffi
def dlopen(self, name, flags=0):
    raise OSError(f"cannot load library {name!r}")
cffi.FFI.dlopen = dlopen
"""
# A machine where the loader finds nothing by its exact name: only the search knows.
ONLY_BY_SEARCH = """\
import cffi, ctypes.util
real, search = cffi.FFI.dlopen, ctypes.util.find_library
def dlopen(self, name, flags=0):
    if ctypes.util.find_library is not search:
        raise OSError(f"cannot load library {name!r}")
    return real(self, name, flags)
cffi.FFI.dlopen = dlopen
"""
RENDER = "from handouts.cli import main; main(['render', 'hip-hinge', '--output', '-'])"


def test_the_command_ends_with_the_remedy_and_without_a_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDOUTS_CACHE_DIR", str(tmp_path / "cache"))
    done = run(tmp_path, NO_PANGO, RENDER)
    assert done.returncode == 5
    assert done.stdout == ""
    first, hint = done.stderr.splitlines()
    assert first.startswith("error[engine-missing] the layout engine's library Pango")
    assert hint == f"  hint: run: {engine.pango_remedy()}"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the search is skipped on Linux")
def test_where_the_quick_way_fails_the_slow_search_has_its_chance(tmp_path: Path) -> None:
    program = (
        "import ctypes.util; before = ctypes.util.find_library\n"
        "from handouts.press.engine import load_engine; print(load_engine().HTML.__name__)\n"
        "assert ctypes.util.find_library is before"
    )
    done = run(tmp_path, ONLY_BY_SEARCH, program)
    assert (done.returncode, done.stdout, done.stderr) == (0, "HTML\n", "")
