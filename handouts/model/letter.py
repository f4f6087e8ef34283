"""Turn the three texts of a letter into one value that knows nothing of templates or mail."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """What a client reads: plain for every mail program, as HTML for most."""

    subject: str
    text: str
    html: str
    language: str
    """BCP 47 tag."""
