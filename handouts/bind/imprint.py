"""Turn a plate into a client's own copy: name and page numbers laid over as artifacts."""

from __future__ import annotations

import io
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from unicodedata import normalize
from zlib import compress

from handouts.problem import HandoutError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pikepdf

    from handouts.model.markup import ImprintStyle

_OVERLAY = "/HandoutImprint{}"
_LEAST_TITLE = 0.25
"""How much of the line a title keeps beside a long name, before both are cut."""


def imprint_foot(pdf: bytes, title: str, style: ImprintStyle, client: str | None = None) -> bytes:
    """Return the PDF with its foot on each page: title and client, page n of N.

    Raises:
        HandoutError: ``missing-glyph`` for a name that the theme's font cannot print.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        lay_feet(document, [title] * len(document.pages), style, client)
        target = io.BytesIO()
        document.save(
            target,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return target.getvalue()


def lay_feet(
    document: pikepdf.Pdf,
    titles: Sequence[str | None],
    style: ImprintStyle,
    client: str | None = None,
) -> None:
    """Lay a foot over each page: its own title and the client, page n of N of the whole.

    A page whose title is None is counted and has no foot. The marks are artifacts (ISO 14289-1,
    7.8): a screen reader passes over them.

    Raises:
        HandoutError: ``missing-glyph`` for a name that the theme's font cannot print.
    """
    import pikepdf

    # A keyboard may send é as two characters; fonts place them well as one.
    ending = normalize("NFC", f" · {style.for_client % {'name': client}}") if client else ""
    words = [title and normalize("NFC", title) for title in titles]
    sizes = [_page_size(page) for page in document.pages]
    if not any(words):
        return
    with pikepdf.open(io.BytesIO(_draw_feet(sizes, words, ending, style))) as overlays:
        _name_missing_glyphs(overlays)
        # One dictionary of ReportLab's serves all its pages: copied once, not with each.
        fonts = document.copy_foreign(overlays.make_indirect(overlays.pages[0].Resources.Font))
        feet_by_page = zip(document.pages, overlays.pages, words, strict=True)
        for number, (page, overlay, said) in enumerate(feet_by_page):
            if said:
                content = overlay.Contents.read_bytes()
                form = _make_form(document, content, sizes[number], fonts)
                _lay_over(page, form, _OVERLAY.format(number))


def _make_form(
    document: pikepdf.Pdf,
    content: bytes,
    size: tuple[float, float],
    fonts: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    from pikepdf import Array, Dictionary, Name

    return document.make_stream(
        compress(content),
        Type=Name.XObject,
        Subtype=Name.Form,
        Filter=Name.FlateDecode,
        BBox=Array([0, 0, *size]),
        Resources=Dictionary(Font=fonts),
    )


def _lay_over(page: pikepdf.Page, form: Any, resource: str) -> None:  # noqa: ANN401
    import pikepdf

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


def _draw_feet(
    sizes: Sequence[tuple[float, float]],
    words: Sequence[str | None],
    ending: str,
    style: ImprintStyle,
) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    font = _register_font(style.font)
    target = io.BytesIO()
    # Without a name of ours the canvas names Helvetica, which no page uses and none embeds.
    canvas = Canvas(target, invariant=1, pageCompression=0, initialFontName=font)
    for number, (size, said) in enumerate(zip(sizes, words, strict=True), 1):
        canvas.setPageSize(size)
        if said:
            count = style.of_pages % {"number": number, "total": len(sizes)}
            _check_glyphs(font, said + ending + count, style)
            room = size[0] - 2 * style.margin - _measure(count, font, style) - 2 * style.size
            shown = _fit(said, ending, room, font, style)
            begin, end = (count, shown) if style.right_to_left else (shown, count)
            canvas.setFont(font, style.size)
            canvas.setFillColor(style.colour)
            canvas.drawString(style.margin, style.baseline, begin)
            canvas.drawRightString(size[0] - style.margin, style.baseline, end)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _measure(text: str, font: str, style: ImprintStyle) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return float(stringWidth(text, font, style.size))


def _fit(title: str, ending: str, room: float, font: str, style: ImprintStyle) -> str:
    """Return as much as leaves the page number its place: the client's name before the title."""
    left = room - _measure(ending, font, style)
    if left < room * _LEAST_TITLE:
        title, ending, left = f"{title}{ending}", "", room
    if _measure(title, font, style) <= left:
        return title + ending
    while title and _measure(f"{title}…", font, style) > left:
        title = title[:-1].rstrip()
    return f"{title}…{ending}"


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
