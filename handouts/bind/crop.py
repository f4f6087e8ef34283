"""Turn sheets of cards into sheets to cut: crop marks laid over the margins as artifacts."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pikepdf

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points from the lower left corner of the paper."""
_MM = 72 / 25.4
_AWAY, _LONG = 2 * _MM, 5 * _MM
"""From the cut edge to the mark, so that a cut that is a little off shows none; and its length."""
_THICK = 0.25
_OF_TEXT = frozenset({"BT", "Tf", "TL", "ET"})
_MARK = "/HandoutCrop{}"


def lay_crop_marks(
    document: pikepdf.Pdf, boxes: Sequence[Sequence[Box]], area: Box, first: int = 0
) -> None:
    """Lay marks around the area of each page of cards, in line with the edges of its cards.

    Each line to cut along has a mark at both of its ends, outside of the area: none is on a card,
    nor where one could be. They are page artifacts, as ISO 32000-1, 14.8.2.2.2 calls cut marks: a
    screen reader passes over them. The print window proposes full size and both sides, flipped on
    the long edge, so that backs lie behind their fronts. Equal input, equal bytes.

    Args:
        document: changed in place.
        boxes: for each page the places of its cards, as they are to be cut.
        area: what all places of a sheet take together, used or not.
        first: the number of the first page of cards, from 0.

    Raises:
        ValueError: more pages of boxes than the document has, or a card beyond the area.
    """
    import pikepdf

    if first + len(boxes) > len(document.pages):
        raise ValueError("there are more pages of cards than pages")
    if "/ViewerPreferences" not in document.Root:
        document.Root.ViewerPreferences = pikepdf.Dictionary()
    document.Root.ViewerPreferences.PrintScaling = pikepdf.Name("/None")
    document.Root.ViewerPreferences.Duplex = pikepdf.Name.DuplexFlipLongEdge
    forms: dict[bytes, pikepdf.Object] = {}
    for number, places in enumerate(boxes, first):
        page = document.pages[number]
        left, bottom, right, top = (float(edge) for edge in page.mediabox.as_list())
        drawn = _draw_marks(right - left, top - bottom, _find_lines(places, area))
        if drawn not in forms:
            forms[drawn] = _copy_marks(drawn, document)
        # Pages may share one dictionary of resources: each has a name of its own.
        own = pikepdf.Name(_MARK.format(number))
        name = page.add_resource(forms[drawn], pikepdf.Name.XObject, own)
        # The page's own marks end with the state that they began with, whatever they did to it.
        page.contents_add(f"/Artifact <</Type /Page>> BDC q {name} Do Q EMC".encode("ascii"))


def _find_lines(places: Sequence[Box], area: Box) -> tuple[Box, ...]:
    """Return the marks of a page as lines from one point to another."""
    left, bottom, right, top = area
    if any(box[n] < area[n] - 1 for box in places for n in (0, 1)) or any(
        box[n] > area[n] + 1 for box in places for n in (2, 3)
    ):
        raise ValueError("a card stands beyond the area of the cards")
    # Neighbours share an edge, but for the last digits of a float.
    across = sorted({round(box[n], 3) for box in places for n in (0, 2)})
    up = sorted({round(box[n], 3) for box in places for n in (1, 3)})
    lines: list[Box] = []
    for x in across:
        lines.append((x, bottom - _AWAY, x, bottom - _AWAY - _LONG))
        lines.append((x, top + _AWAY, x, top + _AWAY + _LONG))
    for y in up:
        lines.append((left - _AWAY, y, left - _AWAY - _LONG, y))
        lines.append((right + _AWAY, y, right + _AWAY + _LONG, y))
    return tuple(lines)


def _copy_marks(drawn: bytes, document: pikepdf.Pdf) -> pikepdf.Object:
    """Return the drawn page as a form of the document, without the font that ReportLab names."""
    import pikepdf

    with pikepdf.open(io.BytesIO(drawn)) as marks:
        page = marks.pages[0]
        lines = [
            said
            for said in pikepdf.parse_content_stream(page)
            if str(said.operator) not in _OF_TEXT
        ]
        return document.make_stream(
            pikepdf.unparse_content_stream(lines),
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Form,
            BBox=pikepdf.Array(page.mediabox.as_list()),
            Resources=pikepdf.Dictionary(),
        )


@lru_cache(maxsize=16)
def _draw_marks(width: float, height: float, lines: tuple[Box, ...]) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(width, height), invariant=1)
    canvas.setLineWidth(_THICK)
    canvas.setStrokeGray(0)
    canvas.lines(lines)
    canvas.showPage()
    canvas.save()
    return target.getvalue()
