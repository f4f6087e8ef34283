"""Turn a message's bytes into what a mail server made of them, over one verified connection.

Every step of RFC 5321 has its own answer: before the text is on its way nothing can have been
accepted; once it is, only the server's last reply says so, and without one nobody knows.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import smtplib
import ssl
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from handouts.model.mail import Security
from handouts.post.entry import State
from handouts.post.fault import explain_fault, ran_out_of_time, refuse_server
from handouts.post.login import greet, log_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.post.presets import Server

_SERVICE_CLOSES = 421
_SEND_TEXT = 354
_TOO_LARGE = 552
# The server wants a login, or does not take ours any more: no fault of the message's.
_LOGIN_CODES = frozenset((530, 534, 535, 538))
_LONGEST_REPLY = 300  # characters kept in the ledger


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait; RFC 5321, section 4.5.3.2, gives the end of a text ten minutes."""

    connect: float = 30
    command: float = 120
    end_of_text: float = 600


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message."""

    state: State
    """Sent, deferred, refused or in doubt."""
    reply: str
    """The server's last words, or what happened to the connection."""
    stage: str
    """The command that it was the answer to: ``MAIL``, ``RCPT``, ``DATA`` or ``text``."""
    is_open: bool = True
    """Whether the connection can take the next message."""
    is_about_account: bool = False
    """Whether every other message would fare the same."""


class Connection:
    """One connection, encrypted and logged in, that takes one message after the other."""

    def __init__(self, smtp: smtplib.SMTP, patience: Patience, secret: str) -> None:
        """Keep an open connection."""
        self._smtp, self._patience, self._secret = smtp, patience, secret
        self.taken = 0
        """How many messages the server took over this connection."""

    @property
    def most_bytes(self) -> int | None:
        """The size that the server says it takes (RFC 1870), None if it does not say."""
        said = self._smtp.esmtp_features.get("size", "")
        return int(said) or None if said.isdigit() else None

    @property
    def tls_version(self) -> str:
        """``TLSv1.3``, or nothing where the connection is not encrypted."""
        version = getattr(self._smtp.sock, "version", None)
        return str(version()) if version else ""

    def close(self) -> None:
        """Say goodbye, if anybody still listens."""
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self._set_timeout(self._patience.connect)
            self._smtp.quit()
        self._smtp.close()

    def hand_over(
        self, sender: str, recipient: str, data: bytes, before_text: Callable[[], None]
    ) -> Outcome:
        """Offer a message and return what became of it; never raises for what a server does.

        Args:
            sender: the address that a report of failure goes to.
            recipient: one address.
            data: the whole message.
            before_text: called just before ``DATA``: what it commits is true from then on.
        """
        outcome = self._converse(sender, recipient, data, before_text)
        if not outcome.is_open:
            self._smtp.close()
        return outcome

    def _converse(
        self, sender: str, recipient: str, data: bytes, before_text: Callable[[], None]
    ) -> Outcome:
        size = f" SIZE={len(data)}" if self._smtp.has_extn("size") else ""
        for stage, command in (
            ("MAIL", f"MAIL FROM:<{sender}>{size}"),
            ("RCPT", f"RCPT TO:<{recipient}>"),
        ):
            outcome = self._ask(stage, command)
            if outcome.state is not State.SENT:
                return outcome
        before_text()
        outcome = self._ask("DATA", "DATA", wanted=_SEND_TEXT)
        return self._send_text(data) if outcome.state is State.SENT else outcome

    def _ask(self, stage: str, command: str, wanted: int = 250) -> Outcome:
        """Return ``SENT`` for the reply that was wanted, else what follows from it."""
        try:
            self._set_timeout(self._patience.command)
            code, reply = self._smtp.docmd(command)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(State.DEFERRED, self._say_lost(error), stage, is_open=False)
        if code == wanted or (wanted == 250 and code == 251):  # noqa: PLR2004  RFC 5321: will forward
            return Outcome(State.SENT, self._say(code, reply), stage)
        outcome = self._judge(stage, code, reply)
        return self._reset(outcome) if outcome.is_open else outcome

    def _send_text(self, data: bytes) -> Outcome:
        stuffed = re.sub(rb"(?m)^\.", b"..", data)  # RFC 5321, section 4.5.2
        end = b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n"
        try:
            self._set_timeout(self._patience.end_of_text)
            self._smtp.send(stuffed + end)
            code, reply = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(State.IN_DOUBT, self._say_lost(error), "text", is_open=False)
        if 200 <= code < 300:  # noqa: PLR2004
            self.taken += 1
            return Outcome(State.SENT, self._say(code, reply), "text")
        if not 400 <= code < 600:  # noqa: PLR2004
            return Outcome(State.IN_DOUBT, self._say(code, reply), "text", is_open=False)
        return self._judge("text", code, reply)

    def _judge(self, stage: str, code: int, reply: bytes) -> Outcome:
        """Return what a reply means that is no success."""
        said = self._say(code, reply)
        if code == _SERVICE_CLOSES:
            return Outcome(State.DEFERRED, said, stage, is_open=False)
        if code in _LOGIN_CODES:
            return Outcome(State.DEFERRED, said, stage, is_about_account=True)
        if 500 <= code < 600:  # noqa: PLR2004
            # Before the recipient was named: it is the sender who is refused, or the size.
            is_about_account = stage == "MAIL" and code != _TOO_LARGE
            return Outcome(State.REFUSED, said, stage, is_about_account=is_about_account)
        is_sound = 400 <= code < 500  # noqa: PLR2004  anything else: the two sides are out of step
        return Outcome(State.DEFERRED, said, stage, is_open=is_sound)

    def _reset(self, outcome: Outcome) -> Outcome:
        try:
            code, _ = self._smtp.rset()
        except (OSError, smtplib.SMTPException):
            code = -1
        if code == 250:  # noqa: PLR2004
            return outcome
        return replace(outcome, is_open=False)

    def _set_timeout(self, seconds: float) -> None:
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(seconds)

    def _say(self, code: int, reply: bytes) -> str:
        text = " ".join(reply.decode("utf-8", "replace").split())
        return self._hide(f"{code} {text}")

    def _say_lost(self, error: Exception) -> str:
        if ran_out_of_time(error):
            return "the server did not answer in time"
        return self._hide(f"the connection was lost ({error})")

    def _hide(self, text: str) -> str:
        """Return words of the server fit to be shown: printable, short, without our secret."""
        if self._secret:
            text = text.replace(self._secret, "…")
        return "".join(letter if letter.isprintable() else "?" for letter in text)[:_LONGEST_REPLY]


