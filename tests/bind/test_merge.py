"""One print file of all clients shows what each one's own booklet shows, and grows by little."""

from __future__ import annotations

import io
import tracemalloc
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pikepdf
import pypdfium2
import pytest
from PIL import ImageChops

from handouts.bind.fill import fill_master
from handouts.bind.graft import Grafter, write_number, write_object
from handouts.bind.impose import impose_folded
from handouts.bind.join import bind_plates
from handouts.bind.master import Foot, Master, Room, make_master, open_places
from handouts.bind.merge import merge_copies
from handouts.bind.part import Part
from handouts.bind.stream import ObjectStream, PageTree, make_stream
from handouts.model.markup import ImprintStyle
from handouts.model.settings import Paper
from handouts.press.line import set_lines
from handouts.problem import Report
from tests.bind.conftest import FONT
from tests.judge import squeeze

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from handouts.press.plate import Plate

    Copies = Iterable[tuple[Master, str, str]]

COVER = """\
<h1>Hips and balance</h1>
<table><tr><th scope="row">For</th><td id="place-client" class="name">M</td></tr></table>"""
PAGE = '<h1 style="color: {}">{}</h1><p>Stand tall. <a href="https://example.org">More</a>.</p>'
FORM = """\
<h1>Log</h1>
<form><p><label>Name <input name="who" type="text"></label></p>
<p><label>Done <input name="done" type="checkbox"></label></p></form>"""
WIDE_NAME = ".name { font-size: 20pt; width: 60mm } th { width: 15mm }"
LONG = "Maximilian Alexander Bartholomew von Hohenstaufen-Lichtenstein"
ARABIC, EMOJI = "محمد عبد الله", "Sam 😀 Green"
NAMES = ("Sam Green", "Zoë Brontë", LONG, ARABIC, EMOJI, "")
SCALE = 2.0
"""Pixels in a point, to compare pages."""


@pytest.fixture(scope="module")
def masters(small: Callable[..., Plate]) -> dict[str, Master]:
    """Return masters as booklets have them: even and odd, folded, and sheets without a cover."""
    style = ImprintStyle(FONT, "#16191c", 12, 20, 12, "%(number)s/%(total)s", "For %(name)s")
    foot = Foot("Hips", "Ann", style)
    cover = small(COVER, "Cover", WIDE_NAME)
    spot = cover.spots["client"]
    colours = ("#a00000", "#00a000", "#0000a0")
    pages = [small(PAGE.format(colour, colour), colour) for colour in colours]
    log = small(FORM, "Log")

    def bind(plates: list[Plate], *, fold: bool = False) -> Master:
        rooms: list[Room] = []
        place = spot if plates[0] is cover else None
        parts = [Part(plate, f"part-{number}") for number, plate in enumerate(plates)]
        pdf = bind_plates(
            parts,
            "Hips and balance",
            "en",
            "Ann",
            finish=lambda document: rooms.append(open_places(document, foot, place, set_lines)),
        )
        pdf = impose_folded(pdf, Paper.A4) if fold else pdf
        return make_master(pdf, "Hips and balance", foot, rooms[0])

    return {
        "odd": bind([cover, *pages[:2]]),
        "even": bind([cover, *pages]),
        "folded": bind([cover, *pages], fold=True),
        "cards": bind(pages[:1]),
        "form": bind([cover, log]),
    }


@dataclass(frozen=True)
class Merged:
    """A print file, and what was wrong with it."""

    pdf: bytes
    booklets: int
    report: Report

    def open(self) -> pikepdf.Pdf:
        """Open it to look into its objects."""
        return pikepdf.open(io.BytesIO(self.pdf))


def merge(copies: Copies) -> Merged:
    """Merge the copies as a command does."""
    target, report = io.BytesIO(), Report()
    booklets = merge_copies(target, copies, "All of us", "en", report, set_lines=set_lines)
    return Merged(target.getvalue(), booklets, report)


def fill(master: Master, name: str) -> bytes:
    """Return the client's own booklet."""
    return b"".join(fill_master(master, name, set_lines))


@pytest.fixture(scope="module")
def copies(masters: dict[str, Master]) -> list[tuple[Master, str, str]]:
    """Return copies of every master for every name, the masters one after another."""
    return [(master, name, "") for name in NAMES for master in masters.values()]


@pytest.fixture(scope="module")
def merged(copies: list[tuple[Master, str, str]]) -> Merged:
    """Return the print file of all these."""
    return merge(copies)


