"""Crop marks: where the cards' edges are, never on a card, passed over by screen readers."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

import pikepdf
import pytest

from handouts.bind.crop import Box, lay_crop_marks
from handouts.bind.imprint import lay_feet
from handouts.bind.join import bind_plates
from handouts.bind.part import Part
from handouts.model.booklet import make_booklet
from handouts.model.settings import Paper, PrintSettings, Settings, Size
from handouts.press.plate import lay_out
from handouts.problem import Report
from handouts.source.programme import read_programme
from handouts.source.vocabulary import read_vocabulary
from handouts.source.workspace import Workspace
from handouts.theme.cards import dress_cards, list_grids
from handouts.theme.chain import make_chain
from handouts.theme.handout import Dresser

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MM = 72 / 25.4
AREA: Box = (50, 60, 250, 160)
CARDS: list[Box] = [(50, 110, 150, 160), (150, 110, 250, 160), (50, 60, 150, 110)]
Line = tuple[float, float, float, float]


def lay(pdf: bytes, boxes: Sequence[Sequence[Box]], first: int = 0) -> bytes:
    """Return the PDF with crop marks."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        lay_crop_marks(document, boxes, AREA, first)
        target = io.BytesIO()
        document.save(target, deterministic_id=True)
    return target.getvalue()


def read_marks(pdf: bytes) -> list[list[Line]]:
    """Return the lines of each page's crop marks, from point to point, left or lower end first."""
    pages = []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for sheet in document.pages:
            shown = [str(said.operands[0]) for said in pikepdf.parse_content_stream(sheet, "Do")]
            lines: list[Line] = []
            for name in shown:
                if not name.startswith("/HandoutCrop"):
                    continue
                form = sheet.obj.Resources.XObject[name]
                begin = (0.0, 0.0)
                for said in pikepdf.parse_content_stream(form):
                    if str(said.operator) in {"m", "l"}:
                        x, y = (float(operand) for operand in said.operands)
                        if str(said.operator) == "l":
                            lines.append((*min(begin, (x, y)), *max(begin, (x, y))))
                        begin = (x, y)
                    if str(said.operator) == "cm":
                        assert [float(n) for n in said.operands] == [1, 0, 0, 1, 0, 0]
                    if str(said.operator) == "w":
                        assert float(said.operands[0]) == 0.25
            pages.append(lines)
    return pages


def test_a_mark_stands_at_both_ends_of_each_edge(blank: Callable[..., bytes]) -> None:
    """2 mm away from the cut and 5 mm long: x = 50, 150, 250; y = 60, 110, 160."""
    [lines] = read_marks(lay(blank((300, 220)), [CARDS]))
    down, up = (60 - 7 * MM, 60 - 2 * MM), (160 + 2 * MM, 160 + 7 * MM)
    west, east = (50 - 7 * MM, 50 - 2 * MM), (250 + 2 * MM, 250 + 7 * MM)
    wanted: list[Line] = [(x, low, x, high) for x in (50, 150, 250) for low, high in (down, up)]
    wanted += [(left, y, right, y) for y in (60, 110, 160) for left, right in (west, east)]
    assert len(lines) == 12
    for found, line in zip(sorted(lines), sorted(wanted), strict=True):
        assert found == pytest.approx(line, abs=0.01)


def test_unused_places_have_no_edges(blank: Callable[..., bytes]) -> None:
    """The marks of one card stand at the sheet's margins all the same: in line, not near it."""
    [lines] = read_marks(lay(blank((300, 220)), [CARDS[:1]]))
    assert {line[0] for line in lines if line[0] == line[2]} == {50, 150}
    assert {line[1] for line in lines if line[1] == line[3]} == {110, 160}
    for line in lines:
        inside = AREA[0] < line[0] < AREA[2] and AREA[1] < line[1] < AREA[3]
        assert not inside


def test_marks_are_artifacts_and_leave_the_page_as_it_was(blank: Callable[..., bytes]) -> None:
    with pikepdf.open(io.BytesIO(lay(blank((300, 220)), [CARDS]))) as document:
        said = list(pikepdf.parse_content_stream(document.pages[0]))
        [form] = document.pages[0].Resources.XObject.values()
        assert len(form.Resources) == 0  # no font that is not embedded
    assert [str(step.operator) for step in said] == ["BDC", "q", "Do", "Q", "EMC"]
    assert [str(said[0].operands[0]), said[0].operands[1]] == [
        "/Artifact",
        pikepdf.Dictionary(Type=pikepdf.Name.Page),
    ]


