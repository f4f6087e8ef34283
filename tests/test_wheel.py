"""The installed wheel does what the checkout does, with templates and styles of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
DATA = ("templates", "styles", "handouts/library")
LICENCES = {"LICENSE", "THIRD_PARTY.md", "OFL.txt"}


def run(*command: str | Path, cwd: Path) -> str:
    """Return what a command says on stdout; it must succeed without a word on stderr."""
    unclean = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    environment = {key: value for key, value in os.environ.items() if key not in unclean}
    environment["HANDOUTS_CACHE_DIR"] = str(cwd / "cache")
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run([*build, str(CHECKOUT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of a fresh environment with the wheel in it.

    Installing its dependencies anew would take a minute and a network: they are lent by the
    environment that runs the tests. The package itself is not: only the wheel has it.
    """
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(folder, with_pip=False)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / ("python.exe" if os.name == "nt" else "python")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--quiet", "install"]
    offline = ["--no-deps", "--no-index", "--disable-pip-version-check"]
    subprocess.run([*pip, *offline, str(wheel)], check=True)
    site = Path(
        run(python, "-c", "import site; print(site.getsitepackages()[0])", cwd=folder).strip()
    )
    # A .pth file below a folder that was itself added by one is not read: no way to the checkout.
    (site / "lent.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python


def test_every_file_of_data_is_in_the_wheel(wheel: Path) -> None:
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("handouts/")}
    shipped = {
        file.relative_to(CHECKOUT).as_posix()
        for folder in DATA
        for file in (CHECKOUT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    wanted = {name if name.startswith("handouts/") else f"handouts/{name}" for name in shipped}
    assert wanted <= inside
    assert not any("/tests/" in name for name in inside)


def test_the_licences_are_in_the_wheel(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {Path(name).name for name in names if "dist-info/licenses/" in name} == LICENCES


def test_templates_and_styles_come_from_the_wheel(python: Path, tmp_path: Path) -> None:
    said = run(
        python,
        "-c",
        "from handouts import assets as a; print(a.TEMPLATES, a.STYLES, a.LIBRARY, sep='\\n')",
        cwd=tmp_path,
    )
    environment = python.parents[1]
    for line in said.splitlines():
        assert Path(line).is_dir()
        assert Path(line).is_relative_to(environment)


def test_the_wheel_renders_what_the_checkout_renders(python: Path, tmp_path: Path) -> None:
    command = python.with_name("handouts.exe" if os.name == "nt" else "handouts")
    assert run(command, "render", "hip-hinge", cwd=tmp_path) == "output/hip-hinge.pdf\n"
    from_wheel = (tmp_path / "output" / "hip-hinge.pdf").read_bytes()
    checkout = [sys.executable, "-m", "handouts", "render", "hip-hinge", "--output", "here.pdf"]
    run(*checkout, cwd=tmp_path)
    assert from_wheel == (tmp_path / "here.pdf").read_bytes()
    assert from_wheel.startswith(b"%PDF-")
