"""Turn a plate into a client's own copy: name and page numbers laid over as artifacts."""

from __future__ import annotations

import io
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from unicodedata import normalize
from zlib import compress

from handouts.bind.foot import Compositor, register_font
from handouts.source.characters import find_bad_characters

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pikepdf

    from handouts.bind.foot import Mark
    from handouts.model.markup import ImprintStyle, SetLines

_OVERLAY, _LINE = "/HandoutImprint{}", "/Line{}"


def imprint_foot(  # noqa: PLR0913  what is said on a foot
    pdf: bytes,
    title: str,
    style: ImprintStyle,
    client: str | None = None,
    trainer: str | None = None,
    *,
    set_lines: SetLines | None = None,
) -> bytes:
    """Return the PDF with its foot on each page: title, client and trainer, page n of N.

    Raises:
        HandoutError: as :func:`lay_feet`.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        titles = [title] * len(document.pages)
        lay_feet(document, titles, style, client, trainer, set_lines=set_lines)
        target = io.BytesIO()
        document.save(
            target,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return target.getvalue()


def lay_feet(  # noqa: PLR0913  what is said on a foot
    document: pikepdf.Pdf,
    titles: Sequence[str | None],
    style: ImprintStyle,
    client: str | None = None,
    trainer: str | None = None,
    *,
    set_lines: SetLines | None = None,
) -> None:
    """Lay a foot over each page: its own title, the client and trainer, page n of N of the whole.

    A page whose title is None is counted and has no foot. The marks are artifacts (ISO 14289-1,
    7.8): a screen reader passes over them. What does not fit is set smaller, down to 12 pt, and
    then shortened. Characters that never print are left out.

    Args:
        document: changed in place.
        titles: one for each page.
        style: the theme's.
        client: whose copy it is.
        trainer: who gives it.
        set_lines: sets the texts that the theme's font alone cannot: the press's own.

    Raises:
        HandoutError: ``missing-glyph`` for a character that no font has, or the theme's font if
            the press is not there to set it.
    """
    sizes = [page_size(page) for page in document.pages]
    said = [clean_line(title) for title in titles]
    compositor = Compositor(style, clean_line(client), clean_line(trainer), set_lines)
    counts = [
        style.of_pages % {"number": number, "total": len(sizes)} if title else ""
        for number, title in enumerate(said, 1)
    ]
    compositor.prepare(said, counts)
    feet = [
        compositor.compose(title, count, width) if title else []
        for title, count, (width, _) in zip(said, counts, sizes, strict=True)
    ]
    if any(feet):
        lay_marks(document, sizes, feet, compositor)


def lay_marks(
    document: pikepdf.Pdf,
    sizes: Sequence[tuple[float, float]],
    feet: Sequence[Sequence[Mark]],
    compositor: Compositor,
) -> None:
    """Lay marks over the pages as artifacts, each page's own; a page may have none."""
    import pikepdf

    lines = _copy_lines(document, feet, compositor)
    with pikepdf.open(io.BytesIO(_draw_feet(sizes, feet, compositor))) as overlays:
        name_missing_glyphs(overlays)
        # One dictionary of ReportLab's serves all its pages: copied once, not with each.
        fonts = overlays.pages[0].Resources.get("/Font", pikepdf.Dictionary())
        fonts = document.copy_foreign(overlays.make_indirect(fonts))
        feet_by_page = zip(document.pages, overlays.pages, feet, strict=True)
        for number, (page, overlay, foot) in enumerate(feet_by_page):
            if foot:
                shown = {mark.text: lines[mark.text] for mark in foot if mark.text in lines}
                content = [overlay.Contents.read_bytes(), *_show_lines(foot, shown, compositor)]
                resources = pikepdf.Dictionary(Font=fonts)
                if shown:
                    names = {_LINE.format(at): line for at, line in enumerate(shown.values())}
                    resources.XObject = pikepdf.Dictionary(names)
                form = _make_form(document, b"\n".join(content), sizes[number], resources)
                lay_over(document, [page], form, _OVERLAY.format(number))


