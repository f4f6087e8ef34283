"""Every reply at every stage means one thing, over real sockets and real TLS."""

from __future__ import annotations

import smtplib
import socket
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from handouts.model.mail import Login, Provider, Security
from handouts.post.entry import State
from handouts.post.fault import explain_login
from handouts.post.presets import PRESETS, Server
from handouts.post.smtp import Outcome, Patience, open_connection
from handouts.problem import ExitCode, HandoutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.post.conftest import PostOffice

    ServerOf = Callable[..., Server]

PASSWORD, TOKEN = "correct horse", "ya29.token"
QUICK = Patience(connect=2, command=0.4, end_of_text=0.4)
MESSAGE = b"From: a@b.c\r\nSubject: x\r\n\r\nHello\r\n.\r\n..two\r\nend\r\n"


def hand_over(server: Server, message: bytes = MESSAGE) -> tuple[Outcome, list[str]]:
    """Return what became of one message, and what was committed before its text."""
    committed: list[str] = []
    connection = open_connection(server, PASSWORD, QUICK)
    try:
        outcome = connection.hand_over(
            "ann@example.org", "sam@example.net", message, lambda: committed.append("text")
        )
    finally:
        connection.close()
    return outcome, committed


def refuse(server: Server, secret: str = PASSWORD) -> tuple[str, str]:
    """Return the code and the lines with which no connection came about."""
    with pytest.raises(HandoutError) as caught:
        open_connection(server, secret, QUICK).close()
    assert caught.value.exit_code is ExitCode.DELIVERY
    (problem,) = caught.value.report
    assert PASSWORD not in str(problem)
    return problem.code, str(problem)


def test_a_message_arrives_as_it_was(office: PostOffice, server_of: ServerOf) -> None:
    outcome, committed = hand_over(server_of(office))
    assert (outcome.state, outcome.reply) == (State.SENT, "250 OK taken")
    assert committed == ["text"]
    assert office.received == [MESSAGE]
    assert office.envelopes == [("ann@example.org", ["sam@example.net"])]


def test_a_text_without_a_last_line_end_is_ended(office: PostOffice, server_of: ServerOf) -> None:
    outcome, _ = hand_over(server_of(office), b"Subject: x\r\n\r\nno end")
    assert outcome.state is State.SENT
    assert office.received == [b"Subject: x\r\n\r\nno end\r\n"]


# Before the text is on its way a reply decides, and a lost connection has sent nothing.
EARLY = {
    "421 4.3.0 closing": State.DEFERRED,
    "450 4.2.1 greylisted": State.DEFERRED,
    "451 4.3.0 error here": State.DEFERRED,
    "452 4.2.2 full": State.DEFERRED,
    "535 5.7.8 log in first": State.DEFERRED,
    "550 5.1.1 nobody of this name": State.REFUSED,
    "552 5.3.4 too large": State.REFUSED,
    "554 5.7.1 spam": State.REFUSED,
    "999 what is this": State.DEFERRED,
    "drop": State.DEFERRED,
    "hang": State.DEFERRED,
}
# Once it is, only the server's word counts; without one nobody knows.
LATE = {
    **EARLY,
    "999 what is this": State.IN_DOUBT,
    "drop": State.IN_DOUBT,
    "take it and drop": State.IN_DOUBT,
    "hang": State.IN_DOUBT,
}
TABLE = [
    *(
        (stage, action, state)
        for stage in ("MAIL", "RCPT", "DATA")
        for action, state in EARLY.items()
    ),
    *(("text", action, state) for action, state in LATE.items()),
]


@pytest.mark.parametrize(("stage", "action", "state"), TABLE)
def test_a_fault_at_a_stage(
    office: PostOffice, server_of: ServerOf, stage: str, action: str, state: State
) -> None:
    office.faults[stage] = [action]
    outcome, committed = hand_over(server_of(office))
    assert (outcome.state, outcome.stage) == (state, stage)
    assert (committed == ["text"]) == (stage in ("DATA", "text"))
    assert len(office.received) == (action == "take it and drop")
    if action[0].isdigit():
        assert outcome.reply == action
    assert outcome.is_about_account == (
        action.startswith("535") or (stage == "MAIL" and action.startswith(("550", "554")))
    )


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "text"])
def test_the_connection_takes_the_next_message_after_a_refusal(
    office: PostOffice, server_of: ServerOf, stage: str
) -> None:
    office.faults[stage] = ["550 no"]
    connection = open_connection(server_of(office), PASSWORD, QUICK)
    for state in (State.REFUSED, State.SENT):
        outcome = connection.hand_over("a@b.org", "c@d.org", MESSAGE, lambda: None)
        assert (outcome.state, outcome.is_open) == (state, True)
    connection.close()
    assert len(office.received) == 1


