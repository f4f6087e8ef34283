"""Sheets that are printed on both sides and folded once read like the booklet, page by page."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as some

from handouts.bind.impose import impose_folded, plan_sides
from handouts.bind.join import bind_plates
from handouts.bind.part import Part
from handouts.model.settings import Paper

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.press.plate import Plate

    Sides = list[tuple[int | None, int | None]]

SIZES = {Paper.A4: (841.89, 595.28), Paper.LETTER: (792.0, 612.0)}


def fold(sides: Sides) -> list[int | None]:
    """Return the pages as one reads them in a stack of sheets that is folded left behind right.

    Written from the paper, not from the plan: the right half of each front comes first, from the
    outermost sheet inwards, each with the left half of its back behind it; then the way back.
    """
    sheets = list(zip(sides[::2], sides[1::2], strict=True))
    inwards = [page for front, back in sheets for page in (front[1], back[0])]
    outwards = [page for front, back in reversed(sheets) for page in (back[1], front[0])]
    return inwards + outwards


@given(some.integers(0, 400))
def test_every_page_stands_once_and_in_its_place(pages: int) -> None:
    sides = plan_sides(pages)
    read = fold(sides)
    assert len(read) % 4 == 0
    assert 0 <= len(read) - pages < 4
    assert read == [*range(pages), *[None] * (len(read) - pages)]


@given(some.integers(0, 400))
def test_right_to_left_booklets_are_its_mirror(pages: int) -> None:
    mirrored = [(right, left) for left, right in plan_sides(pages, right_to_left=True)]
    assert mirrored == plan_sides(pages)


def test_eight_pages_by_hand() -> None:
    # Numbers count from 0: the cover is the right half of the first front.
    assert plan_sides(8) == [(7, 0), (1, 6), (5, 2), (3, 4)]
    assert plan_sides(5) == [(None, 0), (1, None), (None, 2), (3, 4)]


def test_a_wrong_order_is_found() -> None:
    sides = plan_sides(8)
    sides[1] = sides[1][1], sides[1][0]  # flipped on the long edge
    assert fold(sides) != list(range(8))


@pytest.fixture(scope="module")
def booklet(small: Callable[..., Plate]) -> bytes:
    """Return a booklet of ten numbered pages, one of them of another shape."""
    css = {3: "@page { size: 140mm 100mm }"}
    parts = [
        Part(small(f"<h1>Leaf {number} here</h1>", css=css.get(number, "")), f"p{number}")
        for number in range(10)
    ]
    return bind_plates(parts, "Ten leaves", "en", "Sam")


def read_halves(pdf: bytes) -> list[tuple[str, str]]:
    """Return the text of the left and right half of each side."""
    document = pypdfium2.PdfDocument(pdf)
    halves = []
    for page in document:
        middle, text = page.get_width() / 2, page.get_textpage()
        halves.append(
            (
                text.get_text_bounded(right=middle).strip(),
                text.get_text_bounded(left=middle).strip(),
            )
        )
    document.close()
    return halves


@pytest.mark.parametrize("paper", list(Paper))
def test_the_pages_are_printed_where_the_plan_says(booklet: bytes, paper: Paper) -> None:
    pdf = impose_folded(booklet, paper)
    words = ["" if page is None else f"Leaf {page} here" for page in range(10)]
    assert read_halves(pdf) == [
        tuple("" if page is None else words[page] for page in side) for side in plan_sides(10)
    ]
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            sides = [float(edge) for edge in page.mediabox.as_list()]
            assert sides == pytest.approx([0, 0, *SIZES[paper]], abs=0.01)


def test_pages_of_the_other_paper_are_scaled_to_fit(plates: list[Plate]) -> None:
    """No letter leaves its half, whatever the size of the page that it stands on."""
    whole = bind_plates([Part(plate, plate.title) for plate in plates], "T", "en")
    for paper in Paper:
        document = pypdfium2.PdfDocument(impose_folded(whole, paper))
        sizes = set()
        for page in document:
            text = page.get_textpage()
            middle = page.get_width() / 2
            for index in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(index)
                assert left >= middle or right <= middle
                assert bottom >= 0
                assert top <= page.get_height()
                sizes.add(round(top - bottom, 1))
        document.close()
        assert len(sizes) > 5


@pytest.mark.parametrize("paper", list(Paper))
def test_the_fold_is_marked_at_both_edges_and_nowhere_else(booklet: bytes, paper: Paper) -> None:
    document = pypdfium2.PdfDocument(impose_folded(booklet, paper))
    picture = document[0].render(scale=4).to_pil().convert("L")
    document.close()
    width, height = picture.size
    column = [min(picture.getpixel((width // 2 + x, y)) for x in (-1, 0, 1)) for y in range(height)]
    dark = [y for y, value in enumerate(column) if value < 200]
    mark_end = 9 / 25.4 * 72 * 4  # 9 mm at 4 pixels a point
    assert min(dark) >= 4 / 25.4 * 72 * 4 - 2
    assert {y < mark_end + 2 or y > height - mark_end - 2 for y in dark} == {True}
    assert any(y > height / 2 for y in dark)


def test_the_print_window_is_told_how_to_turn_the_sheets(booklet: bytes) -> None:
    with pikepdf.open(io.BytesIO(impose_folded(booklet, Paper.A4))) as document:
        preferences = document.Root.ViewerPreferences
        assert str(preferences.Duplex) == "/DuplexFlipShortEdge"
        assert str(preferences.PrintScaling) == "/None"
        assert str(document.docinfo.Title) == "Ten leaves"
        assert str(document.docinfo.Author) == "Sam"


def test_the_copy_to_print_does_not_claim_to_be_tagged(booklet: bytes) -> None:
    with pikepdf.open(io.BytesIO(impose_folded(booklet, Paper.A4))) as document:
        assert "/StructTreeRoot" not in document.Root
        assert "/MarkInfo" not in document.Root
        assert b"pdfuaid:part" not in document.Root.Metadata.read_bytes()


def test_equal_input_gives_equal_bytes(booklet: bytes) -> None:
    assert impose_folded(booklet, Paper.A4) == impose_folded(booklet, Paper.A4)
    assert impose_folded(booklet, Paper.A4) != impose_folded(booklet, Paper.LETTER)
