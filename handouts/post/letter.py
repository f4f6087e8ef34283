"""Turn a letter, a client and a PDF into the bytes of one message, read again before they are used.

What the library writes is not taken on trust: CVE-2024-6923 made a second header of a subject.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from email import policy
from email.header import Header, decode_header, make_header
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, getaddresses
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from handouts.model.client import fold_id
from handouts.post.address import Person, check_header
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from email.headerregistry import Address

    from handouts.model.letter import Letter

_LONGEST_LINE = 998  # octets: RFC 5322, section 2.1.1
_LONGEST_WORD = 75  # RFC 2047, section 2; here with the space before it
_BYTES_IN_LINE = 57  # as 76 letters of base64, and the end of the line
_HEADER = re.compile(rb"([!-9;-~]+):")
_PARTS = ("multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf")
_read_header = lru_cache(maxsize=256)(HeaderRegistry())


class _Headers(HeaderRegistry):
    """Reads a header once: the library does so whenever anybody asks, some 70 times a message."""

    def __call__(self, name: str, value: Any) -> Any:  # noqa: ANN401  of many classes
        """Return the header; what is equal is read alike."""
        return _read_header(name, value)


_POLICY = policy.SMTP.clone(header_factory=_Headers())


@dataclass(frozen=True, slots=True)
class Attachment:
    """The PDF, under the name that the client sees."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Meant:
    """Everything that a message should say."""

    letter: Letter
    sender: Person
    recipient: Person
    attachment: Attachment
    date: datetime
    """With its time zone."""
    name: str = ""
    """The message's own (:func:`name_message`); without one it is a draft."""
    reply_to: str | None = None

    @property
    def message_id(self) -> str:
        """The same at every try, so that a mailbox can tell a copy from a new message."""
        domain = self.sender.as_header().domain
        return f"<{self.name[:40]}@{domain}>" if self.name else ""


def hash_pdf(data: bytes) -> str:
    """Return what tells one PDF from another."""
    return hashlib.sha256(data).hexdigest()


def name_message(client: str, pdf: str, campaign: str, copy: int = 0) -> str:
    """Return the name of a message: equal for what must not go twice.

    Args:
        client: the client's id.
        pdf: the PDF's hash.
        campaign: what it is sent as, such as the programme's name.
        copy: counts what was ordered again.
    """
    parts = json.dumps([fold_id(client), pdf, campaign, copy], ensure_ascii=True)
    return hashlib.sha256(parts.encode()).hexdigest()


