"""The benchmark's judge sees what a peer leaves out; its page keeps what others have written."""

from __future__ import annotations

import io

import pikepdf
import pytest

from tests.bench.original import make_names
from tests.bench.page import put_part
from tests.bench.peer_typst import quote
from tests.bench.verdict import find_lacks

TEXT = "Keep your back flat."


def draw(
    pages: int = 14, name: str = "Ada Abara", *, cover: bool = True, tags: bool = True
) -> bytes:
    """Return a document with a foot on each page, and the sentence on the second."""
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream)
    for number in range(1, pages + 1):
        if number == 1 and cover:
            canvas.drawString(72, 500, name)
        if number == 2:
            canvas.drawString(72, 500, TEXT)
        canvas.drawString(72, 30, f"Four moves · For {name} · Ann Example")
        canvas.showPage()
    canvas.save()
    with pikepdf.open(stream) as document:
        if tags:
            document.Root.StructTreeRoot = pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot)
        made = io.BytesIO()
        document.save(made)
    return made.getvalue()


def test_judge_passes_the_same_booklet() -> None:
    assert find_lacks(draw(), [TEXT], "Ada Abara") == []


@pytest.mark.parametrize(
    ("pdf", "lacks"),
    [
        (draw(pages=13), "13 pages, not 14"),
        (draw(tags=False), "no tags"),
        (draw(cover=False), "the cover lacks Ada Abara"),
        (draw(name="Ben Abara"), "page 14 lacks Ada Abara"),
    ],
)
def test_judge_names_what_is_missing(pdf: bytes, lacks: str) -> None:
    assert lacks in find_lacks(pdf, [TEXT], "Ada Abara")


def test_judge_names_a_lost_sentence() -> None:
    assert find_lacks(draw(), [TEXT, "Breathe out."], "Ada Abara") == ["lost: Breathe out."]


def test_names_differ_however_many() -> None:
    names = make_names(10_000)
    assert len(set(names)) == 10_000


def test_page_keeps_the_other_part() -> None:
    page = put_part(put_part("", "batch", "rates"), "render", "times")
    again = put_part(page, "batch", "new rates")
    assert "times" in again
    assert "new rates" in again
    assert again.index("times") < again.index("new rates")
    assert put_part(again, "batch", "new rates") == again


def test_typst_quotes_nothing_away() -> None:
    assert quote('a "b" \\ c') == '"a \\"b\\" \\\\ c"'
