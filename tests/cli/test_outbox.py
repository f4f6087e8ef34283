"""The outbox is listed, shown, exported; a person decides what is in doubt or refused."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from handouts.delivery import outbox_file
from handouts.post.entry import Draft, State
from handouts.post.outbox import Outbox

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

STATES = [State.SENT, State.REFUSED, State.IN_DOUBT, State.DEFERRED]


@pytest.fixture
def filled(nowhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand anywhere, with a message of each state in the outbox."""
    monkeypatch.setenv("HANDOUTS_DATA_DIR", str(tmp_path / "data"))
    with Outbox(outbox_file()) as outbox:
        for state in STATES:
            name = f"name-{state}"
            outbox.add(
                Draft(
                    name=name,
                    client="sam",
                    campaign="balance",
                    pdf="0" * 64,
                    copy=0,
                    sender="ann@example.org",
                    recipient="sam@example.net",
                    subject="=HYPERLINK(1)",
                    attachment="Balance.pdf",
                    message_id=f"<{state}@example.org>",
                    data=b"Subject: hello\r\n\r\n",
                )
            )
            outbox.begin(name, "ann")
            outbox.settle(name, state, f"text: said of {state}")
    return nowhere


def test_every_message_is_a_row(filled: Path, handouts: Run) -> None:
    assert filled
    rows = [line.split("\t") for line in handouts("outbox", "list").stdout.splitlines()]
    assert [(row[0], row[1]) for row in rows] == [
        ("1", "sent"),
        ("2", "refused"),
        ("3", "in-doubt"),
        ("4", "deferred"),
    ]
    assert rows[2][3:] == ["sam", "sam@example.net", "balance", "text: said of in-doubt"]
    ran = handouts("outbox", "list", "--state", "in-doubt", "--json")
    assert [row["number"] for row in json.loads(ran.stdout)] == [3]


def test_an_empty_outbox_is_not_made(nowhere: Path, handouts: Run, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANDOUTS_DATA_DIR", str(tmp_path / "data"))
        assert (handouts("outbox", "list").stdout, nowhere) == ("", nowhere)
        assert handouts("outbox", "export", "--json").stdout == "[]\n"
    assert not (tmp_path / "data").exists()


def test_one_message_is_shown_with_its_history(filled: Path, handouts: Run) -> None:
    assert filled
    out = handouts("outbox", "show", "3").stdout
    assert "message_id: <in-doubt@example.org>\n" in out
    assert out.splitlines()[-1].endswith("  in-doubt  text: said of in-doubt")
    assert handouts("outbox", "show", "2", "--message").stdout == "Subject: hello\r\n\r\n"
    ran = handouts("outbox", "show", "1", "--message")
    assert "The message itself is not kept once it was sent." in ran.stderr


def test_what_was_refused_can_be_tried_again(filled: Path, handouts: Run) -> None:
    assert filled
    ran = handouts("outbox", "retry", "2", "4")
    assert ran.returncode == 0
    assert ran.stdout.splitlines()[0] == "2  sam  goes with: handouts mail --send"
    listed = handouts("outbox", "list", "--state", "pending").stdout
    assert [line.split("\t")[0] for line in listed.splitlines()] == ["2", "4"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["retry", "3"], "error[outbox-state] message 3 is in-doubt"),
        (["retry", "1"], "error[outbox-state] message 1 is sent"),
        (["resolve", "1", "--sent"], "error[outbox-state] message 1 is sent"),
        (["resolve", "2", "--not-sent"], "error[outbox-state] message 2 is refused"),
        (["show", "99"], "error[unknown-message] there is no message 99"),
        (["retry", "2", "99"], "error[unknown-message] there is no message 99"),
    ],
)
def test_what_cannot_be(filled: Path, handouts: Run, words: list[str], said: str) -> None:
    assert filled
    ran = handouts("outbox", *words)
    assert ran.returncode == 3
    assert said in ran.stderr


@pytest.mark.parametrize(("flag", "state"), [("--sent", "sent"), ("--not-sent", "pending")])
def test_a_person_resolves_a_doubt(filled: Path, handouts: Run, flag: str, state: str) -> None:
    assert filled
    assert handouts("outbox", "resolve", "3").returncode == 2
    assert handouts("outbox", "resolve", "3", flag).returncode == 0
    rows = json.loads(handouts("outbox", "list", "--json").stdout)
    assert rows[2]["state"] == state


def test_the_export_is_for_spreadsheets_and_scripts(filled: Path, handouts: Run) -> None:
    assert filled
    rows = list(csv.DictReader(io.StringIO(handouts("outbox", "export").stdout)))
    assert [row["state"] for row in rows] == [str(state) for state in STATES]
    assert rows[0]["subject"] == "'=HYPERLINK(1)"  # not a formula
    found = json.loads(handouts("outbox", "export", "--json").stdout)
    assert found[0]["subject"] == "=HYPERLINK(1)"
    assert found[0]["changed"].endswith("+00:00")
    assert handouts("outbox", "export", "--json", "--csv").returncode == 2


def test_a_broken_outbox_is_a_problem_and_no_traceback(filled: Path, handouts: Run) -> None:
    assert filled
    for file in outbox_file().parent.iterdir():
        file.write_bytes(b"broken" * 100)
    ran = handouts("outbox", "list")
    assert ran.returncode == 6
    assert "error[outbox-unusable]" in ran.stderr