def open_connection(server: Server, secret: str, patience: Patience | None = None) -> Connection:
    """Return a connection that is encrypted, verified and logged in.

    Raises:
        HandoutError: ``mail-unreachable``, ``mail-certificate``, ``mail-not-encrypted``,
            ``mail-login`` or ``mail-turned-away``; its exit code is that of a failed delivery.
    """
    patience = patience or Patience()
    smtp: smtplib.SMTP | None = None
    try:
        smtp = _connect(server, patience)
        log_in(smtp, server, secret)
    except BaseException as error:
        if smtp is not None:
            smtp.close()
        if isinstance(error, (OSError, smtplib.SMTPException)):
            raise explain_fault(server, error) from None
        raise
    return Connection(smtp, patience, secret)


def _connect(server: Server, patience: Patience) -> smtplib.SMTP:
    context = ssl.create_default_context()
    # Our own name is nobody's business: RFC 5321, section 4.1.3, allows an address instead.
    name = "[127.0.0.1]"
    if server.security is Security.TLS and not server.plain_loopback:
        return smtplib.SMTP_SSL(
            server.host, server.port, name, timeout=patience.connect, context=context
        )
    smtp = smtplib.SMTP(server.host, server.port, name, timeout=patience.connect)
    try:
        greet(smtp)
        if server.plain_loopback:
            _require_loopback(smtp, server)
        else:
            _encrypt(smtp, server, context)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _encrypt(smtp: smtplib.SMTP, server: Server, context: ssl.SSLContext) -> None:
    if not smtp.has_extn("starttls"):
        raise refuse_server(
            server,
            "mail-not-encrypted",
            "offers no encryption, so nothing was sent",
            'take the port for encrypted mail (465 with security = "tls")',
        )
    smtp.starttls(context=context)


def _require_loopback(smtp: smtplib.SMTP, server: Server) -> None:
    peer = smtp.sock.getpeername()[0] if smtp.sock else ""
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(str(peer).partition("%")[0]).is_loopback:
            return
    raise refuse_server(
        server,
        "mail-not-encrypted",
        "is not on this machine, and --plain-loopback is for this machine only",
        "leave --plain-loopback out",
    )
