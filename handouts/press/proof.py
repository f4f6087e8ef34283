"""Turn a finished PDF and the phrases it must say into Problems for what is not read there."""

from __future__ import annotations

import ctypes
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    _Box = tuple[float, float, float, float]

    from collections.abc import Iterator, Sequence

    from handouts.model.markup import Phrase
    from handouts.problem import Place, Report

# Points: a stroke's rounding, not a letter.
_TOLERANCE = 0.5
_BOX = "avoid["
# Points: a small letter's height in type of 5 pt. Of 255 greys: a letter against its ground.
_SMALLEST, _CONTRAST = 2.4, 40
_LONGEST = 80
_HYPHENS = dict.fromkeys(map(ord, "-\u00ad\u2010\u2011\x02\ufffe"))


def prove_pages(pdf: bytes, phrases: Sequence[Phrase], place: Place | None, report: Report) -> None:
    """Read the PDF back and report what no reader sees and what runs off the paper.

    A theme can restyle a warning, but not drop it, fade it, shrink it or cover it.
    """
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        texts = [_read_page(page, number, place, report) for number, page in enumerate(document, 1)]
    finally:
        document.close()
    _find_phrases(texts, phrases, place, report)
    _find_box(texts, phrases, place, report)


def _find_phrases(
    texts: Sequence[str], phrases: Sequence[Phrase], place: Place | None, report: Report
) -> None:
    whole = "".join(texts)
    for phrase in phrases:
        if _squeeze(phrase.text) not in whole:
            report.add(
                "text-lost",
                f'{phrase.where}: "{_shorten(phrase.text)}" is not on the printed page',
                place,
                hint="a theme can restyle this text but must print it: compare your templates and "
                "styles with the shipped ones",
            )


def prove_box(
    texts: Sequence[str], phrases: Sequence[Phrase], place: Place | None, report: Report
) -> None:
    """Report a who-should-avoid box that does not stand whole on the front.

    Args:
        texts: the words of each page.
        phrases: those of the box are among them.
        place: where problems are.
        report: gets them.
    """
    _find_box([*map(_squeeze, texts)], phrases, place, report)


def _find_box(
    texts: Sequence[str], phrases: Sequence[Phrase], place: Place | None, report: Report
) -> None:
    whole = "".join(texts)
    rows = [_squeeze(phrase.text) for phrase in phrases if phrase.where.startswith(_BOX)]
    # What is nowhere is reported as lost; what runs over a page's end is on no page by itself.
    pages = [
        {number for number, text in enumerate(texts) if row in text} for row in rows if row in whole
    ]
    if not pages or set.intersection(*pages) & {0}:
        return
    together = bool(set.intersection(*pages))
    report.add(
        "avoid-not-on-front" if together else "avoid-split",
        f"the who-should-avoid box is {'not on the front' if together else 'split'}",
        place,
        hint="shorten the summary, the doses or the reasons, or print with --size standard",
    )


def _read_page(page: Any, number: int, place: Place | None, report: Report) -> str:  # noqa: ANN401
    """Return the letters that a reader of this page sees, squeezed."""
    textpage = page.get_textpage()
    try:
        sheet = _Sheet(page)
        letters = [(letter, box) for letter, box in _list_letters(textpage) if box]
    finally:
        textpage.close()
        page.close()
    off = "".join(letter for letter, box in letters if sheet.is_outside(box)).strip()
    if off:
        report.add(
            "text-off-page",
            f'page {number}: "{_shorten(off)}" runs off the paper',
            place,
            hint="shorten the text, or let it wrap (overflow-wrap: anywhere)",
        )
    # Points and dashes are too small to judge; what stands between them is not.
    return _squeeze(
        "".join(letter for letter, box in letters if not letter.isalnum() or sheet.shows(box))
    )


def _list_letters(textpage: Any) -> Iterator[tuple[str, _Box | None]]:  # noqa: ANN401
    """Yield each letter with its box: left, bottom, right, top in points from the lower left."""
    import pypdfium2.raw as pdfium

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    # A booklet has some 12,000 letters.
    raw, box_of, letter_of = textpage.raw, pdfium.FPDFText_GetCharBox, pdfium.FPDFText_GetUnicode
    for index in range(textpage.count_chars()):
        found = box_of(raw, index, left, right, bottom, top)
        letter = chr(letter_of(raw, index))
        yield letter, (left.value, bottom.value, right.value, top.value) if found else None


class _Sheet:
    """A page as ink on paper: in greys, one dot a point."""

    def __init__(self, page: Any) -> None:  # noqa: ANN401
        self.width, self.height = page.get_size()
        # 3 ms: cheaper than any rule about colours, opacity, clipping and what covers what.
        bitmap = page.render(scale=1, grayscale=True)
        self._dots, self._stride = bytes(bitmap.buffer), bitmap.stride
        self._columns, self._rows = bitmap.width, bitmap.height

    def is_outside(self, box: _Box) -> bool:
        left, bottom, right, top = box
        return (
            left < -_TOLERANCE
            or bottom < -_TOLERANCE
            or right > self.width + _TOLERANCE
            or top > self.height + _TOLERANCE
        )

    def shows(self, box: _Box) -> bool:
        """Return whether a letter's box is large enough and holds both ink and paper."""
        left, bottom, right, top = box
        if top - bottom < _SMALLEST:
            return False
        first, last = max(int(left) - 1, 0), min(int(right) + 2, self._columns)
        above = max(int(self.height - top) - 1, 0)
        below = min(int(self.height - bottom) + 2, self._rows)
        # From the middle outwards: one row of dots is enough for nearly every letter.
        middle = (above + below) // 2
        lightest, darkest = 0, 255
        for row in (*range(middle, below), *range(middle - 1, above - 1, -1)):
            strip = self._dots[row * self._stride + first : row * self._stride + last]
            if strip:
                lightest = max(lightest, max(strip))  # noqa: PLW3301  not byte by byte
                darkest = min(darkest, min(strip))  # noqa: PLW3301
                if lightest - darkest >= _CONTRAST:
                    return True
        return False


def _squeeze(text: str) -> str:
    # Line breaks, spacing, capitals by style and ligatures are the page's business, and PDFium
    # reads a hyphen at the end of a line as U+0002 or not at all.
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_HYPHENS)
    return "".join(plain.split())


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:77]}…"
