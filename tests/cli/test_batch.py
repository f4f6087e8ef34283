"""``handouts batch``: what it takes, what it says where, and what its exit code means."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from typing import TYPE_CHECKING

import pytest

from handouts.cli.batch import command as batch
from tests.batch.conftest import BAD_BACK, CLIENTS, PLAN, command, read_made, write_practice

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

HEADINGS = ["result", "client", "programme", "file", "bytes", "sha256", "reason"]


@pytest.fixture
def practice(nowhere: Path) -> Path:
    """Stand in a workspace with three clients who may have a booklet, and one who may not."""
    return write_practice(nowhere, CLIENTS + BAD_BACK)


def test_stdout_has_results_and_stderr_the_rest(practice: Path, handouts: Run) -> None:
    ran = handouts("batch", "tiny")
    assert ran.returncode == 4
    lines = sorted(ran.stdout.splitlines())
    assert lines[0].startswith("failed\tbo\tmust-avoid: bo must avoid squat")
    assert lines[1:] == [f"made\t{name}\ttiny-{name}.pdf" for name in ("ann", "li", "sam")]
    assert "error[must-avoid] bo must avoid squat" in ran.stderr
    assert ran.stderr.endswith("\n1 failed, 3 made\n")
    again = handouts("batch", "tiny")
    assert again.returncode == 4
    assert again.stderr.endswith("\n1 failed, 3 unchanged\n")
    assert practice


def test_a_dry_run_says_what_would_be_made_and_writes_nothing(
    practice: Path, handouts: Run
) -> None:
    before = sorted(practice.rglob("*"))
    ran = handouts("batch", "--all", "--dry-run", "--output", "deep/er")
    assert ran.returncode == 4
    assert ran.stderr.endswith("\n1 failed, 3 would be made\n")
    assert "would be made\tsam\ttiny-sam.pdf\n" in ran.stdout
    assert sorted(practice.rglob("*")) == before


def test_a_report_as_a_table_that_no_spreadsheet_runs(practice: Path, handouts: Run) -> None:
    rows = CLIENTS + BAD_BACK + "x-1,=1+1,none,tiny\n"
    (practice / "clients.csv").write_text(rows, encoding="utf-8")
    assert handouts("batch", "tiny", "--report", "sub/made.csv").returncode == 4
    data = (practice / "sub" / "made.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    first, *others = csv.reader(data.decode("utf-8-sig").splitlines())
    assert first == HEADINGS
    found = {row[1]: dict(zip(HEADINGS, row, strict=True)) for row in others}
    assert set(found) == {"bo", "sam", "ann", "li", "x-1"}
    assert found["bo"]["reason"].startswith("must-avoid: ")
    assert found["sam"]["file"] == "tiny-sam.pdf"
    assert int(found["sam"]["bytes"]) == (practice / "output" / "tiny-sam.pdf").stat().st_size
    assert re.fullmatch("[0-9a-f]{64}", found["sam"]["sha256"])


def test_a_report_for_programs_says_it_of_each_client_of_each_programme(
    practice: Path, handouts: Run
) -> None:
    (practice / "programmes" / "other.yaml").write_text(PLAN, encoding="utf-8")
    rows = CLIENTS + BAD_BACK + "zoe,Zoë,none,other\n"
    (practice / "clients.csv").write_text(rows, encoding="utf-8")
    assert handouts("batch", "--all", "--report", "made.json").returncode == 4
    found = json.loads((practice / "made.json").read_text("utf-8"))
    assert all(list(row) == HEADINGS for row in found)
    assert {(row["client"], row["programme"], row["result"]) for row in found} == {
        *((name, "tiny", "made") for name in ("sam", "ann", "li")),
        ("bo", "tiny", "failed"),
        ("zoe", "other", "made"),
    }
    assert "other-zoe.pdf" in read_made(practice / "output")


def test_one_file_for_a_copy_shop_is_made_from_what_is_unchanged_too(
    practice: Path, handouts: Run
) -> None:
    assert handouts("batch", "tiny").returncode == 4
    ran = handouts("batch", "tiny", "--merge")
    assert ran.returncode == 4
    assert (practice / "output" / "tiny.print.pdf").read_bytes().startswith(b"%PDF")
    assert "3 unchanged" in ran.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "name a programme, or say --all"),
        ("tiny --all", "not both"),
        ("tiny --output clients.csv", "--output clients.csv is no folder"),
        ("tiny --output all.pdf", "--output all.pdf is no folder"),
        ("tiny --report made.pdf", "ends neither in .csv nor in .json"),
        ("tiny --workers 0", "--workers"),
        ("tiny --time-limit 0.1", "--time-limit"),
        ("tiny --time-limit nan", "--time-limit"),
        ("tiny --time-limit 99999999999999999999", "--time-limit"),
        ("tiny --memory-limit 10", "--memory-limit"),
        ("tiny --memory-limit 99999999999999", "--memory-limit"),
        ("tiny --archive --fillable", "--fillable changes it: leave one"),
        ("tiny --merge --password x", "--merge"),
        ("tiny --client sam", "No such option"),
        ("tiny other", "unexpected extra argument"),
    ],
)
def test_flags_that_do_not_go_together(
    practice: Path, handouts: Run, words: str, said: str
) -> None:
    before = sorted(practice.rglob("*"))
    ran = handouts("batch", *words.split())
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert sorted(practice.rglob("*")) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("tiyn", 'hint: did you mean "tiny"?'),
        ("tiny --clients none.csv", "none.csv: error[unreadable]"),
        ("--all --clients none.csv", "none.csv: error[unreadable]"),
        ("tiny --theme nope", "error[unknown-theme]"),
        ("tiny --output clients.csv/in", "error[cannot-write]"),
    ],
)
def test_what_is_wrong_is_told(practice: Path, handouts: Run, words: str, said: str) -> None:
    before = sorted(practice.rglob("*"))
    ran = handouts("batch", *words.split())
    assert ran.returncode == 3
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
    assert sorted(practice.rglob("*")) == before


@pytest.mark.skipif(sys.platform == "win32", reason="terminals are other things there")
def test_on_a_terminal_there_is_a_bar_and_no_list(practice: Path) -> None:
    import pty

    process, terminal = pty.fork()
    if process == 0:
        os.chdir(practice)
        os.environ["TERM"] = "xterm"
        words = command("batch", "tiny")
        os.execv(words[0], words)  # noqa: S606  the real command
    said = b""
    while True:
        try:
            data = os.read(terminal, 4096)
        except OSError:  # Linux says so that the other end has gone
            break
        if not data:
            break
        said += data
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 4
    assert b"3/3" in said
    assert b"a second" in said
    assert b"0 failed" in said
    assert b"\ttiny-sam.pdf" not in said
    assert said.rstrip().endswith(b"1 failed, 3 made")


def test_help_says_what_each_flag_does(handouts: Run) -> None:
    said = handouts("batch", "--help").stdout
    for parameter in batch.params:
        if parameter.param_type_name == "option":
            assert parameter.opts[-1] in said
            assert getattr(parameter, "help", "")
