"""Turn a password or a token into a connection that the server trusts."""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING, Any

from handouts.model.mail import Login
from handouts.post.fault import explain_login, refuse_server

if TYPE_CHECKING:
    from handouts.post.presets import Server


def greet(smtp: smtplib.SMTP) -> None:
    """Say EHLO and take in what the server offers; HELO would offer neither encryption nor login.

    Raises:
        smtplib.SMTPException: the server does not want to talk.
    """
    code, reply = smtp.ehlo()
    if not 200 <= code < 300:  # noqa: PLR2004
        raise smtplib.SMTPHeloError(code, reply)


def log_in(smtp: smtplib.SMTP, server: Server, secret: str) -> None:
    """Prove to the server who sends, in the way that the settings say.

    Raises:
        HandoutError: ``mail-login``.
        OSError, smtplib.SMTPException: the connection was lost.
    """
    if smtp.ehlo_resp is None:  # forgotten when the encryption began
        greet(smtp)
    if server.login is Login.NONE:
        return
    if not smtp.has_extn("auth"):
        raise refuse_server(
            server,
            "mail-login",
            "takes no login at this port",
            'take another port, or write login = "none" if your server wants none',
        )
    try:
        if server.login is Login.XOAUTH2:
            token = f"user={server.user}\x01auth=Bearer {secret}\x01\x01"
            # The second answer, to the server's reason for a refusal, is empty:
            # https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
            smtp.auth("XOAUTH2", lambda challenge=None: "" if challenge is not None else token)
        else:
            _say_password(smtp, server, secret)
    except UnicodeEncodeError:
        raise refuse_server(
            server,
            "mail-login",
            "cannot be given a name or password with letters outside of ASCII",
            server.advice or "make an app password of plain letters and digits",
        ) from None
    except (smtplib.SMTPResponseException, smtplib.SMTPNotSupportedError) as error:
        raise explain_login(server, error, secret) from None


def _say_password(smtp: smtplib.SMTP, server: Server, secret: str) -> None:
    """Log in once: trying one kind after the other would count as several wrong passwords."""
    offered = smtp.esmtp_features["auth"].upper().split()
    kinds: dict[str, Any] = {
        "PLAIN": smtp.auth_plain,
        "LOGIN": smtp.auth_login,
        "CRAM-MD5": smtp.auth_cram_md5,
    }
    kind = next((kind for kind in kinds if kind in offered), None)
    if kind is None:
        raise smtplib.SMTPNotSupportedError(f"offered: {' '.join(offered)}")
    smtp.user, smtp.password = server.user, secret
    smtp.auth(kind, kinds[kind])