def draw(pdf: bytes) -> list[Any]:
    """Return a picture of each page, with what can be filled in."""
    document = pypdfium2.PdfDocument(pdf)
    if document.get_formtype():
        document.init_forms()
    pages = [document[number] for number in range(len(document))]
    return [page.render(scale=SCALE).to_pil().convert("RGB") for page in pages]


def find_different(ours: list[Any], theirs: list[Any], shade: int = 0) -> list[int]:
    """Return the numbers of the pages that differ in a single pixel, by more than a shade."""
    assert len(ours) == len(theirs)
    return [
        number
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True))
        if one.size != other.size or find_contrast(one, other) > shade
    ]


def find_contrast(one: Any, other: Any) -> int:  # noqa: ANN401
    """Return by how much two pictures differ where they differ most, of 255."""
    bands: Any = ImageChops.difference(one, other).getextrema()
    return int(max(most for _, most in bands))


def list_bookmarks(pdf: bytes) -> list[tuple[str, int]]:
    """Return the words and the page of each bookmark, as PDFium finds them."""
    found = pypdfium2.PdfDocument(pdf).get_toc()
    return [(item.get_title(), item.get_dest().get_index() + 1) for item in found]


# ── What is on the pages ──────────────────────────────────────────────────────────────────────────


def test_each_page_is_that_of_the_clients_own_booklet_to_the_pixel(
    copies: list[tuple[Master, str, str]], merged: Merged
) -> None:
    drawn, folded = draw(merged.pdf), copies[2][0]
    at = 0
    for number, (master, name, _) in enumerate(copies):
        if at % 2:
            assert drawn[at].getextrema() == ((255, 255),) * 3, number
            at += 1
        own = draw(fill(master, name))
        # PDFium multiplies from the inside for a form in a form: the last bit may be another.
        shade = 1 if master is folded else 0
        assert find_different(drawn[at : at + len(own)], own, shade) == [], (number, name)
        at += len(own)
    assert at == len(drawn)


def test_another_name_is_another_picture(masters: dict[str, Master]) -> None:
    for name, master in masters.items():
        ours, theirs = draw(merge([(master, "Sam", "")]).pdf), draw(fill(master, "Tam"))
        # Every page has the name at its foot.
        assert find_different(ours, theirs, shade=1) == [*range(len(ours))], name


def test_what_can_be_filled_in_is_printed(masters: dict[str, Master]) -> None:
    merged = merge([(masters["form"], "Sam", "")])
    with merged.open() as document:
        assert "/AcroForm" not in document.Root
    boxes = draw(merged.pdf)[1].convert("L").histogram()[:128]
    with pikepdf.open(io.BytesIO(masters["form"].pdf)) as document:
        for page in document.pages:
            if "/Annots" in page.obj:
                del page.obj["/Annots"]
        target = io.BytesIO()
        document.save(target)
    assert sum(boxes) > sum(draw(target.getvalue())[1].convert("L").histogram()[:128]) + 300


def test_each_booklet_begins_on_a_right_hand_page(
    copies: list[tuple[Master, str, str]], merged: Merged
) -> None:
    begins = [page for _, page in list_bookmarks(merged.pdf)]
    assert len(begins) == len(copies)
    assert begins[:5] == [1, 5, 9, 11, 13]  # 3 + 1 blank, 4, 2 sides, 1 + 1 blank
    assert all(page % 2 for page in begins)


def test_an_empty_page_has_the_size_of_the_paper_that_it_is_the_back_of(
    masters: dict[str, Master],
) -> None:
    with merge([(masters["odd"], "A", ""), (masters["folded"], "B", "")]).open() as document:
        sizes = [[round(edge) for edge in page.mediabox.as_list()[2:]] for page in document.pages]
    assert sizes == [[283, 397]] * 4 + [[842, 595]] * 2
    with merge([(masters["odd"], "A", "")]).open() as document:
        assert len(document.pages) == 3  # none behind the last


# ── What it says of itself ────────────────────────────────────────────────────────────────────────


def test_bookmarks_name_the_clients_in_order(masters: dict[str, Master]) -> None:
    odd = masters["odd"]
    said = [(odd, "Sam", "Sam (sam-1)"), (odd, "Sam", ""), (odd, EMOJI, ""), (odd, "", "")]
    bookmarks = list_bookmarks(merge(said).pdf)
    assert bookmarks == [("Sam (sam-1)", 1), ("Sam", 5), (EMOJI, 9), ("Hips and balance", 13)]
    # Read from the last as well: what each says of the one before it is right too.
    with merge(said).open() as document:
        item: Any = document.Root.Outlines.Last
        back = []
        while item is not None:
            back.append(str(item.Title))
            item = item.get("/Prev")
        assert [*reversed(back)] == [title for title, _ in bookmarks]
        assert document.Root.Outlines.Count == 4


