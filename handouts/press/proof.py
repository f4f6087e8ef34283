"""Turn a finished PDF and the phrases it must say into Problems for what is not read there."""

from __future__ import annotations

import ctypes
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handouts.model.markup import Phrase
    from handouts.problem import Place, Report

# Points: a stroke's rounding, not a letter.
_TOLERANCE = 0.5
_BOX = "avoid["
_LONGEST = 80
_HYPHENS = dict.fromkeys(map(ord, "-\u00ad\u2010\u2011\x02\ufffe"))


def prove_pages(pdf: bytes, phrases: Sequence[Phrase], place: Place | None, report: Report) -> None:
    """Read the PDF back and report every phrase that it does not say and every letter off the page.

    A theme can restyle a warning, but not drop it.
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
    width, height = page.get_size()
    textpage = page.get_textpage()
    try:
        text = textpage.get_text_bounded(errors="replace")
        off = _find_off_page(textpage, width, height)
    finally:
        textpage.close()
        page.close()
    if off:
        report.add(
            "text-off-page",
            f'page {number}: "{_shorten(off)}" runs off the paper',
            place,
            hint="shorten the text, or let it wrap (overflow-wrap: anywhere)",
        )
    return _squeeze(text)


def _find_off_page(textpage: Any, width: float, height: float) -> str:  # noqa: ANN401
    """Return the letters whose boxes leave the page; PDFium counts points from the lower left."""
    import pypdfium2.raw as pdfium

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    off = []
    for index in range(textpage.count_chars()):
        found = pdfium.FPDFText_GetCharBox(textpage.raw, index, left, right, bottom, top)
        inside = (
            left.value >= -_TOLERANCE
            and bottom.value >= -_TOLERANCE
            and right.value <= width + _TOLERANCE
            and top.value <= height + _TOLERANCE
        )
        if found and not inside:
            off.append(chr(pdfium.FPDFText_GetUnicode(textpage.raw, index)))
    return "".join(off).strip()


def _squeeze(text: str) -> str:
    # Line breaks, spacing, capitals by style and ligatures are the page's business, and PDFium
    # reads a hyphen at the end of a line as U+0002 or not at all.
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_HYPHENS)
    return "".join(plain.split())


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:77]}…"