@pytest.mark.parametrize("action", ["drop", "hang", "421 closing", "502 what"])
def test_a_connection_that_cannot_be_set_back_is_not_used_again(
    office: PostOffice, server_of: ServerOf, action: str
) -> None:
    office.faults["RCPT"], office.faults["RSET"] = ["550 no"], [action]
    connection = open_connection(server_of(office), PASSWORD, QUICK)
    outcome = connection.hand_over("a@b.org", "c@d.org", MESSAGE, lambda: None)
    connection.close()
    assert (outcome.state, outcome.reply, outcome.is_open) == (State.REFUSED, "550 no", False)


@pytest.mark.parametrize(
    ("offer", "said"),
    [
        ("250 post.example.org", "takes no login at this port"),
        ("250-post.example.org\r\n250 AUTH GSSAPI", "offers no login of the kind that is set"),
    ],
)
def test_a_server_that_offers_no_login_of_ours(
    office: PostOffice, server_of: ServerOf, offer: str, said: str
) -> None:
    office.faults["EHLO"] = [offer]
    code, text = refuse(server_of(office))
    assert code == "mail-login"
    assert said in text


@pytest.mark.parametrize(
    ("stage", "action", "code", "said"),
    [
        ("connect", "421 4.3.2 too busy", "mail-turned-away", "421 4.3.2 too busy"),
        ("connect", "554 5.7.1 blocked", "mail-turned-away", "554 5.7.1 blocked"),
        ("connect", "drop", "mail-unreachable", "hung up"),
        ("EHLO", "421 4.3.2 closing", "mail-turned-away", "421"),
        ("EHLO", "drop", "mail-unreachable", ""),
        ("AUTH", "421 4.3.0 closing", "mail-login", "421"),
        ("AUTH", "451 4.3.0 error", "mail-login", "it cannot check logins now (451"),
        ("AUTH", "454 4.7.0 later", "mail-login", "it cannot check logins now (454"),
        ("AUTH", "534 5.7.9 Application-specific password required", "mail-login", "app password"),
        ("AUTH", "535 5.7.139 disabled", "mail-login", "administrator"),
        ("AUTH", "535 5.7.8 no", "mail-login", "name or password are not right (535 5.7.8 no)"),
        ("AUTH", "550 5.7.1 no", "mail-login", "550"),
        ("AUTH", "554 5.7.1 no", "mail-login", "554"),
        ("AUTH", "drop", "mail-unreachable", ""),
    ],
)
def test_a_fault_before_the_first_message(  # noqa: PLR0913, PLR0917  a table
    office: PostOffice, server_of: ServerOf, stage: str, action: str, code: str, said: str
) -> None:
    office.always[stage] = action
    found = refuse(server_of(office))
    assert found[0] == code
    assert said in found[1]


def test_a_server_that_hangs_at_the_greeting(office: PostOffice, server_of: ServerOf) -> None:
    office.faults["connect"] = ["hang"]
    with pytest.raises(HandoutError) as caught:
        open_connection(server_of(office), PASSWORD, Patience(connect=0.3))
    assert "does not answer" in str(caught.value)


def test_a_slow_server_is_waited_for(office: PostOffice, server_of: ServerOf) -> None:
    office.delay = 0.1
    began = time.monotonic()
    assert hand_over(server_of(office))[0].state is State.SENT
    assert time.monotonic() - began > 0.5  # greeting, EHLO, AUTH, MAIL, RCPT, DATA, text


def test_a_wrong_password_is_named_and_never_shown(office: PostOffice, server_of: ServerOf) -> None:
    server = replace(server_of(office), advice=PRESETS[Provider.GMAIL].advice)
    code, said = refuse(server, "wrong pass")
    assert code == "mail-login"
    assert "wrong pass" not in said
    assert "hint: Google takes no account password here" in said


def test_a_server_that_repeats_the_secret_is_not_quoted(
    office: PostOffice, server_of: ServerOf
) -> None:
    office.faults["AUTH"] = [f"535 no, {PASSWORD} is wrong"]
    assert "no, … is wrong" in refuse(server_of(office))[1]
    office.faults["RCPT"] = [f"550 {PASSWORD}\x07"]
    assert hand_over(server_of(office))[0].reply == "550 …?"
    error = smtplib.SMTPNotSupportedError("none")
    assert "offers no login" in str(explain_login(server_of(office), error, PASSWORD))


