"""Turn the theme's font into one that any name can be written in later: whole, with codes."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING
from unicodedata import category

from handouts.bind.foot import register_font

if TYPE_CHECKING:
    from pathlib import Path

_SIZE = 10.0
_NO_LETTER = {"Cc", "Cs"}
_NO_CHARACTERS = (0xFFFE, 0xFFFF)


@lru_cache(maxsize=8)
def draw_letters(font: Path) -> tuple[bytes, dict[str, tuple[str, int]]]:
    """Return a PDF whose one page has every letter of the font, and each one's font and code.

    A subset made for one batch of names would make a client's bytes depend on the others'. The
    whole font is 24 kB.

    Raises:
        HandoutError: ``font-failed``.
    """
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfgen.canvas import Canvas

    name = register_font(font)
    face = pdfmetrics.getFont(name)
    letters = [chr(code) for code in sorted(face.face.charToGlyph)]
    letters = [
        letter
        for letter in letters
        if category(letter) not in _NO_LETTER and ord(letter) & 0xFFFF not in _NO_CHARACTERS
    ]
    target = io.BytesIO()
    canvas = Canvas(target, invariant=1, pageCompression=0, initialFontName=name)
    canvas.setFont(name, _SIZE)
    canvas.drawString(0, 0, "".join(letters))
    codes = {}
    for letter in letters:
        [(subset, code)] = face.splitString(letter, canvas._doc)  # noqa: SLF001  no other way
        codes[letter] = (face.getSubsetInternalName(subset, canvas._doc), code[0])  # noqa: SLF001
    canvas.showPage()
    canvas.save()
    return target.getvalue(), codes
