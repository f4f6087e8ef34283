"""Turn what the layout engine writes into its log into Problems that name the exercise."""

from __future__ import annotations

import logging
import shutil
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING

from handouts.problem import Place, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# The engine's own message templates, not their filled-in text: code, hint.
_ERRORS = {
    "Failed to load image": ("image-failed", "name a picture inside the workspace"),
    "Failed to render SVG image": ("image-failed", "open the drawing and save it again"),
    "No anchor #": ("dead-link", "link to an id that is on the page"),
    "Relative URI reference without a base URI": (
        "image-failed",
        "put the file inside: use the picture filter",
    ),
    "Font-face": ("font-failed", "name a TrueType or OpenType file that can be read"),
    "Failed to load stylesheet": ("style-failed", "put the style sheet into the workspace"),
}
_MISSING = ".notdef glyph"
"""Said once for each glyph that no font has, with the character and its number as arguments."""
_LONGEST = 200
# Only what is wrong in a style sheet has a line and a column; selectors have not even that.
_IGNORED = ("at %d:%d", "Invalid or unsupported selector")
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
_FIRST_EMOJI = "\U0001f000"


@contextmanager
def collect_log(place: Place | None) -> Iterator[list[Problem]]:
    """Collect the engine's warnings and errors as Problems while the block runs."""
    problems: list[Problem] = []
    handler = _Collector(problems, place)
    logger = logging.getLogger("weasyprint")
    propagate, level = logger.propagate, logger.level
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    try:
        yield problems
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate
        logger.setLevel(level)


class _Collector(logging.Handler):
    def __init__(self, problems: list[Problem], place: Place | None) -> None:
        super().__init__(logging.WARNING)
        self._problems = problems
        self._place = place
        self._missing: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith(_MISSING) and isinstance(record.args, tuple):
            self._note_missing(str(record.args[0]))
            return
        problem = _as_problem(record, self._place)
        if problem not in self._problems:
            self._problems.append(problem)

    def _note_missing(self, character: str) -> None:
        """Keep one problem for all the characters that no font has."""
        earlier = _describe_missing(self._missing, self._place) if self._missing else None
        self._missing = sorted({*self._missing, character})
        problem = _describe_missing(self._missing, self._place)
        if earlier is None:
            self._problems.append(problem)
        else:
            self._problems[self._problems.index(earlier)] = problem


def _as_problem(record: logging.LogRecord, place: Place | None) -> Problem:
    template = str(record.msg)
    message = record.getMessage()
    for start, (code, hint) in _ERRORS.items():
        if template.startswith(start):
            return Problem(code, _shorten(message), place, hint)
    if any(mark in template for mark in _IGNORED):
        hint = "mend or delete this rule: it has no effect on paper"
        return Problem("css-ignored", _shorten(message), place, hint, Severity.WARNING)
    severity = Severity.ERROR if record.levelno >= logging.ERROR else Severity.WARNING
    return Problem("engine-said", _shorten(message), place, "", severity)


def _describe_missing(characters: list[str], place: Place | None) -> Problem:
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
    return f"Noto Sans {first.title()}" if first in _SCRIPTS else "Noto Sans", "core"


def _shorten(message: str) -> str:
    # A data: address of a whole font would fill the screen.
    return message if len(message) <= _LONGEST else f"{message[:140]} … {message[-40:]}"
