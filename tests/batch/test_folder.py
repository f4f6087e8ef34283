"""A folder is one run's alone, and what killed runs left goes, but nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from handouts.batch.folder import clear_leavings, hold_folder, open_spool
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """\
import sys
from pathlib import Path
from handouts.batch.folder import hold_folder
with hold_folder(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_at_once_are_told_apart(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        with pytest.raises(HandoutError, match="output-busy"), hold_folder(tmp_path):
            pass
        other.kill()
    with hold_folder(tmp_path):
        assert os.listdir(tmp_path) == [".handouts.lock"]  # noqa: PTH208


def test_a_folder_that_cannot_be_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HandoutError, match="cannot-write"), hold_folder(tmp_path / "file" / "in"):
        pass
    with pytest.raises(HandoutError, match="cannot-write"), open_spool(tmp_path / "file"):
        pass


def test_a_spool_goes_whatever_happens(tmp_path: Path) -> None:
    def stumble() -> None:
        with open_spool(tmp_path) as spool:
            (spool / "0.master").touch()
            raise KeyError

    with pytest.raises(KeyError):
        stumble()
    assert not any(tmp_path.iterdir())


def test_only_leavings_go(tmp_path: Path) -> None:
    leavings = [
        ".tiny-sam.pdf.abcd1234",
        ".tiny.manifest.jsonl.abcd_234",
        "..tiny.journal.jsonl.abcd1234",
        "..tiny-folded.journal.jsonl.abcd1234",
        ".tiny.print.pdf.abcd1234",
        ".handouts-run-x/0.master",
    ]
    kept = [
        "tiny-sam.pdf",
        ".tiny-sam.pdf",
        ".tiny-sam.pdf.bak",
        ".other-sam.pdf.abcd1234",
        ".tiny.journal.jsonl",
        "tiny.manifest.jsonl",
        ".tiny.txt.abcd1234",
        "x.tiny-sam.pdf.abcd1234",
    ]
    for name in leavings + kept:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    clear_leavings(tmp_path, "tiny")
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(kept)


def test_what_cannot_be_deleted_is_left_where_it_is(tmp_path: Path) -> None:
    folder, file = tmp_path / ".tiny-sam.pdf.abcdefgh", tmp_path / ".tiny-ann.pdf.0123abcd"
    folder.mkdir()
    file.touch()
    clear_leavings(tmp_path, "tiny")
    assert [*tmp_path.iterdir()] == [folder]