def test_sheets_to_cut_ask_for_full_size_and_both_sides(blank: Callable[..., bytes]) -> None:
    with pikepdf.open(io.BytesIO(lay(blank((300, 220)), [CARDS]))) as document:
        wishes = document.Root.ViewerPreferences
        assert str(wishes.PrintScaling) == "/None"
        assert str(wishes.Duplex) == "/DuplexFlipLongEdge"


def test_only_the_pages_of_cards_are_marked(blank: Callable[..., bytes]) -> None:
    pdf = blank(*[(300, 220)] * 4)
    marked = read_marks(lay(pdf, [CARDS, CARDS[:1]], first=1))
    assert [len(lines) for lines in marked] == [0, 12, 8, 0]
    assert lay(pdf, [CARDS], 1) == lay(pdf, [CARDS], 1)


def test_pages_that_share_their_resources_keep_their_own_marks(
    blank: Callable[..., bytes],
) -> None:
    with pikepdf.open(io.BytesIO(blank((300, 220), (300, 220)))) as document:
        shared = document.make_indirect(pikepdf.Dictionary())
        for sheet in document.pages:
            sheet.obj.Resources = shared
        lay_crop_marks(document, [CARDS, CARDS[:1]], AREA)
        forms = document.pages[0].obj.Resources.XObject
        assert len(forms) == 2
        for number, sheet in enumerate(document.pages):
            [shown] = pikepdf.parse_content_stream(sheet, "Do")
            assert str(shown.operands[0]) in forms
            assert str(shown.operands[0]) == f"/HandoutCrop{number}"


@pytest.mark.parametrize(
    ("boxes", "first"),
    [([CARDS, CARDS], 0), ([CARDS], 1), ([[(40, 110, 150, 160)]], 0), ([[(50, 60, 150, 170)]], 0)],
)
def test_cards_that_no_page_or_place_is_for_are_refused(
    blank: Callable[..., bytes], boxes: list[list[Box]], first: int
) -> None:
    with pytest.raises(ValueError, match="cards"):
        lay(blank((300, 220)), boxes, first)


@pytest.mark.parametrize("paper", Paper)
def test_real_cards_are_marked_at_their_corners_and_stay_whole(
    find_faults: Callable[[bytes], list[str]], paper: Paper
) -> None:
    """Fronts and backs, with feet: 0 rules of PDF/UA-1 failed; no mark runs into the foot."""
    report, workspace = Report(), Workspace()
    vocabulary = read_vocabulary(workspace, report)
    slug = "balance"
    found = read_programme(workspace.programme_file(slug), slug, workspace, vocabulary, report)
    assert found is not None
    booklet = make_booklet(found.programme, found.exercises, None, date(2026, 11, 23))
    look = PrintSettings(paper=paper, size=Size.LARGE)
    dresser = Dresser(vocabulary, Settings(print=look), make_chain("clear", None), {})
    grid = next(grid for grid in list_grids(look) if grid.rows == 3)
    markup = dress_cards(dresser, booklet, {}, grid)
    plate = lay_out(markup, None, report)
    assert [str(problem) for problem in report] == []
    boxes = grid.boxes(len(booklet.exercises))

    def finish(document: pikepdf.Pdf) -> None:
        lay_crop_marks(document, boxes, grid.area)
        lay_feet(document, [markup.title] * len(document.pages), markup.imprint, "Sam Green")

    def bind() -> bytes:
        parts = [Part(plate, "cards")]
        return bind_plates(parts, markup.title, "en", finish=finish)

    pdf = bind()
    assert pdf == bind()
    assert find_faults(pdf) == []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.Root.ViewerPreferences.DisplayDocTitle
    for lines, places in zip(read_marks(pdf), boxes, strict=True):
        assert len(lines) == 12  # 2 edges from side to side, 4 from top to bottom, both ends
        edges = [{round(box[n], 2) for box in places for n in pair} for pair in ((0, 2), (1, 3))]
        assert {round(line[0], 2) for line in lines if line[0] == line[2]} == edges[0]
        assert {round(line[1], 2) for line in lines if line[1] == line[3]} == edges[1]
        # A capital of the foot's 18 pt is 12.1 pt high.
        assert min(line[1] for line in lines) > markup.imprint.baseline + 12.1
