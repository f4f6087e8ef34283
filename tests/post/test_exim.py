"""A mail server that others wrote takes what we send: TLS, a login, a hundred PDFs as they were.

Exim is Debian's (``apt-get install exim4-daemon-light``). It runs as a process of the test's own,
with a configuration, a spool and mailboxes of its own, and the system's mail is left alone.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from handouts.model.letter import Letter
from handouts.model.mail import Login, Security
from handouts.post.address import Person
from handouts.post.entry import Draft, State
from handouts.post.letter import Attachment, Meant, compose, hash_pdf, name_message
from handouts.post.presets import Server
from handouts.post.send import send_waiting
from handouts.post.smtp import open_connection
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import trustme

    from handouts.post.outbox import Outbox

pwd = pytest.importorskip("pwd", reason="Windows has no Exim")
EXIM = shutil.which("exim4", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PASSWORD = "correct horse"  # noqa: S105  the tests' own
CONFIGURATION = """\
exim_user = {user}
exim_group = {group}
deliver_drop_privilege = true
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
pid_file_path = {folder}/pid
keep_environment =
smtp_accept_queue_per_connection = 0
primary_hostname = post.example.org
local_interfaces = 127.0.0.1
daemon_smtp_ports = {tls} : {starttls}
tls_on_connect_ports = {tls}
tls_advertise_hosts = *
tls_certificate = {folder}/cert.pem
tls_privatekey = {folder}/key.pem
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
acl_smtp_rcpt = check_recipient
begin acl
check_recipient:
  deny domains = refused.example
  defer domains = later.example
  accept authenticated = *
  deny message = log in first
begin routers
everybody:
  driver = accept
  transport = mailbox
begin transports
mailbox:
  driver = appendfile
  directory = {folder}/mail
  maildir_format
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${{if and{{{{eq{{$auth2}}{{ann}}}}{{eq{{$auth3}}{{correct horse}}}}}}}}
"""

pytestmark = pytest.mark.skipif(
    EXIM is None, reason="there is no exim4 here: apt-get install exim4-daemon-light"
)


def find_ports(count: int) -> list[int]:
    """Return ports that nobody listens at."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that may be given to another user, which pytest's own may not."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture
def exim(folder: Path, authority: trustme.CA) -> Iterator[tuple[Path, int, int]]:
    """Run Exim; return its mailbox, its port for TLS and the one for STARTTLS."""
    me = pwd.getpwuid(os.getuid())
    if me.pw_uid == 0:  # Exim delivers nothing as root
        me = pwd.getpwnam("Debian-exim")
    for name in ("spool", "mail"):
        (folder / name).mkdir()
    certificate = authority.issue_cert("localhost")
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    for part in certificate.cert_chain_pems:
        part.write_to_path(str(folder / "cert.pem"), append=True)
    tls, starttls = find_ports(2)
    text = CONFIGURATION.format(
        user=me.pw_uid, group=me.pw_gid, folder=folder, tls=tls, starttls=starttls
    )
    (folder / "exim.conf").write_text(text, encoding="utf-8")
    if os.getuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, me.pw_uid, me.pw_gid)
        os.chown(folder / "exim.conf", 0, 0)
    with subprocess.Popen(
        [str(EXIM), "-C", str(folder / "exim.conf"), "-bdf"],
        stderr=subprocess.DEVNULL,
    ) as process:
        wait_for(lambda: is_open(tls) and is_open(starttls))
        yield folder / "mail" / "new", tls, starttls
        process.terminate()


def is_open(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition: object, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "Exim took too long"
        time.sleep(0.05)


def make_draft(number: int, pdf: bytes, now: datetime, domain: str = "example.net") -> Draft:
    """Return a message with a PDF of its own."""
    client = f"client{number}"
    name = name_message(client, hash_pdf(pdf), "plan")
    meant = Meant(
        Letter("Übungen: Hüfte", "Hallo,\n.\n..\nfrüh\n", "<p>Hallo</p>\n", "de"),
        Person("Ann Example", "ann@example.org"),
        Person(f"Zoë {number}", f"{client}@{domain}"),
        Attachment("Hüfte.pdf", pdf),
        now,
        name,
    )
    return Draft(
        name,
        client,
        "plan",
        hash_pdf(pdf),
        0,
        "ann@example.org",
        f"{client}@{domain}",
        "Übungen: Hüfte",
        "Hüfte.pdf",
        meant.message_id,
        compose(meant),
    )


def test_a_hundred_pdfs_arrive_as_they_were(exim: tuple[Path, int, int], outbox: Outbox) -> None:
    mailbox, tls, starttls = exim
    chance = random.Random(1)  # noqa: S311  no secret
    pdfs = {
        n: b"%PDF-1.7\n" + chance.randbytes(chance.randrange(20_000, 60_000)) for n in range(100)
    }
    now = datetime.now(UTC)
    names = [outbox.add(make_draft(n, pdf, now)).name for n, pdf in pdfs.items()]
    other = [
        outbox.add(make_draft(200, b"%PDF-1", now, "refused.example")).name,
        outbox.add(make_draft(201, b"%PDF-1", now, "later.example")).name,
    ]
    for port, security, part in (
        (tls, Security.TLS, names[:50]),
        (starttls, Security.STARTTLS, names[50:] + other),
    ):
        server = Server("localhost", port, security, Login.PASSWORD, "ann", "ann@example.org")
        tally = send_waiting(outbox, server, lambda s=server: open_connection(s, PASSWORD), part)  # type: ignore[misc]
        assert tally.count(State.SENT) == 50
    assert [outbox.get(name).state for name in other] == [State.REFUSED, State.DEFERRED]
    wait_for(lambda: mailbox.is_dir() and len(list(mailbox.iterdir())) >= 100)
    arrived = {}
    for file in mailbox.iterdir():
        message = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
        (attached,) = message.iter_attachments()
        assert attached.get_filename() == "Hüfte.pdf"
        assert message["Subject"] == "Übungen: Hüfte"
        digest = hashlib.sha256(attached.get_content()).hexdigest()
        arrived[str(message["Message-ID"])] = digest
    wanted = {entry.message_id: entry.pdf for entry in map(outbox.get, names)}
    assert arrived == wanted
    assert set(wanted.values()) == {hashlib.sha256(pdf).hexdigest() for pdf in pdfs.values()}


def test_a_wrong_password_is_told(exim: tuple[Path, int, int]) -> None:
    _, tls, _ = exim
    server = Server("localhost", tls, Security.TLS, Login.PASSWORD, "ann", "ann@example.org")
    with pytest.raises(HandoutError, match="name or password are not right"):
        open_connection(server, "wrong")
