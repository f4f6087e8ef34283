"""Plates become one document in which nothing of any of them is lost, mixed up or said twice."""

from __future__ import annotations

import base64
import io
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image

from handouts import assets
from handouts.bind import join
from handouts.bind.join import bind_plates
from handouts.bind.part import Part, plan_pages
from handouts.press.plate import Plate
from handouts.problem import HandoutError
from handouts.theme.styles import as_data_address

if TYPE_CHECKING:
    from collections.abc import Callable

    Small = Callable[..., Plate]
    Faults = Callable[[bytes], list[str]]
    Order = Callable[[bytes], list[tuple[int, int]]]

TABLE = (
    '<h1>T</h1><table><tr><th scope="col">Day</th><th scope="col">Sets</th></tr>'
    '<tr><th scope="row">1</th><td>3</td></tr></table>'
)
LINKED = '<h1 id="top">{}</h1><p><a href="#end">to the end</a></p><p id="end">{} ends</p>'
FORM = (
    '<h1>Log</h1><form><p><label>Name <input name="who.1" type="text"></label></p>'
    '<p><label>Done <input name="done" type="checkbox"></label></p>'
    '<p><label>A <input name="r" type="radio" value="a"></label></p>'
    '<p><label>B <input name="r" type="radio" value="b"></label></p></form>'
)


def parts_of(*plates: Plate, right: bool = False) -> list[Part]:
    """Return the plates as parts called a, b, c."""
    return [Part(plate, chr(97 + at), start_right=right) for at, plate in enumerate(plates)]


