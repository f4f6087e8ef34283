"""A workspace is made once; what is there stays byte for byte."""

from __future__ import annotations

import os
import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from handouts.assets import LIBRARY, SCHEMAS
from handouts.model.mail import MailSettings
from handouts.model.settings import PrintSettings, Trainer
from handouts.problem import Report
from handouts.source.settings import parse_settings

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

MADE = [
    "handouts.toml",
    "schemas/exercise.schema.json",
    "schemas/settings.schema.json",
    "exercises",
    "output",
]


def test_a_workspace_is_made_in_the_current_folder(nowhere: Path, handouts: Run) -> None:
    ran = handouts("init")
    assert ran.returncode == 0
    assert ran.stdout.splitlines() == MADE
    assert ran.stderr == "Write your name into handouts.toml, then: handouts render --all\n"
    assert all((nowhere / name).exists() for name in MADE)
    assert (nowhere / "schemas" / "exercise.schema.json").read_bytes() == (
        SCHEMAS / "exercise.schema.json"
    ).read_bytes()
    assert handouts("check", "--no-layout").returncode == 0


def test_a_folder_can_be_named_in_two_ways(nowhere: Path, handouts: Run) -> None:
    assert handouts("init", "mine").stdout.splitlines()[0] == "mine/handouts.toml"
    assert handouts("-C", "other", "init").stdout.splitlines()[0] == "other/handouts.toml"
    assert (nowhere / "mine" / "output").is_dir()
    assert (nowhere / "other" / "exercises").is_dir()


def test_nothing_is_overwritten(nowhere: Path, handouts: Run) -> None:
    mine = b'[trainer]\nname = "Ann"\r\n'
    (nowhere / "handouts.toml").write_bytes(mine)
    (nowhere / "exercises").mkdir()
    ran = handouts("init")
    assert ran.returncode == 0
    assert ran.stdout.splitlines() == [
        "schemas/exercise.schema.json",
        "schemas/settings.schema.json",
        "output",
    ]
    assert ran.stderr == "handouts.toml is as it was.\n"
    assert (nowhere / "handouts.toml").read_bytes() == mine
    assert handouts("init").stdout == ""


def test_the_settings_name_everything_and_load_with_every_comment_taken_away() -> None:
    text = (LIBRARY / "new" / "handouts.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text) == {"trainer": {}, "print": {}, "mail": {}}
    filled = re.sub(r"(?m)^# (?=\w+ = )", "", text)
    report = Report()
    settings = parse_settings(filled.encode(), "handouts.toml", report)
    assert list(report) == []
    assert settings
    assert set(tomllib.loads(filled)["trainer"]) == set(Trainer.model_fields)
    assert set(tomllib.loads(filled)["print"]) == set(PrintSettings.model_fields)
    # Which program runs and which file is read is said in the user's own settings only.
    own = {"token_command", "password_file"}
    assert set(tomllib.loads(filled)["mail"]) == set(MailSettings.model_fields) - own
    # What the comments show as the print settings is what holds without them.
    assert settings.print == PrintSettings()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_a_problem(nowhere: Path, handouts: Run) -> None:
    nowhere.chmod(0o500)
    ran = handouts("init")
    nowhere.chmod(0o700)
    assert ran.returncode == 3
    assert "error[cannot-write]" in ran.stderr


def test_a_file_in_the_way_is_a_problem(nowhere: Path, handouts: Run) -> None:
    (nowhere / "mine").write_bytes(b"")
    ran = handouts("init", "mine")
    assert ran.returncode == 3
    assert "error[cannot-write]" in ran.stderr
    assert "Traceback" not in ran.stderr
