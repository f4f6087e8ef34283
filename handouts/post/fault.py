"""Turn a mail server's refusal into words: host, port, certificate, login, block."""

from __future__ import annotations

import smtplib
import socket
import ssl
from typing import TYPE_CHECKING

from handouts.model.mail import Security
from handouts.problem import ExitCode, HandoutError

if TYPE_CHECKING:
    from handouts.post.presets import Server

_BY_HAND = "without a server: --drafts makes files for your mail program"
# RFC 4954, section 6; RFC 2034's enhanced codes as Google and Microsoft use them.
_LOGIN_MEANINGS = (
    ("5.7.139", "the account's administrator has turned this kind of login off"),
    ("5.7.9", "an app password is needed in place of the account's own"),
    ("5.7.14", "the provider wants you to log in on the web first"),
    ("Application-specific", "an app password is needed in place of the account's own"),
    ("app password", "an app password is needed in place of the account's own"),
)
_TRY_LATER = 400


def refuse_server(server: Server, code: str, what: str, hint: str) -> HandoutError:
    """Return the error for a server that is not used."""
    return HandoutError.of(code, f"{server} {what}", hint=hint, exit_code=ExitCode.DELIVERY)


def explain_fault(server: Server, error: OSError | smtplib.SMTPException) -> HandoutError:
    """Return the error for what happened between the first packet and the login."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return refuse_server(
            server,
            "mail-certificate",
            f"has a certificate that cannot be trusted: {error.verify_message}",
            "check the host's name, and this computer's date; never go on without a certificate",
        )
    if isinstance(error, ssl.SSLError):
        other = "starttls" if server.security is Security.TLS else "tls"
        return refuse_server(
            server,
            "mail-not-encrypted",
            "does not speak TLS as it should",
            f'perhaps this port wants security = "{other}": 465 goes with "tls", 587 with '
            '"starttls"',
        )
    if isinstance(error, smtplib.SMTPResponseException):
        reply = _as_text(error.smtp_error)
        return refuse_server(
            server,
            "mail-turned-away",
            f"turned the connection away: {error.smtp_code} {reply}",
            "wait and try again; if it stays so, ask the provider whether you are blocked",
        )
    return _explain_unreachable(server, error)


def ran_out_of_time(error: BaseException) -> bool:
    """Return whether it was waited for in vain; smtplib hides that in a lost connection."""
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _explain_unreachable(server: Server, error: Exception) -> HandoutError:
    said, hint = f"cannot be reached ({error})", "check your connection to the internet"
    if isinstance(error, socket.gaierror):
        said, hint = "cannot be found: nobody knows this name", "check the host's name"
    elif isinstance(error, ConnectionRefusedError):
        said, hint = "takes no connection at this port", "465 and 587 are the ports for mail"
    elif ran_out_of_time(error):
        said = "does not answer"
        hint = "check host and port; some networks block mail: try another network"
    elif isinstance(error, smtplib.SMTPServerDisconnected):
        said = "hung up"
        hint = "check the port: 465 goes with security tls, 587 with starttls; or try again later"
    return refuse_server(server, "mail-unreachable", said, f"{hint}; {_BY_HAND}")


def explain_login(server: Server, error: smtplib.SMTPException, secret: str) -> HandoutError:
    """Return the error for a login that was not taken; what the server said, without the secret."""
    if not isinstance(error, smtplib.SMTPResponseException):
        what = "offers no login of the kind that is set"
        return refuse_server(server, "mail-login", what, server.advice or "set mail.login")
    reply = _as_text(error.smtp_error).replace(secret, "…") if secret else ""
    said = f"{error.smtp_code} {reply}"
    meaning = next((words for mark, words in _LOGIN_MEANINGS if mark in said), "")
    if not meaning:
        later = _TRY_LATER <= error.smtp_code < _TRY_LATER + 100
        meaning = "it cannot check logins now" if later else "name or password are not right"
    hint = server.advice or f"check mail.user ({server.user}) and the password"
    return refuse_server(server, "mail-login", f"does not let you in: {meaning} ({said})", hint)


def _as_text(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())[:200]