def measure_attachment(size: int) -> int:
    """Return the octets that so many bytes add to a message: base64 of RFC 2045, section 6.8."""
    return -(-size // 3) * 4 + -(-size // _BYTES_IN_LINE) * 2


def compose(meant: Meant) -> bytes:
    """Return the message's bytes, with lines that end as SMTP asks.

    Raises:
        HandoutError: ``bad-header`` or ``bad-email`` for a value that a header cannot hold,
            ``mail-changed`` if the bytes say anything else than what was meant.
    """
    message = EmailMessage(policy=_POLICY)
    letter = meant.letter
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    message.add_attachment(
        meant.attachment.data,
        maintype="application",
        subtype="pdf",
        filename=check_header("the attachment's name", meant.attachment.name),
    )
    headers = [write_header(name, value) for name, value in _list_headers(meant).items()]
    data = "".join(headers).encode("ascii") + message.as_bytes()
    wrong = next(find_changes(data, meant), None)
    if wrong is not None:
        raise HandoutError.of(
            "mail-changed",
            f"the message to {meant.recipient.address} would not say what was meant: {wrong}",
            hint="write the names and the subject in plain letters",
        )
    return data


def write_header(name: str, value: str | Address) -> str:
    """Return a header's lines; what is not ASCII as encoded words of RFC 2047.

    By the older part of the library: in Python 3.11 the newer one loses spaces of long names.
    """
    text, behind = (value, "") if isinstance(value, str) else _take_apart(value)
    if text.isascii():
        return f"{name}: {value}\r\n"
    header = Header(text, "utf-8", header_name=name, maxlinelen=_LONGEST_WORD)
    encoded = header.encode(linesep="\r\n")
    return f"{name}: {encoded}{behind}\r\n"


def _take_apart(address: Address) -> tuple[str, str]:
    return address.display_name, f"\r\n <{address.addr_spec}>"


def _list_headers(meant: Meant) -> dict[str, str | Address]:
    headers: dict[str, str | Address] = {
        "From": meant.sender.as_header(),
        "To": meant.recipient.as_header(),
    }
    if meant.reply_to:
        headers["Reply-To"] = Person("", meant.reply_to).as_header()
    headers["Subject"] = check_header("the subject", meant.letter.subject)
    if meant.name:
        headers["Date"] = format_datetime(meant.date)
        headers["Message-ID"] = meant.message_id
    else:
        headers["X-Unsent"] = "1"  # Outlook and others open it as a message to be sent
    headers["Content-Language"] = meant.letter.language
    return headers


def find_changes(data: bytes, meant: Meant) -> Iterator[str]:
    """Yield every way in which the bytes differ from what was meant, as two parsers read them."""
    yield from _find_wrong_lines(data)
    message = BytesParser(policy=_POLICY).parsebytes(data)
    head = data[: data.find(b"\r\n\r\n") + 4]
    raw = BytesParser(policy=policy.compat32).parsebytes(head, headersonly=True)
    wanted = _list_headers(meant)
    expected = [*wanted, "MIME-Version", "Content-Type"]
    for names in (message.keys(), _read_names(data)):
        if sorted(map(str.lower, names)) != sorted(map(str.lower, expected)):
            yield f"its headers are {', '.join(names)}"
            return
    for name, value in wanted.items():
        if message[name].defects or not _says(message[name], str(raw[name]), value):
            yield f"{name} reads {str(message[name])[:80]!r}"
    yield from _find_wrong_parts(message, meant)


def _says(header: Any, raw: str, value: str | Address) -> bool:  # noqa: ANN401  of many classes
    """Return whether both readings of a header are the value."""
    if isinstance(value, str):
        return _decode(raw) == value
    pairs = getaddresses([raw])
    return (
        [address.addr_spec for address in header.addresses] == [value.addr_spec]
        and [address for _, address in pairs] == [value.addr_spec]
        and _decode(pairs[0][0]) == value.display_name
    )


def _decode(raw: str) -> str:
    unfolded = raw.replace("\r", "").replace("\n", "")
    return str(make_header(decode_header(unfolded)))


def _find_wrong_lines(data: bytes) -> Iterator[str]:
    # A line end that servers understand differently could hide a second message (SMTP smuggling).
    if data.count(b"\r") != data.count(b"\r\n") or data.count(b"\n") != data.count(b"\r\n"):
        yield "a line does not end as it should"
    if not data.isascii() or b"\0" in data:
        yield "a letter is not encoded"
    if max(map(len, data.split(b"\r\n"))) > _LONGEST_LINE:
        yield "a line is too long"


def _read_names(data: bytes) -> list[str]:
    """Return the headers' names by a reading of its own: each line without a space before it."""
    lines = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
    starts = [line for line in lines if line[:1] not in (b" ", b"\t")]
    found = [_HEADER.match(line) for line in starts]
    return [match[1].decode() if match else "?" for match in found]


def _find_wrong_parts(message: EmailMessage, meant: Meant) -> Iterator[str]:
    parts = list(message.walk())
    kinds = [part.get_content_type() for part in parts]
    if kinds != list(_PARTS) or any(part.defects for part in parts):
        yield f"its parts are {', '.join(kinds)}"
        return
    for part, text in zip(parts[2:4], (meant.letter.text, meant.letter.html), strict=True):
        if part.get_content().splitlines() != text.splitlines():
            yield f"its {part.get_content_type()} differs"
    if parts[4].get_filename() != meant.attachment.name:
        yield f"the attachment is called {parts[4].get_filename()!r}"
    if parts[4].get_content() != meant.attachment.data:
        yield "the attachment differs"
