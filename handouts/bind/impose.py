"""Turn the pages of a booklet into sheets to print and fold: two pages a side, for one fold."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from handouts.bind.label import label_document
from handouts.model.settings import Paper

if TYPE_CHECKING:
    import pikepdf

_MM = 72 / 25.4
_SHEETS = {Paper.A4: (297 * _MM, 210 * _MM), Paper.LETTER: (11 * 72.0, 8.5 * 72.0)}
"""Width and height of a sheet that lies on its side, in points."""
_MARK_BEGIN, _MARK_END = 4 * _MM, 9 * _MM
"""How far from the edge a fold mark begins and ends: most printers leave 4 mm white."""
_Side = tuple[int | None, int | None]


def plan_sides(pages: int, *, right_to_left: bool = False) -> list[_Side]:
    """Return which page stands left and right on each side of each sheet, None for no page.

    Front and back of the outermost sheet come first. The pages that fill up the last sheet stand
    at the end. Right-to-left booklets have their fold at the right of the cover.
    """
    places = -(-pages // 4) * 4
    numbers = [number if number < pages else None for number in range(places)]
    sides: list[_Side] = []
    for outside in range(places // 2):
        pair = numbers[places - 1 - outside], numbers[outside]
        # On the back of a sheet, the earlier page is on the left.
        turned = bool(outside % 2) != right_to_left
        sides.append((pair[1], pair[0]) if turned else pair)
    return sides


def impose_folded(pdf: bytes, paper: Paper, *, right_to_left: bool = False) -> bytes:
    """Return sheets of the paper to print on both sides (flip on the short edge) and fold once.

    A copy to print, not to read: without tags, links and bookmarks, which say a reading order
    that the sheets do not have. Each page is scaled to fit half a sheet. Equal input, equal bytes.
    """
    import pikepdf

    width, height = _SHEETS[paper]
    with pikepdf.open(io.BytesIO(pdf)) as booklet, pikepdf.new() as sheets:
        forms = _copy_pages(booklet, sheets)
        marks = _copy_marks(sheets, width, height)
        for side in plan_sides(len(forms), right_to_left=right_to_left):
            sheet = sheets.add_blank_page(page_size=(width, height))
            sheet.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Marks=marks))
            content = ["/Marks Do"]
            for half, number in enumerate(side):
                if number is not None:
                    name = f"/Page{number + 1}"
                    sheet.obj.Resources.XObject[name] = forms[number]
                    content.append(_place(forms[number], name, half * width / 2, width / 2, height))
            sheet.obj.Contents = sheets.make_stream("\n".join(content).encode("ascii"))
        _label(booklet, sheets)
        target = io.BytesIO()
        sheets.save(
            target,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return target.getvalue()


def _copy_pages(booklet: pikepdf.Pdf, sheets: pikepdf.Pdf) -> list[Any]:
    """Return each page as a form that a sheet can show."""
    from pikepdf import Array

    forms = Array([page.as_form_xobject() for page in booklet.pages])
    return list(sheets.copy_foreign(booklet.make_indirect(forms)))


def _place(form: Any, name: str, left: float, width: float, height: float) -> str:  # noqa: ANN401
    """Return the marks that show a form as large as its place allows, in the middle of it."""
    x, y, right, top = (float(edge) for edge in form.BBox)
    scale = min(width / (right - x), height / (top - y))
    shift_x = left + (width - scale * (right - x)) / 2 - scale * x
    shift_y = (height - scale * (top - y)) / 2 - scale * y
    return f"q {scale:.6f} 0 0 {scale:.6f} {shift_x:.4f} {shift_y:.4f} cm {name} Do Q"


def _copy_marks(sheets: pikepdf.Pdf, width: float, height: float) -> Any:  # noqa: ANN401
    import pikepdf

    with pikepdf.open(io.BytesIO(_draw_marks(width, height))) as drawn:
        return sheets.copy_foreign(drawn.pages[0].as_form_xobject())


@lru_cache(maxsize=2)
def _draw_marks(width: float, height: float) -> bytes:
    """Return a page with a short line at the top and the bottom, where the paper is folded."""
    from reportlab.pdfgen.canvas import Canvas

    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(width, height), invariant=1)
    canvas.setLineWidth(0.5)
    canvas.setStrokeGray(0.4)
    canvas.setDash(2, 2)
    for begin, end in ((_MARK_BEGIN, _MARK_END), (height - _MARK_END, height - _MARK_BEGIN)):
        canvas.line(width / 2, begin, width / 2, end)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def _label(booklet: pikepdf.Pdf, sheets: pikepdf.Pdf) -> None:
    from pikepdf import Name

    said = {
        key: str(booklet.docinfo.get(f"/{key.capitalize()}", ""))
        for key in ("title", "author", "producer")
    }
    label_document(sheets, language=str(booklet.Root.get("/Lang", "")), tagged=False, **said)
    # What the print window proposes: both sides, turned over like a calendar, at full size.
    sheets.Root.ViewerPreferences.Duplex = Name.DuplexFlipShortEdge
    sheets.Root.ViewerPreferences.PrintScaling = Name("/None")
