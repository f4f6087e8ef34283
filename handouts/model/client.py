"""Turn a row of a list of clients into a client, whose id is fit to name files on any system."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from handouts.model.base import Frozen, Line, Slug, Text
from handouts.model.mail import Email, PersonName
from handouts.model.settings import Paper, Size

MOST_CLIENTS = 100_000
_LONGEST_ID = 64  # characters
_MOST_BYTES = 128  # of UTF-8; file systems end at 255, and the programme's name is added
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file: with any ending, in any case.
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9])(\..*)?")
_ID_HINT = 'take letters and digits, with single ".", "-" or "_" between them: sam-jones'


def fold_id(client_id: str) -> str:
    """Return what two ids must not share: some file systems fold case, some compose letters."""
    return unicodedata.normalize(
        "NFKC", unicodedata.normalize("NFKC", client_id).casefold()
    ).casefold()


def _check_id(client_id: str) -> str:
    client_id = unicodedata.normalize("NFC", client_id)
    shown = client_id[:40]
    if len(client_id.encode("utf-8", "replace")) > _MOST_BYTES:
        raise _bad_id(shown, "is too long for a file's name", "shorten it to 40 characters")
    for before, character in zip(" " + client_id, client_id, strict=False):
        joins = character in "._-" and before not in " ._-"
        # Letters, their marks and digits of every script (Unicode 16, section 4.5).
        if not joins and unicodedata.category(character)[0] not in "LMN":
            what = f'"{character}"' if character.isprintable() else f"U+{ord(character):04X}"
            raise _bad_id(shown, f"cannot name a file: {what} stands where it may not", _ID_HINT)
    if client_id[-1:] in "._-" or unicodedata.category(client_id[0])[0] == "M":
        raise _bad_id(shown, "cannot name a file: it begins or ends wrongly", _ID_HINT)
    if _RESERVED.fullmatch(fold_id(client_id)):
        raise _bad_id(
            shown,
            "is a name that Windows keeps for itself",
            f"put something before it: client-{shown}",
        )
    return client_id


def _bad_id(shown: str, what: str, hint: str) -> PydanticCustomError:
    return PydanticCustomError(
        "bad-id", '"{shown}" {what}', {"shown": shown, "what": what, "hint": hint}
    )


def _lower(value: Any) -> Any:  # noqa: ANN401  pydantic hands over whatever was typed
    return value.strip().lower() if isinstance(value, str) else value


ClientId = Annotated[
    str, StringConstraints(min_length=1, max_length=_LONGEST_ID), AfterValidator(_check_id)
]


class Client(Frozen):
    """Who a programme is for."""

    id: ClientId
    """Names the client's files; nobody else's id, whatever the case of its letters."""
    name: PersonName
    """As it is printed."""
    email: Email | None = None
    telephone: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    language: (
        Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", examples=["en", "pt-BR"])]
        | None
    ) = None
    """BCP 47 tag; left out for the programme's own language."""
    size: Annotated[Size, BeforeValidator(_lower)] | None = None
    paper: Annotated[Paper, BeforeValidator(_lower)] | None = None
    conditions: Annotated[tuple[Line, ...], Field(max_length=40)]
    """Names, slugs or synonyms in the file, slugs once it is read; ``[]`` for none."""
    notes: Text | None = None
    """For the trainer; not printed."""
    programme: Slug | None = None


class Clients(Frozen):
    """The file ``clients.yaml``: every client."""

    clients: Annotated[tuple[Client, ...], Field(min_length=1, max_length=MOST_CLIENTS)]
