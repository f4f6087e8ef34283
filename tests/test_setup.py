"""`.ci/setup` installs what is missing where it may, says the exact command where it may not.

The machine is made of stand-ins: a folder that is the whole PATH, in which each program writes down
how it was called.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
SHELL = "/bin/sh"
TOOLS = ("sh", "dirname", "cat", "cksum", "mkdir", "touch", "env", "chmod", "rm")
PANGO = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
# It has what the files `ensurepip` and `pango` say: `python -m venv` makes a copy of itself.
PYTHON = """\
case "$*" in
  *version_info\\ \\<*) [ -f "$HERE/python" ] ;;
  *ensurepip*) [ -f "$HERE/ensurepip" ] ;;
  *load_engine*) [ -f "$HERE/pango" ] ;;
  *version_info*) echo 3.11 ;;
  *venv*)
    mkdir -p .venv/bin
    cat "$HERE/bin/python3" >.venv/bin/python
    chmod +x .venv/bin/python ;;
esac
"""
# What a package manager would bring.
BRINGS = """\
case "$*" in *install*)
  case "$*" in *venv*) touch "$HERE/ensurepip" ;; esac
  case "$*" in *python*) touch "$HERE/python" ;; esac
  case "$*" in *pango*) touch "$HERE/pango" ;; esac
esac
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a POSIX shell script")


class Machine:
    """A checkout and a PATH of stand-ins."""

    def __init__(self, folder: Path) -> None:
        """Make a machine with a shell and nothing else."""
        self.folder = folder
        self.checkout = folder / "checkout"
        (self.checkout / ".ci").mkdir(parents=True)
        shutil.copy(CHECKOUT / ".ci" / "setup", self.checkout / ".ci")
        shutil.copy(CHECKOUT / "pyproject.toml", self.checkout)
        (folder / "bin").mkdir()
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found
            (folder / "bin" / tool).symlink_to(found)
        self.add("uname", "echo Linux")
        self.add("id", "echo 1000")
        self.log = folder / "log"

    def add(self, name: str, script: str) -> None:
        """Put a program on the PATH."""
        file = self.folder / "bin" / name
        note = 'case "$0" in */bin/*) echo "${0##*/} $*" >>"$HERE/log" ;; esac'
        quiet = name in {"uname", "id"}
        file.write_text(f"#!{SHELL}\n{'' if quiet else note}\n{script}\n", encoding="utf-8")
        file.chmod(0o755)

    def has(self, *things: str) -> None:
        """Say what is installed: python, ensurepip, pango."""
        for thing in things:
            (self.folder / thing).touch()
        if "python" in things:
            self.add("python3", PYTHON)

    def set_up(self, *groups: str) -> tuple[int, str, str]:
        """Run the script; return its status, what it said and the programs that it called."""
        self.log.write_text("", encoding="utf-8")
        done = subprocess.run(
            [SHELL, str(self.checkout / ".ci" / "setup"), *groups],
            env={"PATH": str(self.folder / "bin"), "HERE": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == ""
        return done.returncode, done.stderr, self.log.read_text(encoding="utf-8")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Return a machine with nothing on it."""
    return Machine(tmp_path)


def test_a_machine_with_everything_is_set_up_once(machine: Machine) -> None:
    machine.has("python", "ensurepip", "pango")
    status, _, called = machine.set_up("test")
    assert status == 0
    assert "python -m pip install --quiet --editable ." in called
    assert "python -m pip install --quiet --group test" in called
    status, said, called = machine.set_up("test")
    assert (status, said) == (0, "")
    assert called == "python -c \n"


def test_a_changed_pyproject_is_installed_anew(machine: Machine) -> None:
    machine.has("python", "ensurepip", "pango")
    machine.set_up()
    (machine.checkout / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    assert "--editable ." in machine.set_up()[2]


def test_without_python_and_rights_the_command_is_said(machine: Machine) -> None:
    machine.add("apt-get", "")
    status, said, called = machine.set_up()
    assert status == 1
    assert said.endswith("\n  sudo apt-get install python3 python3-venv\n")
    assert "install" not in called


def test_root_gets_python_from_apt(machine: Machine) -> None:
    machine.add("id", "echo 0")
    machine.add("apt-get", BRINGS)
    machine.add("python3", PYTHON)
    machine.has("pango")
    status, said, called = machine.set_up()
    assert status == 0, said
    assert "apt-get install -qq -y python3 python3-venv" in called


def test_sudo_without_a_password_gets_pango(machine: Machine) -> None:
    machine.has("python", "ensurepip")
    machine.add("apt-get", BRINGS)
    machine.add("sudo", '[ "$1" = -n ] || "$@"')
    status, said, called = machine.set_up()
    assert status == 0, said
    assert f"apt-get install -qq -y {PANGO}" in called


def test_sudo_with_a_password_is_left_to_the_person(machine: Machine) -> None:
    machine.has("python", "ensurepip")
    machine.add("apt-get", BRINGS)
    machine.add("sudo", "false")
    status, said, _ = machine.set_up()
    assert status == 1
    assert said.endswith(f"\n  sudo apt-get install {PANGO}\n")


def test_debian_without_venv_is_told_its_package(machine: Machine) -> None:
    machine.has("python", "pango")
    machine.add("apt-get", "")
    status, said, _ = machine.set_up()
    assert status == 1
    assert said.endswith("\n  sudo apt-get install python3.11-venv\n")


def test_macos_gets_pango_from_homebrew(machine: Machine) -> None:
    machine.has("python", "ensurepip")
    machine.add("uname", "echo Darwin")
    machine.add("brew", BRINGS)
    status, said, called = machine.set_up()
    assert status == 0, said
    assert "brew install pango" in called


def test_macos_without_homebrew_is_told_of_it(machine: Machine) -> None:
    machine.has("python", "ensurepip")
    machine.add("uname", "echo Darwin")
    status, said, _ = machine.set_up()
    assert status == 1
    assert "Homebrew" in said
    assert said.endswith("\n  brew install pango\n")


def test_pango_that_cannot_be_loaded_stops_the_work(machine: Machine) -> None:
    machine.has("python", "ensurepip")
    machine.add("id", "echo 0")
    machine.add("apt-get", "")
    status, said, _ = machine.set_up()
    assert status == 1
    assert "handouts doctor" in said
    assert not (machine.checkout / ".venv" / ".ready-program").exists()


def test_root_gets_the_fonts_that_tests_are_missing(machine: Machine) -> None:
    machine.has("python", "ensurepip", "pango")
    machine.add("id", "echo 0")
    machine.add("apt-get", "")
    machine.add("fc-list", 'case "$1" in *CJK*) echo there ;; esac')
    status, said, called = machine.set_up("test")
    assert status == 0, said
    assert "apt-get install -qq -y fonts-noto-core fonts-noto-color-emoji\n" in called


def test_tests_without_fonts_are_no_reason_to_stop(machine: Machine) -> None:
    machine.has("python", "ensurepip", "pango")
    machine.add("apt-get", "")
    status, said, _ = machine.set_up("test")
    assert status == 0
    assert (
        "\n  sudo apt-get install fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji\n" in said
    )
    assert said.endswith("setup: tests of names in other scripts will be skipped\n")
    assert "fonts" not in machine.set_up("lint")[1]
