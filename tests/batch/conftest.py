"""A small practice whose booklets are made by the real command, and looked at file by file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from handouts.batch.plan import BatchOrder
from handouts.cli import main
from handouts.order import BookletOrder
from handouts.source.workspace import Workspace
from tests.squat import SQUAT as SOUND

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ran = subprocess.CompletedProcess[str]

ACUTE = "{condition: acute-low-back-pain, level: avoid, why: It could tear.}"
SQUAT = SOUND.replace("{condition: low-back-pain, basis: general}", ACUTE)
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
id,name,conditions,programme
sam,Sam Green,none,tiny
ann,Ann Lee,backache,tiny
li,李明 Li,none,tiny
"""
BAD_BACK = "bo,Bo Day,acute low back pain,tiny\n"
Made = dict[str, bytes]


def write_practice(folder: Path, clients: str = CLIENTS) -> Path:
    """Write a workspace with one exercise, one programme and a list of clients."""
    for name, text in {
        "handouts.toml": '[trainer]\nname = "Ann"\n',
        "exercises/squat.yaml": SQUAT,
        "programmes/tiny.yaml": PLAN,
        "clients.csv": clients,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def list_clients(number: int) -> str:
    """Return a list of so many; every seventh has something to heed."""
    rows = (f"c{n:04},Client {n},{'backache' if n % 7 == 3 else 'none'}" for n in range(number))
    return "id,name,conditions\n" + "\n".join(rows) + "\n"


def read_made(folder: Path) -> Made:
    """Return the bytes of each finished booklet by its name."""
    return {file.name: file.read_bytes() for file in folder.glob("[!.]*.pdf")}


def list_leavings(folder: Path) -> list[str]:
    """Return what lies in a folder but booklets, manifests and the lock."""
    names = sorted(file.name for file in folder.iterdir())
    kept = (".pdf", ".manifest.jsonl", ".handouts.lock")
    return [name for name in names if not name.endswith(kept)]


def command(*words: str | Path) -> list[str]:
    """Return the real command, for a process of its own."""
    return [sys.executable, "-m", "handouts", *(str(word) for word in words)]


def await_files(folder: Path, number: int, process: subprocess.Popen[str]) -> None:
    """Wait until so many booklets are there, or the process has ended."""
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        if folder.is_dir() and sum(name.endswith(".pdf") for name in os.listdir(folder)) >= number:  # noqa: PTH208  it is asked often
            return
        time.sleep(0.005)


@pytest.fixture
def practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a workspace with three clients."""
    monkeypatch.chdir(tmp_path)
    return write_practice(tmp_path)


@pytest.fixture
def handouts(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Return a function that runs the command in this process."""

    def run(*words: str | Path) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(word) for word in words])
        out, err = capsys.readouterr()
        return subprocess.CompletedProcess([*words], int(end.value.code or 0), out, err)

    return run


@pytest.fixture
def spawn(practice: Path) -> Callable[..., Ran]:
    """Return a function that runs the command in a process of its own."""

    def run(*words: str | Path, **environment: str) -> Ran:
        return subprocess.run(
            command(*words),
            cwd=practice,
            env={**os.environ, **environment},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return run


@pytest.fixture
def start(practice: Path) -> Callable[..., subprocess.Popen[str]]:
    """Return a function that starts the command, alone in its group, and leaves it to the test."""

    def begin(*words: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command(*words),
            cwd=practice,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )

    return begin


@pytest.fixture
def order(practice: Path) -> BatchOrder:
    """Return an order for everyone."""
    booklets = BookletOrder(Workspace(practice), "tiny", everyone=True)
    return BatchOrder(booklets, practice / "output", workers=2)


def kill_group(process: subprocess.Popen[str], number: int = signal.SIGKILL) -> None:
    """Send a signal to a process and all its workers."""
    os.killpg(process.pid, number)