def test_a_password_that_smtp_cannot_say(office: PostOffice, server_of: ServerOf) -> None:
    assert "letters outside of ASCII" in refuse(server_of(office), "pässword")[1]


def test_a_token_lets_in(office: PostOffice, server_of: ServerOf) -> None:
    server = server_of(office, login=Login.XOAUTH2)
    open_connection(server, TOKEN, QUICK).close()
    code, said = refuse(server, "stale.token")
    assert (code, "stale.token" in said) == ("mail-login", False)


def test_starttls_then_login(open_office: Callable[..., PostOffice], server_of: ServerOf) -> None:
    office = open_office(Security.STARTTLS)
    connection = open_connection(server_of(office), PASSWORD, QUICK)
    assert connection.tls_version.startswith("TLSv1.")
    assert connection.most_bytes == office.most_bytes
    connection.close()
    assert office.logins


def test_no_encryption_no_mail(open_office: Callable[..., PostOffice], server_of: ServerOf) -> None:
    """Whoever strips STARTTLS from the server's words gets nothing."""
    office = open_office(None)
    for security, said in ((Security.STARTTLS, "offers no encryption"), (Security.TLS, "TLS")):
        code, text = refuse(server_of(office, security=security))
        assert code == "mail-not-encrypted"
        assert said in text
    assert office.logins == []


def test_loopback_without_encryption_only_with_the_flag(
    open_office: Callable[..., PostOffice], server_of: ServerOf
) -> None:
    office = open_office(None)
    outcome, _ = hand_over(server_of(office, plain_loopback=True))
    assert outcome.state is State.SENT


def test_the_flag_is_for_this_machine_only(
    open_office: Callable[..., PostOffice], server_of: ServerOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = open_office(None)
    peer = ("192.0.2.1", 25)
    monkeypatch.setattr(socket.socket, "getpeername", lambda _: peer)
    code, said = refuse(server_of(office, plain_loopback=True))
    assert (code, office.logins) == ("mail-not-encrypted", [])
    assert "is not on this machine" in said


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_certificate_of_another_host(
    open_office: Callable[..., PostOffice], server_of: ServerOf, security: Security
) -> None:
    office = open_office(security, host="other.example.org")
    code, said = refuse(server_of(office))
    assert code == "mail-certificate"
    assert "ostname mismatch" in said
    assert office.logins == []


def test_a_certificate_that_nobody_signed(
    office: PostOffice, server_of: ServerOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert refuse(server_of(office))[0] == "mail-certificate"


def test_a_host_that_nobody_knows(office: PostOffice, server_of: ServerOf) -> None:
    code, said = refuse(server_of(office, host="mail.invalid"))
    assert code == "mail-unreachable"
    assert "mail.invalid" in said


def test_a_port_at_which_nobody_listens(office: PostOffice, server_of: ServerOf) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        code, said = refuse(server_of(office, host="127.0.0.1", port=taken.getsockname()[1]))
    assert code == "mail-unreachable"
    assert "takes no connection at this port" in said


def test_the_wrong_kind_of_encryption(
    open_office: Callable[..., PostOffice], server_of: ServerOf
) -> None:
    office = open_office(Security.STARTTLS)
    code, said = refuse(server_of(office, security=Security.TLS))
    assert code == "mail-not-encrypted"
    assert 'security = "starttls"' in said


def test_a_connection_that_breaks_in_the_middle_of_the_text() -> None:
    """A server that reads a part of a large message and goes: nobody knows what it made of it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        peer, _ = listener.accept()
        lines = peer.makefile("rb")
        peer.sendall(b"220 hi\r\n")
        for reply in (
            b"250-hi\r\n250 SIZE 99999999\r\n",
            b"250 ok\r\n",
            b"250 ok\r\n",
            b"354 go\r\n",
        ):
            lines.readline()
            peer.sendall(reply)
        lines.read(100_000)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        lines.close()
        peer.close()

    thread = threading.Thread(target=serve)
    thread.start()
    server = Server(
        "127.0.0.1",
        listener.getsockname()[1],
        Security.TLS,
        Login.NONE,
        "a@b.org",
        "a@b.org",
        plain_loopback=True,
    )
    connection = open_connection(server, "", QUICK)
    outcome = connection.hand_over("a@b.org", "c@d.org", b"x" * 9_000_000, lambda: None)
    thread.join()
    listener.close()
    assert (outcome.state, outcome.stage, outcome.is_open) == (State.IN_DOUBT, "text", False)
