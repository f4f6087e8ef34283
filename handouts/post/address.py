"""Turn names and addresses into what a mail header can hold, or refuse them with the reason."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from email.headerregistry import Address

from pydantic_core import PydanticCustomError

from handouts.model.mail import check_email, encode_domain
from handouts.problem import HandoutError
from handouts.source.characters import find_bad_characters

_LONGEST_TEXT = 250  # characters; a subject or a name that is longer is a mistake or an attack
_LONGEST_FILE_NAME = 80  # characters; mail programs cut longer ones
_MOST_FILE_BYTES = 180  # of UTF-8; file systems end at 255
# What no header may hold even encoded: a reader's mail program would decode it.
_ENCODED_WORD = re.compile(r"=\?|\?=")
# Not in a name on Windows, and a path anywhere: naming-a-file in Microsoft's Win32 documents.
_NOT_IN_FILE_NAME = re.compile(r'[\\/:*?"<>|%$`\s]+')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|conin|conout|(com|lpt)[0-9¹²³])(\..*)?")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who sends or gets mail."""

    name: str
    address: str

    def as_header(self) -> Address:
        """Return the person as the library writes one, the domain as mail servers know it.

        Raises:
            HandoutError: ``bad-header`` or ``bad-email``.
        """
        local, _, domain = check_address(self.address).rpartition("@")
        name = check_header("name", self.name) if self.name else ""
        return Address(name, username=local, domain=domain)


def check_address(address: str, what: str = "address") -> str:
    """Return one address with its domain in ASCII.

    Args:
        address: as typed.
        what: what the address is, for the message.

    Raises:
        HandoutError: ``bad-email``.
    """
    try:
        local, _, domain = check_email(address.strip()).rpartition("@")
    except PydanticCustomError as error:
        hint = str((error.context or {}).get("hint", "")).removesuffix("; one a client")
        raise HandoutError.of("bad-email", f"{what}: {error.message()}", hint=hint) from None
    encoded = encode_domain(domain) or domain
    return f"{local}@{encoded.lower()}"


def check_header(what: str, text: str) -> str:
    """Return the text on one line if a header may hold it.

    Raises:
        HandoutError: ``bad-header``, with what is wrong.
    """
    wrong = next((said for _, said in find_bad_characters(text)), "")
    if not wrong and len(text.splitlines()) > 1:
        wrong = "more than one line"
    if not wrong and _ENCODED_WORD.search(text):
        wrong = 'the code "=?" or "?=" of a mail header'
    if not wrong and len(text) > _LONGEST_TEXT:
        wrong = f"more than {_LONGEST_TEXT} characters"
    text = " ".join(text.split())
    if not wrong and not text:
        wrong = "nothing"
    if wrong:
        hint = "delete it, and type the words anew" if text else "write something"
        raise HandoutError.of("bad-header", f"{what}: {wrong} stands in it", hint=hint)
    return text


def name_file(title: str, suffix: str = ".pdf") -> str:
    """Return a name for an attachment that can be read, and saved on any system."""
    text = unicodedata.normalize("NFC", title)
    text = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    text = " ".join(_NOT_IN_FILE_NAME.sub(" ", text).split())[:_LONGEST_FILE_NAME]
    while len(text.encode()) > _MOST_FILE_BYTES:
        text = text[:-1]
    text = text.replace("=", "-").strip(" .-_~'")
    if not text or _RESERVED.fullmatch(text):
        text = f"Handout {text}".strip()
    return f"{text}{suffix}"
