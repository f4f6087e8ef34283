"""Commands run as a person runs them: words in, exit code and both streams out."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from handouts.cli import main
from tests.squat import SQUAT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ran = subprocess.CompletedProcess[str]


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
def spawn(tmp_path: Path) -> Callable[..., Ran]:
    """Return a function that runs the command in a process of its own, outside the checkout."""

    def run(*words: str, **environment: str) -> Ran:
        return subprocess.run(
            [sys.executable, "-m", "handouts", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return run


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder that is in no workspace."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def workspace(nowhere: Path) -> Path:
    """Stand in a workspace with one sound exercise."""
    (nowhere / "handouts.toml").write_text('[trainer]\nname = "Ann"\n', encoding="utf-8")
    (nowhere / "exercises").mkdir()
    (nowhere / "exercises" / "squat.yaml").write_text(SQUAT, encoding="utf-8")
    return nowhere
