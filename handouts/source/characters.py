"""Turn text into the places of characters that must never reach paper or a mail header."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Controls without tab and line ends; separators that some editors count as line ends and some do
# not; bidi overrides and isolates (Trojan Source, CVE-2021-42574); a byte order mark inside the
# text; surrogates; noncharacters of every plane (Unicode 16, section 23.7).
_NONCHARACTERS = "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_BAD = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff"
    f"\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}]"
)
# The kind of a refused character, by the first of its range, from the top down.
_KINDS = (
    ("\ufffe", "code that is no character"),
    ("\ufeff", "byte order mark inside the text"),
    ("\ufdd0", "code that is no character"),
    ("\ud800", "half of a surrogate pair"),
    ("\u202a", "invisible character that changes the reading direction"),
    ("\u2028", "invisible line separator"),
    ("\x00", "control character"),
)
_LINE_END = re.compile(r"\r\n|\r|\n")


def find_bad_characters(text: str) -> Iterator[tuple[int, str]]:
    """Yield the offset and the description of every character that is refused."""
    for match in _BAD.finditer(text):
        yield match.start(), describe_character(match[0])


def has_bad_characters(text: str) -> bool:
    """Return whether any character of the text is refused."""
    return _BAD.search(text) is not None


def describe_character(character: str) -> str:
    """Return the kind of a refused character and its code point: ``control character U+0007``."""
    kind = next(kind for first, kind in _KINDS if character >= first)
    return f"{kind} U+{ord(character):04X}"


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the line and column of an offset into the text, both counted from 1."""
    line, start = 1, 0
    for match in _LINE_END.finditer(text, 0, offset):
        line, start = line + 1, match.end()
    return line, offset - start + 1
