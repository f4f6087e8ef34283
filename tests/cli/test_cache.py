"""``handouts cache`` says what is kept, and clears that and nothing else."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from handouts.cache import write_cached
from handouts.cli.cache import say_size
from handouts.problem import Report
from handouts.source.settings import read_variables

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., "subprocess.CompletedProcess[str]"]

KEY = "0123456789abcdef" * 4


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a cache with a plate and a handout in it."""
    monkeypatch.setenv("HANDOUTS_CACHE_DIR", str(tmp_path))
    write_cached(f"plates/{KEY}.plate", b"x" * 1500)
    write_cached(f"handouts/{KEY}.pdf", b"x" * 20)
    return tmp_path


def test_info_says_where_how_many_and_how_large(handouts: Run, folder: Path) -> None:
    ran = handouts("cache", "info")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        f"{folder}: 1.5 kB, at most 500 MB",
        "plates\t1\t1500",
        "handouts\t1\t20",
        "templates\t0\t0",
        "headings\t0\t0",
    ]


def test_info_for_a_script(handouts: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOUTS_CACHE_SIZE", "0.5")
    ran = handouts("cache", "info", "--json")
    assert json.loads(ran.stdout) == {
        "folder": str(folder),
        "bytes": 1520,
        "cap": 500_000,
        "rooms": {
            "plates": {"files": 1, "bytes": 1500},
            "handouts": {"files": 1, "bytes": 20},
            "templates": {"files": 0, "bytes": 0},
            "headings": {"files": 0, "bytes": 0},
        },
    }


def test_what_is_no_size_is_told(
    handouts: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDOUTS_CACHE_SIZE", "500 MB")
    ran = handouts("cache", "info")
    assert ran.returncode == 0
    assert ran.stdout.startswith(f"{folder}: 1.5 kB, at most 500 MB\n")
    assert ran.stderr == (
        'HANDOUTS_CACHE_SIZE: warning[bad-cache-size] "500 MB" is no size, so the usual one holds\n'
        "  hint: write a number of MB, such as 500; 0 keeps nothing\n"
    )


def test_the_size_is_no_unknown_setting() -> None:
    report = Report()
    read_variables({"HANDOUTS_CACHE_SIZE": "100"}, report)
    assert not list(report)
    read_variables({"HANDOUTS_CACHE_SIZ": "100"}, report)
    assert [problem.hint for problem in report] == ['did you mean "HANDOUTS_CACHE_SIZE"?']


def test_clear_says_what_it_freed(handouts: Run, folder: Path) -> None:
    (folder / "plates" / "mine.txt").write_text("mine", encoding="utf-8")
    ran = handouts("cache", "clear")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == f"{folder}: 2 files deleted, 1.5 kB freed\n"
    assert [file.name for file in folder.rglob("*") if file.is_file()] == ["mine.txt"]
    assert handouts("cache", "clear").stdout == f"{folder}: 0 files deleted, 0 bytes freed\n"


def test_a_cache_that_cannot_be_cleared_is_a_problem(
    handouts: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As somebody else's folder is; the tests may run as one who may do anything."""

    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", os.fspath(path))

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.unlink", refuse)
        ran = handouts("cache", "clear")
    assert ran.returncode == 3
    assert ran.stdout == f"{folder}: 0 files deleted, 0 bytes freed\n"
    where = folder / "plates"
    assert f"{where}: error[cannot-clear] 2 of the cache's files cannot be deleted" in ran.stderr


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (3_140_000, "3.1 MB"),
        (2_000_000_000, "2 GB"),
    ],
)
def test_sizes_are_said_as_people_say_them(size: int, said: str) -> None:
    assert say_size(size) == said