def test_it_is_no_document_to_read(merged: Merged) -> None:
    with merged.open() as document:
        assert not {"/StructTreeRoot", "/MarkInfo", "/AcroForm", "/Names"} & document.Root.keys()
        for value in document.objects:
            if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
                assert not {"/StructParents", "/StructParent", "/HandoutPlace"} & value.keys()
        assert not any("/Annots" in page.obj for page in document.pages)


@pytest.mark.parametrize(
    ("first", "edge"), [("even", "Long"), ("cards", "Long"), ("folded", "Short")]
)
def test_the_printer_is_told_how_to_turn_the_paper(
    masters: dict[str, Master], first: str, edge: str
) -> None:
    with merge([(masters[first], "Sam", "")]).open() as document:
        assert document.Root.ViewerPreferences.Duplex == f"/DuplexFlip{edge}Edge"
        scaling = document.Root.ViewerPreferences.get("/PrintScaling")
        assert scaling == ("/None" if first == "folded" else None)


def test_its_labels_say_whose_it_is_and_the_language(merged: Merged) -> None:
    with merged.open() as document:
        assert str(document.docinfo.Title) == "All of us"
        assert str(document.docinfo.Author) == "Ann"
        assert str(document.Root.Lang) == "en"
        assert b"All of us" in document.Root.Metadata.read_bytes()


# ── Soundness ─────────────────────────────────────────────────────────────────────────────────────


def test_readers_find_nothing_wrong_with_it(merged: Merged) -> None:
    with merged.open() as document:
        assert document.check_pdf_syntax() == []
        assert document.get_warnings() == []
        assert all(page.obj.Parent.Kids for page in document.pages)


def test_equal_copies_give_equal_bytes(masters: dict[str, Master]) -> None:
    copies = [(master, EMOJI, "") for master in (masters["odd"], masters["folded"])]
    first, again, other = (merge(each).pdf for each in (copies, copies, copies[::-1]))
    assert first == again != other


def test_one_name_that_cannot_be_set_leaves_the_others_as_they_are(
    masters: dict[str, Master],
) -> None:
    odd = masters["odd"]
    result = merge([(odd, "Sam", ""), (odd, "Sam \U000e0fff\U0010fffd", ""), (odd, "Tam", "")])
    assert [problem.code for problem in result.report] == ["missing-glyph"]
    assert result.booklets == 2
    assert result.pdf == merge([(odd, "Sam", ""), (odd, "Tam", "")]).pdf


def test_without_a_booklet_nothing_is_written() -> None:
    assert merge([]) == Merged(b"", 0, Report())


# ── Size ──────────────────────────────────────────────────────────────────────────────────────────


def many(master: Master, count: int) -> Copies:
    """Yield copies for as many clients."""
    return ((master, f"Client {number} Example", "") for number in range(count))


def test_a_client_costs_less_than_a_kilobyte(masters: dict[str, Master]) -> None:
    small, large = (len(merge(many(masters["even"], count)).pdf) for count in (100, 300))
    assert large - small < 200 * 1000


def test_masters_of_equal_bytes_are_written_once(masters: dict[str, Master]) -> None:
    odd = masters["odd"]
    again = replace(odd, pdf=bytes(bytearray(odd.pdf)))
    assert again.pdf is not odd.pdf
    twice, once = merge([(odd, "A", ""), (again, "B", "")]), merge([(odd, "A", ""), (odd, "B", "")])
    assert twice.pdf == once.pdf


def test_masters_share_what_they_have_in_common(masters: dict[str, Master]) -> None:
    odd, even = masters["odd"], masters["even"]
    alone = len(merge([(odd, "A", "")]).pdf)
    both = len(merge([(odd, "A", ""), (even, "B", "")]).pdf)
    assert both < 1.2 * alone
    with merge([(odd, "A", ""), (even, "B", "")]).open() as document:
        fonts = [value for value in document.objects if isinstance(value, pikepdf.Stream)]
        bodies = [value.read_raw_bytes() for value in fonts if "/Length1" in value]
    assert len(bodies) == len(set(bodies)) > 1


