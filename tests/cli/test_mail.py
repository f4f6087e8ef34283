"""A dry run shows who would get what and sends nothing; drafts are files; mistakes have places."""

from __future__ import annotations

import hashlib
import json
import sys
from email import policy
from email.parser import BytesParser
from typing import TYPE_CHECKING

import pytest

from handouts.batch.manifest import Entry, write_manifest
from handouts.delivery import outbox_file
from handouts.post.entry import Draft, State
from handouts.post.outbox import Outbox

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

ROSTER = """\
id,name,email,conditions
sam,Sam Jones,sam@example.net,
bo,"Day, Bö",bo@bücher.example,
zoe,Zoe Lee,,
"""
# The smallest that is one; the title is the campaign's.
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def practice(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a workspace with three clients, their PDFs, and an outbox of its own."""
    monkeypatch.setenv("HANDOUTS_DATA_DIR", str(tmp_path / "data"))
    (workspace / "handouts.toml").write_text(
        '[trainer]\nname = "Ann"\nemail = "ann@gmail.com"\n', encoding="utf-8"
    )
    (workspace / "clients.csv").write_text(ROSTER, encoding="utf-8")
    for client in ("sam", "bo", "zoe"):
        (workspace / f"balance-{client}.pdf").write_bytes(PDF + client.encode())
    return workspace


FILES = ("balance-sam.pdf", "balance-bo.pdf", "balance-zoe.pdf")


def test_a_dry_run_shows_and_sends_nothing(practice: Path, handouts: Run) -> None:
    ran = handouts("mail", *FILES)
    assert ran.returncode == 0
    rows = [line.split("\t") for line in ran.stdout.splitlines()]
    assert [row[:3] for row in rows] == [
        ["sam", "sam@example.net", "balance-sam.pdf"],
        ["bo", "bo@bücher.example", "balance-bo.pdf"],
        ["zoe", "", "balance-zoe.pdf"],
    ]
    assert rows[0][3:] == ["2 kB", "send"]
    assert rows[2][4] == "no address: no e-mail address stands in the list of clients"
    assert ran.stderr == (
        "2 messages of 4 kB would go, from ann@gmail.com through smtp.gmail.com:465 (Gmail).\n"
        "Nothing was sent: this was a dry run. Say --send to send.\n"
    )
    assert not (practice / "data").exists()  # looking leaves nothing behind


def test_json_holds_the_plan(practice: Path, handouts: Run) -> None:
    assert practice
    rows = json.loads(handouts("mail", *FILES, "--json").stdout)
    assert [(row["client"], row["action"]) for row in rows] == [
        ("sam", "send"),
        ("bo", "send"),
        ("zoe", "no address"),
    ]
    assert rows[0]["bytes"] > 1000


def test_a_terminal_has_headings(
    practice: Path, handouts: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert practice
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda _: True, raising=False)
    assert handouts("mail", FILES[0]).stdout.startswith("Client  Address          File  ")


RUN = "balance.manifest.jsonl"


def write_run(folder: Path, **gone: str) -> None:
    """Write the files and the manifest of a run; names say nothing of whose the files are."""
    folder.mkdir(exist_ok=True)
    entries = []
    for number, client in enumerate(("sam", "bo", "zoe", *gone)):
        data = PDF + client.encode()
        (folder / f"{number}.pdf").write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        listed = gone.get(client) != "left"
        entries.append(Entry(client, f"{number}.pdf", digest, len(data), 0, "", "", listed))
    head = {"complete": True, "programme": "balance", "flags": ["layout=pages"]}
    write_manifest(folder / RUN, head, entries)


def test_a_run_is_mailed_by_what_its_manifest_says(practice: Path, handouts: Run) -> None:
    write_run(practice / "output", ann="left")
    (practice / "programmes").mkdir()
    (practice / "programmes" / "balance.yaml").touch()
    for name in ("output", f"output/{RUN}", "balance"):
        ran = handouts("mail", name)
        assert ran.returncode == 0
        rows = [line.split("\t") for line in ran.stdout.splitlines()]
        assert [(row[0], row[2], row[4][:10]) for row in rows] == [
            ("sam", "output/0.pdf", "send"),
            ("bo", "output/1.pdf", "send"),
            ("zoe", "output/2.pdf", "no address"),
        ]
        assert f"output/{RUN}: warning[left-out] left out: 1 file of earlier runs" in ran.stderr
        assert "2 messages of 4 kB would go" in ran.stderr
    ran = handouts("mail", "balance", "--client", "bo")
    assert [line.split("\t")[0] for line in ran.stdout.splitlines()] == ["bo"]


def test_what_has_gone_as_a_file_does_not_go_again_in_a_run(practice: Path, handouts: Run) -> None:
    write_run(practice / "output")
    enter("n1", State.SENT)  # as balance-sam.pdf, the same bytes
    rows = handouts("mail", "output").stdout.splitlines()
    assert "\tkeep: sent to sam@example.net on 20" in rows[0]
    assert rows[1].endswith("\tsend")


def test_nothing_of_a_run_goes_while_anything_is_wrong_with_it(
    practice: Path, handouts: Run
) -> None:
    folder = practice / "output"
    write_run(folder, eve="not in the list")
    (folder / "0.pdf").unlink()
    (folder / "1.pdf").write_bytes(PDF + b"xo")  # as long as it was
    ran = handouts("mail", "output", "--send")
    assert ran.returncode == 3
    found = [line.split("] ")[0] for line in ran.stderr.splitlines() if "error[" in line]
    assert found == [
        "output/0.pdf: error[file-changed",
        "output/1.pdf: error[file-changed",
        "output/3.pdf: error[unknown-client",
    ]
    assert 'it was made for "eve", who is not in the list of clients' in ran.stderr
    (folder / ".balance.journal.jsonl").touch()
    ran = handouts("mail", "output")
    assert ran.returncode == 3
    assert f"output/{RUN}: error[not-a-run] the run that makes these files has not" in ran.stderr
    assert not (practice / "data").exists()


def enter(name: str, state: State, *, pdf: bytes = PDF + b"sam", reply: str = "") -> None:
    """Put a message to Sam into the outbox as if it had gone its way."""
    draft = Draft(
        name=name,
        client="sam",
        campaign="balance",
        pdf=hashlib.sha256(pdf).hexdigest(),
        copy=0,
        sender="ann@gmail.com",
        recipient="sam@example.net",
        subject="=2+3",
        attachment="Balance.pdf",
        message_id=f"<{name}@gmail.com>",
        data=b"Subject: hello\r\n\r\n",
    )
    with Outbox(outbox_file()) as outbox:
        outbox.add(draft)
        outbox.begin(name, "ann")
        outbox.settle(name, state, reply)


def test_what_has_gone_stays_and_a_new_version_wants_an_order(
    practice: Path, handouts: Run
) -> None:
    enter("n1", State.SENT)
    ran = handouts("mail", FILES[0])
    assert "\tkeep: sent to sam@example.net on 20" in ran.stdout
    assert ran.stderr.startswith("0 messages of 0 kB would go")
    assert "\tsend: again: sent to" in handouts("mail", FILES[0], "--again").stdout
    (practice / FILES[0]).write_bytes(PDF + b"new")
    ran = handouts("mail", FILES[0])
    assert "\tkeep: another version was sent to sam@example.net on 20" in ran.stdout
    assert "; --again sends this one too\n" in ran.stdout
    assert "\tsend: another version was sent" in handouts("mail", FILES[0], "--again").stdout


def test_what_waits_is_shown_without_files(practice: Path, handouts: Run) -> None:
    assert practice
    assert handouts("mail").stdout == ""
    enter("n1", State.DEFERRED, reply="RCPT: 450 later")
    assert "Balance.pdf\t1 kB\tsend: deferred before: RCPT: 450 later" in handouts("mail").stdout


def test_the_limits_are_told_before(practice: Path, handouts: Run) -> None:
    assert practice
    ran = handouts("mail", *FILES, "--limit", "1/hour")
    assert "The limits let 1 of them go now; the others wait in the outbox." in ran.stderr
    assert handouts("mail", "--limit", "fast").returncode == 2


def test_everything_to_one_address_for_trial(practice: Path, handouts: Run) -> None:
    assert practice
    enter("n1", State.SENT)
    ran = handouts("mail", *FILES, "--to", "me@example.org")
    rows = [line.split("\t") for line in ran.stdout.splitlines()]
    assert [(row[1], row[4]) for row in rows] == [("me@example.org", "send")] * 3
    ran = handouts("mail", *FILES, "--to", "me@example.org, evil@example.com")
    assert ran.returncode == 3
    assert "error[bad-email] --to:" in ran.stderr


def test_drafts_are_files_that_a_mail_program_opens(practice: Path, handouts: Run) -> None:
    ran = handouts("mail", *FILES, "--drafts", "drafts", "--subject", "Übungen")
    assert ran.stdout.split() == ["drafts/balance-sam.eml", "drafts/balance-bo.eml"]
    data = (practice / "drafts" / "balance-bo.eml").read_bytes()
    message = BytesParser(policy=policy.default).parsebytes(data)
    assert message["X-Unsent"] == "1"
    assert message["Subject"] == "Übungen"
    assert message["To"].addresses[0].display_name == "Day, Bö"
    assert message["To"].addresses[0].addr_spec == "bo@xn--bcher-kva.example"
    (attached,) = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("Balance.pdf", PDF + b"bo")
    assert not (practice / "data").exists()


def test_drafts_need_no_server(practice: Path, handouts: Run) -> None:
    settings = '[trainer]\nemail = "ann@example.org"\n'
    (practice / "handouts.toml").write_text(settings, encoding="utf-8")
    assert handouts("mail", *FILES, "--drafts", "drafts").returncode == 0
    ran = handouts("mail", *FILES)
    assert ran.returncode == 3
    assert "error[no-mail-server] it is not known which server takes mail from ann@" in ran.stderr
    assert ran.stderr.endswith("Nothing can be sent before the errors are mended.\n")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[trainer]\n", "no-sender"),
        ('[trainer]\nemail = "ann"\n', "bad-email"),
        ('[mail]\nsender = "a@b.c, d@e.f"\n', "bad-email"),
        ('[mail]\nport = 0\n[trainer]\nemail = "a@b.org"\n', "out-of-range"),
        ('[mail]\nprovider = "gmial"\n', "not-a-choice"),
        ('[mail]\ntoken_command = "sh -c evil"\n', "own-settings"),
        ('[mail]\npassword_file = "/etc/passwd"\n', "own-settings"),
    ],
)
def test_settings_that_will_not_do(practice: Path, handouts: Run, text: str, code: str) -> None:
    (practice / "handouts.toml").write_text(text, encoding="utf-8")
    ran = handouts("mail", FILES[0])
    assert ran.returncode == 3
    assert f"error[{code}]" in ran.stderr


def test_a_message_that_is_too_large_is_an_error_before_anything_is_sent(
    practice: Path, handouts: Run
) -> None:
    (practice / FILES[0]).write_bytes(PDF + b"0" * 1_000_000)
    settings = '[trainer]\nemail = "ann@gmail.com"\n[mail]\nmost_megabytes = 1\n'
    (practice / "handouts.toml").write_text(settings, encoding="utf-8")
    ran = handouts("mail", *FILES, "--send")
    assert ran.returncode == 3
    assert "balance-sam.pdf: error[mail-too-large] the message has 1.4 MB, and the" in ran.stderr
    assert not (practice / "data").exists()


@pytest.mark.parametrize("subject", ["Hi\r\nBcc: evil@example.com", "=?utf-8?q?x?=", "a\u202eb"])
def test_a_hostile_subject_is_an_error(practice: Path, handouts: Run, subject: str) -> None:
    assert practice
    ran = handouts("mail", FILES[0], "--subject", subject)
    assert ran.returncode == 3
    assert "balance-sam.pdf: error[bad-header] the subject:" in ran.stderr


def test_hostile_clients_are_named_with_row_and_column(practice: Path, handouts: Run) -> None:
    rows = [
        'eve,Eve,"a@b.org, evil@x.org",',
        "mal,=?utf-8?q?hi=0D=0ABcc=3A_evil=40x.y?=,m@example.org,",
        "nul,Nu\x00l,n@example.org,",
        "rtl,R\u202etl,r@example.org,",
        f"big,{'x' * 10_000},b@example.org,",
        "loc,Loc,é@example.org,",
        "../up,Up,u@example.org,",
    ]
    for number, row in enumerate(rows):
        (practice / "clients.csv").write_text(ROSTER + row + "\n", encoding="utf-8")
        ran = handouts("mail", FILES[0], "--send")
        assert ran.returncode == 3, number
        assert ran.stderr.startswith("clients.csv:5:"), ran.stderr
        assert not (practice / "data").exists()


def test_a_client_in_another_language_is_told_in_english_with_a_warning(
    practice: Path, handouts: Run
) -> None:
    text = "id,name,email,conditions,language\nsam,Sam,sam@example.net,,de\n"
    (practice / "clients.csv").write_text(text, encoding="utf-8")
    ran = handouts("mail", FILES[0])
    assert ran.returncode == 0
    assert 'warning[no-words] there are no words for the language "de"' in ran.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["--drafts", "d", "--send", "balance-sam.pdf"],
        ["--drafts", "d", "--to", "a@b.org", "balance-sam.pdf"],
        ["--drafts", "d"],
    ],
)
def test_words_that_do_not_go_together(practice: Path, handouts: Run, words: list[str]) -> None:
    assert practice
    assert handouts("mail", *words).returncode == 2


def test_sending_without_a_password_says_where_to_put_it(
    practice: Path, handouts: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    ran = handouts("mail", FILES[0], "--send")
    assert ran.returncode == 6
    assert "error[no-mail-password]" in ran.stderr
    assert not (practice / "data").exists()


def test_nothing_to_send_is_no_fault(practice: Path, handouts: Run) -> None:
    assert practice
    ran = handouts("mail", FILES[2], "--send")
    assert (ran.returncode, ran.stderr) == (0, "There is nothing to send.\n")
