"""Turn a plate into a client's own copy: name and page numbers laid over as artifacts."""

from __future__ import annotations

import io
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from handouts.problem import HandoutError

if TYPE_CHECKING:
    from pathlib import Path

    import pikepdf

    from handouts.model.markup import ImprintStyle

_OVERLAY = "/HandoutImprint{}"


def imprint_foot(pdf: bytes, title: str, style: ImprintStyle, client: str | None = None) -> bytes:
    """Return the PDF with its foot on each page: title and client, page n of N.

    The marks are artifacts (ISO 14289-1, 7.8): a screen reader passes over them.

    Raises:
        HandoutError: ``missing-glyph`` for a name that the theme's font cannot print.
    """
    import pikepdf

    words = f"{title} · {style.for_client % {'name': client}}" if client else title
    # A keyboard may send é as two characters; fonts place them well as one.
    words = normalize("NFC", words)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        feet = _draw_feet([_page_size(page) for page in document.pages], words, style)
        with pikepdf.open(io.BytesIO(feet)) as overlays:
            _name_missing_glyphs(overlays)
            feet_by_page = zip(document.pages, overlays.pages, strict=True)
            for number, (page, overlay) in enumerate(feet_by_page):
                _lay_over(document, page, overlay, _OVERLAY.format(number))
        target = io.BytesIO()
        document.save(
            target,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return target.getvalue()


def _lay_over(
    document: pikepdf.Pdf, page: pikepdf.Page, overlay: pikepdf.Page, resource: str
) -> None:
    import pikepdf

    form = document.copy_foreign(overlay.as_form_xobject())
    # Pages may share one dictionary of resources: each foot has a name of its own.
    name = page.add_resource(form, pikepdf.Name.XObject, pikepdf.Name(resource))
    mark = f"/Artifact <</Type /Pagination /Subtype /Footer>> BDC q {name} Do Q EMC"
    # The page's own marks end with the state that they began with, whatever they did to it.
    page.contents_add(b"q", prepend=True)
    page.contents_add(f"Q {mark}".encode("ascii"))


def _name_missing_glyphs(overlays: pikepdf.Pdf) -> None:
    """Mend ReportLab's maps to Unicode: code 0 stands for "no glyph" and may not be U+0000.

    ISO 14289-1, 7.21.7; U+FFFD is Unicode's own mark for it.
    """
    import pikepdf

    for value in overlays.objects:
        if isinstance(value, pikepdf.Dictionary) and pikepdf.Name.ToUnicode in value:
            stream = value.ToUnicode
            stream.write(stream.read_bytes().replace(b"<00> <0000>", b"<00> <FFFD>"))


def _page_size(page: pikepdf.Page) -> tuple[float, float]:
    left, bottom, right, top = (float(edge) for edge in page.mediabox.as_list())
    return right - left, top - bottom


def _draw_feet(sizes: list[tuple[float, float]], words: str, style: ImprintStyle) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    font = _register_font(style.font)
    target = io.BytesIO()
    # Without a name of ours the canvas names Helvetica, which no page uses and none embeds.
    canvas = Canvas(target, invariant=1, pageCompression=1, initialFontName=font)
    for number, (width, height) in enumerate(sizes, 1):
        count = style.of_pages % {"number": number, "total": len(sizes)}
        _check_glyphs(font, words + count, style)
        canvas.setPageSize((width, height))
        canvas.setFont(font, style.size)
        canvas.setFillColor(style.colour)
        room = width - 2 * style.margin - canvas.stringWidth(count, font, style.size)
        shown = _fit(canvas, words, room, font, style)
        begin, end = (count, shown) if style.right_to_left else (shown, count)
        canvas.drawString(style.margin, style.baseline, begin)
        canvas.drawRightString(width - style.margin, style.baseline, end)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _fit(canvas: Any, text: str, room: float, font: str, style: ImprintStyle) -> str:  # noqa: ANN401
    """Return as much of the text as leaves the page number its place."""
    gap = 2 * style.size
    if canvas.stringWidth(text, font, style.size) <= room - gap:
        return text
    while text and canvas.stringWidth(f"{text}…", font, style.size) > room - gap:
        text = text[:-1].rstrip()
    return f"{text}…"


@lru_cache(maxsize=8)
def _register_font(file: Path) -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    try:
        # Codes for the letters in use only: with readable ASCII, the rest would map to U+0000.
        name = f"{file.stem}-{sha256(file.read_bytes()).hexdigest()[:12]}"
        pdfmetrics.registerFont(TTFont(name, str(file), asciiReadable=False))
    except (TTFError, OSError) as error:
        raise HandoutError.of(
            "font-failed",
            f"{file.name} cannot be used for the page numbers ({error})",
            hint="name a TrueType file (.ttf) in theme.toml",
        ) from None
    return name


def _check_glyphs(font: str, text: str, style: ImprintStyle) -> None:
    from reportlab.pdfbase import pdfmetrics

    glyphs = pdfmetrics.getFont(font).face.charToGlyph
    missing = sorted({letter for letter in text if ord(letter) not in glyphs})
    if missing:
        raise HandoutError.of(
            "missing-glyph",
            f'the foot "{text}" has {" ".join(missing)}, which the font {style.font.stem} lacks',
            hint="name another font in theme.toml, or spell the name in Latin letters",
        )