def test_memory_stays_bounded_however_many_clients(masters: dict[str, Master]) -> None:
    class Sink(io.RawIOBase):
        def write(self, data: Any) -> int:  # noqa: ANN401
            return len(data)

    def measure(count: int) -> int:
        copies = many(masters["odd"], count)
        tracemalloc.start()
        try:
            merge_copies(Sink(), copies, "All", "en", Report())  # type: ignore[arg-type]
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    measure(1)
    few, more = measure(100), measure(300)
    # 8 bytes for each of 8 objects, and what an array keeps in reserve while it grows.
    assert more - few < 200 * 8 * 8 * 3


def test_pages_stand_in_a_tree_of_few_branches(masters: dict[str, Master]) -> None:
    with merge(many(masters["odd"], 130)).open() as document:
        top = document.Root.Pages
        assert [len(group.Kids) for group in top.Kids] == [64, 64, 2]
        assert len(document.pages) == top.Count == 130 * 4 - 1
        assert sum(group.Count for group in top.Kids) == top.Count
        assert document.check_pdf_syntax() == []


# ── The writer ────────────────────────────────────────────────────────────────────────────────────


def test_objects_are_found_beyond_four_gigabytes(tmp_path: Path) -> None:
    file = tmp_path / "far.pdf"
    far = 5 << 30
    with file.open("wb") as target:
        stream = ObjectStream(target)
        root, info = stream.reserve(2), 2
        near = stream.reserve()
        stream.add(near, make_stream(b"", b"near"))
        # A hole in the file takes no room on the disk.
        target.seek(far)
        stream._end = far  # noqa: SLF001
        tree = PageTree(stream)
        tree.add([b"/MediaBox[0 0 9 9]/Contents %d 0 R" % near], b"<<>>")
        stream.add(root, b"<</Type/Catalog/Pages %d 0 R>>" % tree.finish())
        stream.add(info, b"<</Title(Far)>>")
        stream.finish(root, info)
    with pikepdf.open(file) as document:
        assert document.pages[0].Contents.read_bytes() == b"near"
        assert str(document.docinfo.Title) == "Far"
        assert document.get_warnings() == []


def test_numbers_are_written_without_an_exponent() -> None:
    with pikepdf.new() as document:
        content = document.make_stream(b"0.00000001 -2 3.5 0 0 1 cm")
        parsed: Any = pikepdf.parse_content_stream(content)
        [(operands, _)] = parsed
    assert [write_number(value) for value in operands][:3] == [b"0.00000001", b"-2", b"3.5"]


def test_equal_objects_are_grafted_once_and_a_circle_is_refused() -> None:
    bodies: list[bytes] = []

    def find(body: bytes) -> int:
        bodies.extend([body] if body not in bodies else [])
        return bodies.index(body) + 1

    with pikepdf.new() as document:
        leaves = [document.make_stream(b"leaf") for _ in range(2)]
        top = document.make_indirect(pikepdf.Array(leaves))
        assert Grafter(find).graft(top) == 2
        assert bodies[1] == b"[1 0 R 1 0 R]"
        assert write_object(top, lambda value: int(value.objgen[0])) != bodies[1]
        circle = document.make_indirect(pikepdf.Dictionary())
        circle.Self = circle
        with pytest.raises(ValueError, match="names itself"):
            Grafter(find).graft(circle)


def test_a_page_that_is_turned_stays_turned(masters: dict[str, Master]) -> None:
    odd = masters["odd"]
    with pikepdf.open(io.BytesIO(odd.pdf)) as document:
        for page in document.pages:
            page.obj.Rotate = 90
        target = io.BytesIO()
        document.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    turned = make_master(target.getvalue(), odd.title, odd.foot, odd.room)
    assert find_different(draw(merge([(turned, "Sam", "")]).pdf), draw(fill(turned, "Sam"))) == []


def test_the_text_of_each_page_can_be_searched(masters: dict[str, Master]) -> None:
    document = pypdfium2.PdfDocument(merge([(masters["even"], "Zoë Brontë", "")]).pdf)
    for page in document:
        assert squeeze("For Zoë Brontë") in squeeze(page.get_textpage().get_text_bounded())


def test_a_master_with_another_title_in_its_feet_says_that(masters: dict[str, Master]) -> None:
    odd = masters["odd"]
    other = replace(odd, foot=replace(odd.foot, title="Knees"))
    document = pypdfium2.PdfDocument(merge([(odd, "A", ""), (other, "B", "")]).pdf)
    texts = [document[page].get_textpage().get_text_bounded() for page in (1, 5)]
    assert ["Knees" in text for text in texts] == [False, True]
