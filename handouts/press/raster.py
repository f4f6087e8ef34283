"""Turn SVG text into pixels: laid out on a page of its own size, and that page drawn."""

from __future__ import annotations

import io
import re

from handouts.press.engine import load_engine
from handouts.press.log import collect_log

_SIZE = re.compile(r'width="([\d.]+)mm" height="([\d.]+)mm"')
_POINTS = 72.0
_MOST_PIXELS = 8_000.0
"""The longest side that is drawn: more than any printer needs of one figure."""


def rasterise(svg: str, dpi: float) -> bytes:
    """Return an SVG text, whose size is in millimetres, as the bytes of a PNG.

    Raises:
        HandoutError: ``engine-missing``.
        ValueError: the text has no size in millimetres.
    """
    import pypdfium2

    size = _SIZE.search(svg)
    if size is None:
        raise ValueError("width and height in mm are missing")
    engine = load_engine()
    wide, high = (float(side) for side in size.groups())
    style = f"@page{{size:{wide}mm {high}mm;margin:0}}body{{margin:0}}svg{{display:block}}"
    page = f"<html><style>{style}</style><body>{svg}"
    with collect_log(None):
        pdf = engine.HTML(string=page).write_pdf()
    scale = min(dpi / _POINTS, _MOST_PIXELS / (max(wide, high) / 25.4 * _POINTS))
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture = document[0].render(scale=scale).to_pil()
    finally:
        document.close()
    target = io.BytesIO()
    picture.save(target, "PNG", dpi=(scale * _POINTS, scale * _POINTS), optimize=True)
    return target.getvalue()
