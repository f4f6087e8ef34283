"""Turn characters that no font has into a problem that names the package to install."""

from __future__ import annotations

import shutil
import unicodedata
from typing import TYPE_CHECKING

from handouts.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from handouts.problem import Place

_MOST_NAMED = 8
# What Debian and Arch call the fonts of a kind; the first word of a character's name tells which.
_PACKAGES = {
    "apt-get": ("sudo apt-get install", "fonts-noto-{}", {"emoji": "color-emoji"}),
    "pacman": ("sudo pacman -S", "noto-fonts-{}", {"core": ""}),
}
_EAST_ASIAN = {
    *("BOPOMOFO", "CJK", "FULLWIDTH", "HALFWIDTH", "HANGUL", "HIRAGANA", "IDEOGRAPHIC"),
    *("KANGXI", "KATAKANA"),
}
_SCRIPTS = {
    *("ARABIC", "ARMENIAN", "BENGALI", "CHEROKEE", "DEVANAGARI", "ETHIOPIC", "GEORGIAN"),
    *("GUJARATI", "GURMUKHI", "HEBREW", "KANNADA", "KHMER", "LAO", "MALAYALAM", "MYANMAR"),
    *("ORIYA", "SINHALA", "TAMIL", "TELUGU", "THAANA", "THAI"),
}
_EUROPEAN = {"CYRILLIC", "GREEK", "LATIN"}
_FIRST_EMOJI = "\U0001f000"


def describe_missing(characters: Sequence[str], place: Place | None) -> Problem:
    """Return one problem that names each character and its number."""
    named = [
        f"{character} (U+{ord(character):04X})"
        if character.isprintable()
        else f"U+{ord(character):04X}"
        for character in characters[:_MOST_NAMED]
    ]
    more = len(characters) - len(named)
    said = ", ".join(named) + (f" and {more} more" if more else "")
    return Problem("missing-glyph", f"no font has {said}", place, suggest_fonts(characters))


def suggest_fonts(characters: Iterable[str]) -> str:
    """Return what to install so that these characters can be printed, or to write others."""
    found = {_find_font(character) for character in characters}
    fonts = sorted({font for font, _ in found if font})
    if not fonts:
        return "use another character: fonts do not have this one"
    kinds = sorted({kind for font, kind in found if font})
    manager = next((name for name in _PACKAGES if shutil.which(name)), "")
    command, pattern, others = _PACKAGES[manager or "apt-get"]
    packages = " ".join(pattern.format(others.get(kind, kind)).removesuffix("-") for kind in kinds)
    where = f": {command} {packages}" if manager else f" (Debian calls it {packages})"
    return f"install {', '.join(fonts)}{where}; or use other characters"


def _find_font(character: str) -> tuple[str, str]:
    """Return a font that has the character, and which of the Noto packages it is in."""
    first = unicodedata.name(character, "").partition(" ")[0]
    if not first:
        return "", ""
    if first in _EAST_ASIAN:
        return "Noto Sans CJK", "cjk"
    if unicodedata.category(character) in {"So", "Sk"} and character >= _FIRST_EMOJI:
        return "Noto Color Emoji", "emoji"
    if first in _SCRIPTS:
        return f"Noto Sans {first.title()}", "core"
    return "Noto Sans" if first in _EUROPEAN else f"a font for {first.title()}", "core"
