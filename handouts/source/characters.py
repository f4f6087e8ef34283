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
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        kind = "half of a surrogate pair"
    elif code in (0x2028, 0x2029):
        kind = "invisible line separator"
    elif 0x202A <= code <= 0x2069:
        kind = "invisible character that reverses the reading direction"
    elif code == 0xFEFF:
        kind = "byte order mark inside the text"
    elif code >= 0xFDD0:
        kind = "code that is no character"
    else:
        kind = "control character"
    return f"{kind} U+{code:04X}"


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the line and column of an offset into the text, both counted from 1."""
    line, start = 1, 0
    for match in _LINE_END.finditer(text, 0, offset):
        line, start = line + 1, match.end()
    return line, offset - start + 1
