"""``handouts mail --send`` as a person runs it, against a real server, and killed on its way."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from handouts.cli import main
from handouts.model.mail import Security

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.post.conftest import PostOffice

    Run = Callable[..., subprocess.CompletedProcess[str]]

CLIENTS = 8
KILLS = 4  # of a whole program; `test_kill.py` kills many more senders


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command in this process."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([*words])
        out, err = capsys.readouterr()
        return subprocess.CompletedProcess([*words], int(end.value.code or 0), out, err)

    return run


@pytest.fixture
def practice(tmp_path: Path, office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a workspace with clients, their PDFs and the test's server."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HANDOUTS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", "correct horse")
    settings = (
        '[trainer]\nname = "Ann Example"\nemail = "ann@example.org"\ntelephone = "123"\n'
        f'[mail]\nhost = "localhost"\nport = {office.port}\nreply_to = "desk@example.org"\n'
    )
    (tmp_path / "handouts.toml").write_text(settings, encoding="utf-8")
    rows = [f"c{n},Client {n},c{n}@example.net," for n in range(CLIENTS)]
    roster = "\n".join(["id,name,email,conditions", *rows, ""])
    (tmp_path / "clients.csv").write_text(roster, encoding="utf-8")
    for number in range(CLIENTS):
        (tmp_path / f"balance-c{number}.pdf").write_bytes(make_pdf(number))
    return tmp_path


def make_pdf(number: int) -> bytes:
    return b"%PDF-1.7\n%%EOF\n" + str(number).encode() * 3000


FILES = [f"balance-c{number}.pdf" for number in range(CLIENTS)]


def states(run: Run) -> list[str]:
    return [row["state"] for row in json.loads(run("outbox", "list", "--json").stdout)]


def test_each_client_gets_their_pdf_once(practice: Path, office: PostOffice, run: Run) -> None:
    assert practice
    ran = run("mail", *FILES, "--send")
    assert (ran.returncode, ran.stderr) == (0, "8 sent, 0 deferred, 0 refused, 0 in doubt\n")
    assert ran.stdout.splitlines()[0] == "sent\tc0\tc0@example.net"
    for number, message in enumerate(office.messages()):
        assert message["To"] == f"Client {number} <c{number}@example.net>"
        assert message["From"] == "Ann Example <ann@example.org>"
        assert message["Reply-To"] == "desk@example.org"
        assert message["Subject"] == "Your exercises: Balance"
        (attached,) = message.iter_attachments()
        assert attached.get_filename() == "Balance.pdf"
        assert attached.get_content() == make_pdf(number)
    again = run("mail", *FILES, "--send")
    assert again.returncode == 0
    assert again.stderr == "There is nothing to send.\n"
    assert len(office.received) == CLIENTS


def test_an_order_sends_a_second_copy_under_a_name_of_its_own(
    practice: Path, office: PostOffice, run: Run
) -> None:
    assert practice
    run("mail", FILES[0], "--send")
    assert run("mail", FILES[0], "--send", "--again").returncode == 0
    assert sorted(office.count_ids().values()) == [1, 1]
    assert states(run) == ["sent", "sent"]


def test_what_was_deferred_goes_with_a_later_run(
    practice: Path, office: PostOffice, run: Run
) -> None:
    with (practice / "handouts.toml").open("a", encoding="utf-8") as file:
        file.write("per_hour = 5\n")
    ran = run("mail", *FILES, "--send")
    assert ran.returncode == 6
    assert ran.stderr.startswith("5 sent, 3 deferred, 0 refused, 0 in doubt\nDeferred ones go")
    assert "deferred\tc7\tc7@example.net\tnot tried: the limit of 5 an hour\n" in ran.stdout
    assert "wait: until " in run("mail").stdout
    run("outbox", "retry", "6", "7", "8")
    ran = run("mail", "--send", "--limit", "50/hour")
    assert ran.returncode == 0
    assert len(office.received) == CLIENTS
    assert set(office.count_ids().values()) == {1}


def test_a_newer_pdf_takes_the_place_of_one_that_never_went(
    practice: Path, office: PostOffice, run: Run
) -> None:
    office.faults["RCPT"] = ["450 later", "550 nobody"]
    assert run("mail", *FILES[:2], "--send").returncode == 6
    for name in FILES[:2]:
        (practice / name).write_bytes(b"%PDF-1.7 new " + name.encode())
    assert run("mail", *FILES[:2], "--send").returncode == 0
    rows = json.loads(run("outbox", "list", "--json").stdout)
    assert [row["state"] for row in rows] == ["refused", "refused", "sent", "sent"]
    assert rows[0]["reply"] == "not sent: a newer version of the PDF took its place"
    assert [b"new " in next(m.iter_attachments()).get_content() for m in office.messages()] == [
        True,
        True,
    ]


def test_an_address_that_was_mended_is_tried(practice: Path, office: PostOffice, run: Run) -> None:
    office.faults["RCPT"] = ["550 5.1.1 nobody of this name"]
    ran = run("mail", FILES[0], "--send")
    assert "refused\tc0\tc0@example.net\tRCPT: 550 5.1.1 nobody of this name\n" in ran.stdout
    assert "keep: refused to c0@" in run("mail", FILES[0]).stdout
    roster = (practice / "clients.csv").read_text(encoding="utf-8")
    (practice / "clients.csv").write_text(roster.replace("c0@", "new@"), encoding="utf-8")
    assert run("mail", FILES[0], "--send").returncode == 0
    assert office.envelopes == [("ann@example.org", ["new@example.net"])]
    assert states(run) == ["sent"]


def test_a_trial_goes_to_one_address_and_counts_for_itself(
    practice: Path, office: PostOffice, run: Run
) -> None:
    assert practice
    assert run("mail", *FILES[:2], "--send", "--to", "me@example.org").returncode == 0
    assert [to for _, to in office.envelopes] == [["me@example.org"]] * 2
    subjects = [str(message["Subject"]) for message in office.messages()]
    assert subjects == [f"Client {number}: Your exercises: Balance" for number in range(2)]
    assert {str(message["To"]) for message in office.messages()} == {"me@example.org"}
    assert run("mail", *FILES[:2], "--send").returncode == 0
    assert [to for _, to in office.envelopes[2:]] == [["c0@example.net"], ["c1@example.net"]]


def test_one_in_doubt_is_resolved_by_hand(practice: Path, office: PostOffice, run: Run) -> None:
    assert practice
    office.faults["text"] = ["take it and drop"]
    ran = run("mail", *FILES[:2], "--send")
    assert ran.returncode == 6
    assert "1 sent, 0 deferred, 0 refused, 1 in doubt\n" in ran.stderr
    assert run("mail", *FILES[:2], "--send").stdout.startswith("keep\tc0\tc0@example.net\tin doubt")
    run("outbox", "resolve", "1", "--sent")
    assert states(run) == ["sent", "sent"]
    assert len(office.received) == 2


def test_a_server_that_lets_nobody_in(
    practice: Path, office: PostOffice, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert practice
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", "wrong secret")
    ran = run("mail", *FILES, "--send")
    assert ran.returncode == 6
    assert "error[mail-login] localhost:" in ran.stderr
    assert "0 sent, 8 deferred" in ran.stderr
    assert "wrong secret" not in ran.stderr + ran.stdout
    assert b"wrong secret" not in (practice / "data" / "outbox.sqlite").read_bytes()
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", "correct horse")
    assert run("mail", "--send").returncode == 0
    assert len(office.received) == CLIENTS


def test_a_terminal_is_asked_first(
    practice: Path, office: PostOffice, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert practice
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    asked: list[str] = []

    def answer(text: str, **_: Any) -> None:  # noqa: ANN401  Click's
        import click

        asked.append(text)
        raise click.Abort

    monkeypatch.setattr("click.confirm", answer)
    assert run("mail", *FILES, "--send").returncode == 130
    assert asked == ["Send 8 messages from ann@example.org?"]
    assert office.received == []
    assert not (practice / "data" / "outbox.sqlite").exists()
    assert run("mail", *FILES, "--send", "--yes").returncode == 0


def test_the_doctor_logs_in_and_sends_nothing(
    practice: Path, office: PostOffice, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert practice
    ran = run("doctor", "--mail")
    assert (ran.returncode, ran.stderr) == (0, "All is well.\n")
    lines = ran.stdout.splitlines()
    assert lines[0].startswith("ok     mail settings: localhost:")
    assert lines[2].startswith("ok     mail server: TLSv1.3, certificate verified; you are let in")
    assert office.received == []
    monkeypatch.setenv("HANDOUTS_SMTP_PASSWORD", "wrong")
    ran = run("doctor", "--mail", "--json")
    assert ran.returncode == 6
    found = json.loads(ran.stdout)[-1]
    assert (found["name"], found["ok"]) == ("mail server", False)
    assert "does not let you in: name or password are not right" in found["said"]


def test_a_server_on_this_machine_without_encryption_needs_the_flag(
    practice: Path, open_office: Callable[..., PostOffice], run: Run
) -> None:
    local = open_office(None)
    text = (practice / "handouts.toml").read_text(encoding="utf-8").partition("[mail]")[0]
    text += f'[mail]\nhost = "127.0.0.1"\nport = {local.port}\nlogin = "none"\n'
    (practice / "handouts.toml").write_text(text, encoding="utf-8")
    assert run("mail", FILES[0], "--send").returncode == 6
    assert local.received == []
    assert run("mail", FILES[0], "--send", "--plain-loopback").returncode == 0
    assert len(local.received) == 1
    assert run("doctor", "--mail", "--plain-loopback").returncode == 0


def test_starttls_from_the_settings(
    practice: Path, open_office: Callable[..., PostOffice], run: Run
) -> None:
    office = open_office(Security.STARTTLS)
    text = (practice / "handouts.toml").read_text(encoding="utf-8").partition("[mail]")[0]
    text += f'[mail]\nhost = "localhost"\nport = {office.port}\nsecurity = "starttls"\n'
    (practice / "handouts.toml").write_text(text, encoding="utf-8")
    assert run("mail", FILES[0], "--send").returncode == 0
    assert len(office.received) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
def test_the_whole_program_killed_anywhere(practice: Path, office: PostOffice, run: Run) -> None:
    chance = random.Random(3)  # noqa: S311  no secret
    command = [sys.executable, "-m", "handouts", "mail", *FILES, "--send"]
    office.delay = 0.004
    killed = 0
    for _ in range(KILLS):
        with subprocess.Popen(command, cwd=practice, stdout=subprocess.PIPE) as sender:
            assert sender.stdout is not None
            if chance.random() < 0.5:
                sender.stdout.readline()  # it is at work
            time.sleep(chance.uniform(0, 0.25))
            sender.kill()
            killed += sender.wait() < 0
    run("mail", *FILES, "--send")
    rows = json.loads(run("outbox", "export", "--json").stdout)
    assert killed
    assert len(rows) == CLIENTS
    assert {row["state"] for row in rows} <= {"sent", "in-doubt"}
    assert [row["state"] for row in rows].count("in-doubt") <= killed
    assert set(office.count_ids().values()) == {1}
    sent = {row["message_id"] for row in rows if row["state"] == "sent"}
    assert sent <= set(office.count_ids())