def texts_of(pdf: bytes) -> list[str]:
    """Return each page's text with single spaces."""
    document = pypdfium2.PdfDocument(pdf)
    texts = [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    document.close()
    return texts


def outline_of(document: pikepdf.Pdf) -> list[Any]:
    """Return the bookmarks as nested lists: [title, page, inner ones]."""
    pages = {page.obj.objgen: number for number, page in enumerate(document.pages)}

    def read(parent: Any) -> list[Any]:  # noqa: ANN401
        found, item, before = [], parent.get("/First"), None
        while item is not None:
            assert item.Parent.objgen == parent.objgen
            assert before is None or item.Prev.objgen == before.objgen
            found.append([str(item.Title), pages[item.Dest[0].objgen], read(item)])
            before, item = item, item.get("/Next")
        assert before is None or parent.Last.objgen == before.objgen
        return found

    return read(document.Root.Outlines)


def test_real_plates_become_one_whole_document(
    plates: list[Plate], find_faults: Faults, read_order: Order
) -> None:
    pdf = bind_plates(parts_of(*plates), "Hip strength", "en")
    assert find_faults(pdf) == []
    assert texts_of(pdf) == [text for plate in plates for text in texts_of(plate.pdf)]
    expected = [
        (2 * number + page, mcid)
        for number, plate in enumerate(plates)
        for page, mcid in read_order(plate.pdf)
    ]
    assert read_order(pdf) == expected
    assert len(expected) > 300


def test_what_a_validator_passes_is_found(
    plates: list[Plate], small: Small, find_faults: Faults
) -> None:
    """The checks of these tests fail where they should."""
    whole = bind_plates(
        parts_of(plates[0], small(TABLE), small(LINKED.format("L", "L"))), "T", "en"
    )
    assert find_faults(whole) == []

    def harm(what: Callable[[pikepdf.Pdf], None]) -> list[str]:
        with pikepdf.open(io.BytesIO(whole)) as document:
            what(document)
            target = io.BytesIO()
            document.save(target)
        return find_faults(target.getvalue())

    def lose_part(document: pikepdf.Pdf) -> None:
        del document.Root.StructTreeRoot.K[0].K[1]

    def swap_numbers(document: pikepdf.Pdf) -> None:
        one, two = document.pages[0].obj, document.pages[1].obj
        one.StructParents, two.StructParents = two.StructParents, one.StructParents

    def rename_header(document: pikepdf.Pdf) -> None:
        document.Root.StructTreeRoot.IDTree.Names[1].ID = pikepdf.String("other")

    def rename_place(document: pikepdf.Pdf) -> None:
        document.Root.Names.Dests.Names[0] = pikepdf.String("0")
        document.pages[-1].Annots[0].Dest = pikepdf.String("gone")

    def lose_page(document: pikepdf.Pdf) -> None:
        del document.pages[2]

    for what in (lose_part, swap_numbers, rename_header, rename_place, lose_page):
        assert harm(what), what.__name__


def test_a_plate_used_twice_appears_twice(
    plates: list[Plate], find_faults: Faults, read_order: Order
) -> None:
    one, two, _ = plates
    pdf = bind_plates(parts_of(one, two, one, one), "T", "en")
    assert find_faults(pdf) == []
    texts = [texts_of(plate.pdf) for plate in (one, two, one, one)]
    assert texts_of(pdf) == [text for pages in texts for text in pages]
    first = read_order(one.pdf)
    assert [spot for spot in read_order(pdf) if spot[0] >= 6] == [(6 + p, m) for p, m in first]
    # Its ink is in the file once: what is added is its tags.
    once = bind_plates(parts_of(one, two), "T", "en")
    assert len(pdf) - len(once) < 0.6 * len(one.pdf)


def test_equal_input_gives_equal_bytes(plates: list[Plate]) -> None:
    made = []
    for _ in range(2):
        join._open_plate.cache_clear()  # noqa: SLF001
        made += [bind_plates(parts_of(*plates, plates[0]), "T", "en", "Sam") for _ in range(2)]
    assert len(set(made)) == 1
    assert bind_plates(parts_of(*plates, plates[0]), "T", "en", "Pam") not in made


def test_threads_do_not_mix_up_what_they_read(plates: list[Plate]) -> None:
    alone = {word: bind_plates(parts_of(*plates), word, "en") for word in "abcdefgh"}
    with ThreadPoolExecutor(8) as pool:
        jobs = {word: pool.submit(bind_plates, parts_of(*plates), word, "en") for word in alone}
    assert {word: job.result() for word, job in jobs.items()} == alone


def test_equal_ids_of_two_plates_are_two_places(small: Small, find_faults: Faults) -> None:
    one, two = (small(LINKED.format(name, name), name) for name in ("One", "Two"))
    pdf = bind_plates(parts_of(one, two, one), "T", "en")
    assert find_faults(pdf) == []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        names = list(document.Root.Names.Dests.Names)
        places = dict(zip(map(str, names[::2]), names[1::2], strict=True))
        assert list(places) == [
            f"{part}{inner}" for part in "abc" for inner in ("", "/end", "/top")
        ]
        for number, page in enumerate(document.pages):
            [link] = page.obj.Annots
            assert places[str(link.Dest)][0].objgen == page.obj.objgen
            assert str(link.Dest) == f"{'abc'[number]}/end"


def test_links_lead_from_one_plate_into_another(small: Small, find_faults: Faults) -> None:
    contents = small(
        '<h1>Contents</h1><p><a href="plate:b">One</a></p><p><a href="plate:c#end">Two</a></p>'
        '<p><a href="https://example.org/">out</a></p>'
    )
    one, two = (small(LINKED.format(name, name), name) for name in ("One", "Two"))
    pdf = bind_plates(parts_of(contents, one, two), "T", "en")
    assert find_faults(pdf) == []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        first, second, out = document.pages[0].obj.Annots
        assert [str(first.Dest), str(second.Dest)] == ["b", "c/end"]
        # A screen reader says where the link leads, not its address.
        assert [str(first.Contents), str(second.Contents)] == ["One", "Two"]
        assert "/A" not in first
        assert str(out.A.URI) == "https://example.org/"


@pytest.mark.parametrize("address", ["plate:nowhere", "plate:b#nowhere", "plate:"])
def test_a_link_to_a_part_that_is_not_there_is_a_problem(small: Small, address: str) -> None:
    contents = small(f'<h1>Contents</h1><p><a href="{address}">x</a></p>')
    with pytest.raises(HandoutError, match=r"error\[dead-link\]") as caught:
        bind_plates(parts_of(contents, small("<h1>One</h1>")), "T", "en")
    assert address in str(caught.value)
    assert "a, b" in str(caught.value)


def test_bookmarks_are_nested_by_plate_and_closed(small: Small, find_faults: Faults) -> None:
    one = small("<h1>One</h1><h2>Steps</h2><h3>Deep</h3><h2>Errors</h2>", "One")
    two = small("<h1>Another heading</h1><h2>Inner</h2>", "Two")
    bare = small("<p>No heading</p>", "Bare", "h1 { bookmark-level: none }")
    pdf = bind_plates([Part(one, "a"), Part(two, "b"), Part(bare, "c", "Third")], "T", "en")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert outline_of(document) == [
            ["One", 0, [["Steps", 0, [["Deep", 0, []]]], ["Errors", 0, []]]],
            ["Two", 1, [["Another heading", 1, [["Inner", 1, []]]]]],
            ["Third", 2, []],
        ]
        root = document.Root.Outlines
        assert int(root.Count) == 3
        assert [int(root.First.Count), int(root.First.Next.Count)] == [-3, -2]
        assert "/Count" not in root.Last
    assert [fault for fault in find_faults(pdf) if "HEAD" not in fault] == []


def test_real_bookmarks_lead_to_their_pages(plates: list[Plate]) -> None:
    pdf = bind_plates(parts_of(*plates), "T", "en")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        outline = outline_of(document)
    assert [(title, page) for title, page, _ in outline] == [
        (plate.title, 2 * number) for number, plate in enumerate(plates)
    ]
    for number, (_, _, inner) in enumerate(outline):
        assert {page for _, page, _ in inner} == {2 * number, 2 * number + 1}


def test_tables_keep_their_headers(small: Small, find_faults: Faults) -> None:
    pdf = bind_plates(parts_of(*[small(TABLE)] * 3), "T", "en")
    assert find_faults(pdf) == []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        keys = list(document.Root.StructTreeRoot.IDTree.Names)[::2]
    assert len(keys) == 9  # 3 tables × 3 headers
    assert {str(key)[:2] for key in keys} == {"a/", "b/", "c/"}


def test_each_plate_has_its_own_fields(small: Small, find_faults: Faults) -> None:
    pdf = bind_plates(parts_of(small(FORM), small("<h1>X</h1>"), small(FORM)), "T", "en")
    assert find_faults(pdf) == []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        form = document.Root.AcroForm
        names = [str(field.T) for field in form.Fields]
        assert {"a/who-1", "a/done", "a/r", "c/who-1", "c/done", "c/r"} == set(names)
        assert "." not in "".join(names)
        [font] = form.DR.Font.keys()
        text = [field for field in form.Fields if str(field.T) == "c/who-1"]
        assert f"{font} " in str(text[0].DA)
        assert str(text[0].TU) == "Name"
        owners = [field.Parent.T for field in form.Fields if "/Parent" in field]
        assert [str(owner) for owner in owners] == ["a/r"] * 2 + ["c/r"] * 2


def test_a_field_keeps_its_own_font(small: Small, find_faults: Faults) -> None:
    """A field's letters are drawn by the viewer, with the font that its plate was laid out in."""
    folder = assets.FONTS / "atkinson-hyperlegible-next"
    bold = as_data_address(folder / "AtkinsonHyperlegibleNext-ExtraBold.ttf")
    face = f"@font-face {{ font-family: Strong; src: url({bold}) }}"
    css = f"{face} html, input {{ font-family: Strong }}"
    pdf = bind_plates(parts_of(small(FORM), small(FORM, css=css)), "T", "en")
    assert find_faults(pdf) == []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        form = document.Root.AcroForm
        fonts = {str(field.T): str(field.DA).split()[-3] for field in form.Fields if "/DA" in field}
        assert fonts["a/who-1"] != fonts["b/who-1"]
        for name in fonts.values():
            assert name in form.DR.Font


def test_a_font_of_the_same_name_is_not_taken_for_another(small: Small) -> None:
    one = small(FORM)
    with pikepdf.open(io.BytesIO(one.pdf)) as document:
        for font in document.Root.AcroForm.DR.Font.values():
            file = font.DescendantFonts[0].FontDescriptor.FontFile2
            file.write(file.read_bytes() + b"\0")
        target = io.BytesIO()
        document.save(target)
    changed = Plate(one.title, target.getvalue(), one.pages)
    pdf = bind_plates(parts_of(one, changed), "T", "en")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        form = document.Root.AcroForm
        names = sorted(form.DR.Font.keys(), key=len)
        assert len(names) == 2
        assert names[1] == f"{names[0]}-2"
        said = [str(field.DA) for field in form.Fields if "/DA" in field]
        assert [f"{names[0]} " in said[0], f"{names[1]} " in said[1]] == [True, True]


def test_each_part_says_its_title_and_its_language(small: Small, find_faults: Faults) -> None:
    german = small("<h1>Kniebeuge</h1>", "Kniebeuge", language="de")
    pdf = bind_plates(parts_of(small("<h1>Squat</h1>", "Squat"), german), "Beides", "en")
    assert find_faults(pdf) == []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert str(document.Root.Lang) == "en"
        [top] = document.Root.StructTreeRoot.K
        assert str(top.S) == "/Document"
        assert [(str(part.S), str(part.T)) for part in top.K] == [
            ("/Part", "Squat"),
            ("/Part", "Kniebeuge"),
        ]
        assert [str(part.get("/Lang", "")) for part in top.K] == ["", "de"]


def test_metadata_says_the_same_twice(small: Small, find_faults: Faults) -> None:
    title = 'Hips & <knees> "strong" ' + "é" * 300
    pdf = bind_plates(parts_of(small("<h1>X</h1>")), title, "en-GB", "Zoë\0 \ud800 & Sons")
    assert find_faults(pdf) == []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert str(document.docinfo.Title) == title
        assert str(document.docinfo.Author) == "Zoë  & Sons"
        assert str(document.docinfo.Producer).startswith("WeasyPrint")
        assert "/CreationDate" not in document.docinfo
        with document.open_metadata() as xmp:
            assert xmp["dc:title"] == title
            assert xmp["dc:creator"] == ["Zoë  & Sons"]
            assert xmp["dc:language"] == {"en-GB"}
            assert xmp["pdf:Producer"] == str(document.docinfo.Producer)
            assert xmp["xmp:CreatorTool"] == str(document.docinfo.Creator)
            assert xmp["pdfuaid:part"] == "1"
        assert bool(document.Root.ViewerPreferences.DisplayDocTitle)


def test_no_author_is_no_empty_author(small: Small) -> None:
    with pikepdf.open(
        io.BytesIO(bind_plates(parts_of(small("<h1>X</h1>")), "T", "en"))
    ) as document:
        assert "/Author" not in document.docinfo
        assert b"dc:creator" not in document.Root.Metadata.read_bytes()


def test_right_hand_starts_get_a_blank_page_that_says_nothing(
    small: Small, find_faults: Faults
) -> None:
    wide = small("<h1>Wide</h1>", css="@page { size: 140mm 100mm }")
    parts = [
        Part(wide, "a", start_right=True),
        Part(small("<h1>B</h1>"), "b", start_right=True),
        Part(small("<h1>C</h1>"), "c"),
        Part(small("<h1>D</h1>"), "d", start_right=True),
    ]
    pdf = bind_plates(parts, "T", "en")
    assert find_faults(pdf) == []
    assert texts_of(pdf) == ["Wide", "", "B", "C", "D"]
    with pikepdf.open(io.BytesIO(pdf)) as document:
        boxes = [[float(edge) for edge in page.mediabox.as_list()] for page in document.pages]
        assert boxes[1] == pytest.approx(boxes[0], abs=0.01)
        assert boxes[2][2] < boxes[1][2]
        assert str(document.Root.ViewerPreferences.Duplex) == "/DuplexFlipLongEdge"


def test_real_exercises_of_one_sheet_waste_no_page(plates: list[Plate]) -> None:
    with pikepdf.open(
        io.BytesIO(bind_plates(parts_of(*plates, right=True), "T", "en"))
    ) as document:
        assert len(document.pages) == 6


def test_a_hundred_plates_of_several_sizes(small: Small, find_faults: Faults) -> None:
    kinds = [
        small("<h1>Small</h1>", css="@page { size: 50mm 70mm }"),
        small(LINKED.format("Linked", "Linked")),
        small(TABLE),
        small('<h1>Long</h1><p style="break-before: page">two</p>'),
        small(FORM),
    ]
    parts = [Part(kinds[number % 5], f"part-{number:03}") for number in range(100)]
    pdf = bind_plates(parts, "T", "en")
    assert len(texts_of(pdf)) == 120  # 80 of one page, 20 of two
    assert find_faults(pdf) == []


@settings(max_examples=25, deadline=None)
@given(some.lists(some.tuples(some.integers(0, 5), some.booleans()), min_size=1, max_size=7))
def test_whatever_is_bound_is_whole_and_in_order(
    small: Small, find_faults: Faults, wanted: list[tuple[int, bool]]
) -> None:
    kinds = [
        small("<h1>Wide</h1>", css="@page { size: 140mm 100mm }"),
        small(LINKED.format("Linked", "Linked")),
        small(TABLE),
        small('<h1>Long</h1><p style="break-before: page">two</p>'),
        small(FORM),
        small("<h1>Kniebeuge</h1><h2>Ablauf</h2>", language="de"),
    ]
    parts = [
        Part(kinds[kind], f"p{number}", start_right=right)
        for number, (kind, right) in enumerate(wanted)
    ]
    pdf = bind_plates(parts, "T", "en")
    assert find_faults(pdf) == []
    read = [text for kind, _ in wanted for text in texts_of(kinds[kind].pdf)]
    assert [text for text in texts_of(pdf) if text] == read
    assert len(texts_of(pdf)) == len(plan_pages(parts))


def test_equal_fonts_and_pictures_are_kept_once(small: Small) -> None:
    target = io.BytesIO()
    Image.effect_noise((120, 120), 80).convert("RGBA").save(target, "PNG")
    address = f"data:image/png;base64,{base64.b64encode(target.getvalue()).decode()}"
    logo = f'<img src="{address}" alt="Logo">'
    one = small(f"<h1>Squat</h1>{logo}<p>quats</p>")
    two = small(f"<h1>Squat</h1><p>quats</p>{logo}<p>quats</p>")
    assert one.pdf != two.pdf
    pdf = bind_plates(parts_of(one, two), "T", "en")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        kinds = [value for value in document.objects if isinstance(value, pikepdf.Stream)]
        pictures = [value for value in kinds if value.get("/Subtype") == "/Image"]
        files = {
            value.FontFile2.objgen
            for value in document.objects
            if isinstance(value, pikepdf.Dictionary) and "/FontFile2" in value
        }
    assert len(pictures) == 2  # the picture and its mask
    assert len(files) == 2  # regular and bold


@pytest.mark.parametrize("names", [[], ["a", "a"]])
def test_parts_need_names_of_their_own(small: Small, names: list[str]) -> None:
    with pytest.raises(ValueError, match="each with a name of its own"):
        bind_plates([Part(small("<h1>X</h1>"), name) for name in names], "T", "en")


def test_a_plate_that_is_not_what_it_says_is_refused(plate: bytes) -> None:
    with pytest.raises(ValueError, match="2 pages, not 1"):
        bind_plates([Part(Plate("X", plate, 1), "a")], "T", "en")


def test_what_finishes_the_document_sees_it_whole(small: Small) -> None:
    seen = []

    def finish(document: pikepdf.Pdf) -> None:
        seen.append((len(document.pages), "/StructTreeRoot" in document.Root))

    bind_plates(parts_of(small("<h1>X</h1>")), "T", "en", finish=finish)
    assert seen == [(1, True)]
