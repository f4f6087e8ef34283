"""Turn the table ``[mail]`` of the settings into who sends, through which server, how much."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from handouts.model.base import Frozen, Line

# One address; no list, no name before it, nothing that a mail header could take for more.
_EMAIL = re.compile(r"[^\s@,;:<>()\[\]\"\\?]+@[^\W_]([\w.-]*[^\W_])?")
_LONGEST_LOCAL = 64  # octets: RFC 5321, section 4.5.3.1.1
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")  # RFC 1035, section 2.3.1
_ENCODED_WORD = re.compile(r"=\?|\?=")


def check_email(address: str) -> str:
    """Return the address if it is one that any mail server takes.

    Raises:
        PydanticCustomError: ``bad-email``.
    """
    local, _, domain = address.rpartition("@")
    sound = _EMAIL.fullmatch(address) and "." in domain and ".." not in address
    if not sound or local[:1] == "." or local[-1:] == ".":
        raise _bad_email(address, "is not one e-mail address", "; one a client")
    if not local.isascii() or len(local) > _LONGEST_LOCAL:
        # RFC 6531 would let them through, but few servers do.
        raise _bad_email(address, "cannot be mailed: a-z and digits stand before the @")
    if encode_domain(domain) is None:
        raise _bad_email(address, "has a domain that cannot exist")
    return address


def encode_domain(domain: str) -> str | None:
    """Return a domain as mail servers know it (IDNA 2008), or None if there can be none such."""
    if domain.isascii():
        return domain if all(map(_LABEL.fullmatch, domain.split("."))) else None
    import idna

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return None


def _bad_email(address: str, what: str, more: str = "") -> PydanticCustomError:
    shown = address if len(address) <= 60 else f"{address[:59]}…"  # noqa: PLR2004  a line of a terminal
    hint = f"write it like sam@example.org{more}"
    return PydanticCustomError(
        "bad-email", '"{shown}" {what}', {"shown": shown, "what": what, "hint": hint}
    )


def check_name(name: str) -> str:
    """Return the name if no mail program can take a part of it for a code.

    Raises:
        PydanticCustomError: ``bad-name``.
    """
    if _ENCODED_WORD.search(name):
        hint = 'delete the "=?" or "?=": mail programs read more into them'
        raise PydanticCustomError(
            "bad-name", '"{shown}" holds the code of a mail header', {"shown": name, "hint": hint}
        )
    return name


Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(check_email)]
PersonName = Annotated[Line, AfterValidator(check_name)]


class Provider(StrEnum):
    """Whose mail service it is: its server, its limits and its advice are known."""

    GMAIL = "gmail"
    OUTLOOK = "outlook"
    MICROSOFT365 = "microsoft365"
    ICLOUD = "icloud"
    FASTMAIL = "fastmail"


class Security(StrEnum):
    """How the connection is kept from other eyes: from its start (465), or by STARTTLS (587)."""

    TLS = "tls"
    STARTTLS = "starttls"


class Login(StrEnum):
    """What proves to the server who sends."""

    PASSWORD = "password"  # noqa: S105  a kind of login
    XOAUTH2 = "xoauth2"
    NONE = "none"


_Limit = Annotated[int, Field(ge=1, le=100_000)]


class MailSettings(Frozen):
    """How handouts are mailed; whatever is left out comes from the provider."""

    provider: Provider | None = None
    """Left out, it is guessed from the sender's address."""
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]{1,253}$")] | None = None
    """The server's name, where the provider is none of ours."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    security: Security | None = None
    user: Line | None = None
    """The name to log in with; left out for the sender's address."""
    login: Login | None = None
    sender: Email | None = None
    """The address that mail comes from; left out for the trainer's."""
    reply_to: Email | None = None
    token_command: Annotated[str, StringConstraints(min_length=1, max_length=2000)] | None = None
    """Prints an access token for XOAUTH2. Not in a workspace: it would run what others wrote."""
    password_file: Line | None = None
    """A file that only you may read. Not in a workspace."""
    per_hour: _Limit | None = None
    per_day: _Limit | None = None
    most_megabytes: Annotated[int, Field(ge=1, le=150)] | None = None