def _copy_lines(
    document: pikepdf.Pdf, feet: Sequence[Sequence[Mark]], compositor: Compositor
) -> dict[str, Any]:
    """Return each line that stands on a page as a form of the document."""
    import pikepdf

    shown = {mark.text for foot in feet for mark in foot}
    copied: dict[str, Any] = {}
    with ExitStack() as opened:
        sources: dict[bytes, pikepdf.Pdf] = {}
        for text, line in compositor.lines.items():
            if text in shown:
                if line.pdf not in sources:
                    sources[line.pdf] = opened.enter_context(pikepdf.open(io.BytesIO(line.pdf)))
                source = sources[line.pdf]
                form = source.make_indirect(source.pages[line.page].as_form_xobject())
                copied[text] = document.copy_foreign(form)
    return copied


def _show_lines(foot: Sequence[Mark], shown: dict[str, Any], compositor: Compositor) -> list[bytes]:
    style, names = compositor.style, {text: _LINE.format(at) for at, text in enumerate(shown)}
    marks = []
    for mark in foot:
        if mark.text in names:
            line, scale = compositor.lines[mark.text], mark.size / style.size
            left, low = mark.left - scale * line.left, style.baseline - scale * line.baseline
            place = f"{scale:.6f} 0 0 {scale:.6f} {left:.4f} {low:.4f} cm"
            marks.append(f"q {place} {names[mark.text]} Do Q".encode("ascii"))
    return marks


def _make_form(
    document: pikepdf.Pdf,
    content: bytes,
    size: tuple[float, float],
    resources: pikepdf.Dictionary,
) -> Any:  # noqa: ANN401
    from pikepdf import Array, Name

    return document.make_stream(
        compress(content),
        Type=Name.XObject,
        Subtype=Name.Form,
        Filter=Name.FlateDecode,
        BBox=Array([0, 0, *size]),
        Resources=resources,
    )


def lay_over(
    document: pikepdf.Pdf,
    pages: Iterable[pikepdf.Page],
    form: Any,  # noqa: ANN401
    resource: str,
) -> None:
    """Show a form over pages as an artifact of pagination.

    The pages' own marks end with the state that they began with: so the press writes them.
    """
    import pikepdf

    mark = f"/Artifact <</Type /Pagination /Subtype /Footer>> BDC q {resource} Do Q EMC"
    content = document.make_stream(mark.encode("ascii"))
    for page in pages:
        # Pages may share one dictionary of resources: what one shows has a name of its own.
        page.add_resource(form, pikepdf.Name.XObject, pikepdf.Name(resource))
        page.contents_add(content)


def name_missing_glyphs(overlays: pikepdf.Pdf) -> None:
    """Mend ReportLab's maps to Unicode: code 0 stands for "no glyph" and may not be U+0000.

    ISO 14289-1, 7.21.7; U+FFFD is Unicode's own mark for it.
    """
    import pikepdf

    for value in overlays.objects:
        if isinstance(value, pikepdf.Dictionary) and pikepdf.Name.ToUnicode in value:
            stream = value.ToUnicode
            stream.write(stream.read_bytes().replace(b"<00> <0000>", b"<00> <FFFD>"))


def page_size(page: pikepdf.Page) -> tuple[float, float]:
    """Return a page's width and height in points."""
    left, bottom, right, top = (float(edge) for edge in page.mediabox.as_list())
    return right - left, top - bottom


def clean_line(text: str | None) -> str:
    """Return a text as it stands on one line: composed, without what never prints."""
    # A keyboard may send é as two characters; fonts place them well as one.
    text = normalize("NFC", text or "")
    bad = {at for at, _ in find_bad_characters(text)}
    return " ".join("".join(letter for at, letter in enumerate(text) if at not in bad).split())


def _draw_feet(
    sizes: Sequence[tuple[float, float]],
    feet: Sequence[Sequence[Mark]],
    compositor: Compositor,
) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    style = compositor.style
    font = register_font(style.font)
    target = io.BytesIO()
    # Without a name of ours the canvas names Helvetica, which no page uses and none embeds.
    canvas = Canvas(target, invariant=1, pageCompression=0, initialFontName=font)
    for size, foot in zip(sizes, feet, strict=True):
        canvas.setPageSize(size)
        canvas.setFillColor(style.colour)
        for mark in foot:
            if mark.text not in compositor.lines:
                canvas.setFont(font, mark.size)
                canvas.drawString(mark.left, style.baseline, mark.text)
        canvas.showPage()
    canvas.save()
    return target.getvalue()
