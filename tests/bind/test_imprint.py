"""The foot of each page: whose it is and which page, passed over by screen readers."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import page as validator
import pikepdf
import pypdfium2
import pytest

from handouts import assets
from handouts.bind.imprint import imprint_foot, lay_feet
from handouts.bind.join import bind_plates
from handouts.bind.part import Part, plan_pages
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from handouts.model.markup import ImprintStyle
    from handouts.press.plate import Plate

FOOT = 46  # points above the edge: the page's own text ends above
A4, LETTER = (595.28, 841.89), (612.0, 792.0)


def feet(pdf: bytes) -> list[str]:
    """Return the text at the foot of each page."""
    document = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_bounded(top=FOOT).strip() for page in document]
    document.close()
    return texts


def words_of(foot: str) -> str:
    """Return a foot with single spaces."""
    return " ".join(foot.split())


def test_each_page_says_the_title_the_client_and_its_number(
    plate: bytes, style: ImprintStyle
) -> None:
    assert feet(plate) == ["", ""]
    said = [words_of(foot) for foot in feet(imprint_foot(plate, "Hip hinge", style, "Sam Green"))]
    assert said == [f"Hip hinge · For Sam Green Page {number} of 2" for number in (1, 2)]
    said = [words_of(foot) for foot in feet(imprint_foot(plate, "Hip hinge", style))]
    assert said == [f"Hip hinge Page {number} of 2" for number in (1, 2)]


@pytest.mark.parametrize("name", ["Zoë Łukasiewicz", "Håkan Öberg", "O’Neill-Çelik", "Ñandú & <b>"])
def test_names_in_latin_letters_of_any_kind_are_printed(
    plate: bytes, style: ImprintStyle, name: str
) -> None:
    assert f"For {name} Page 1 of 2" in words_of(feet(imprint_foot(plate, "T", style, name))[0])


@pytest.mark.parametrize("name", ["Σωκράτης", "Đặng Thị Bình", "山田", "سام", "Sam 🙂"])
def test_a_letter_that_the_font_lacks_is_named(
    plate: bytes, style: ImprintStyle, name: str
) -> None:
    with pytest.raises(HandoutError, match=r"error\[missing-glyph\]") as caught:
        imprint_foot(plate, "Hip hinge", style, name)
    assert any(letter in str(caught.value) for letter in name)
    assert "AtkinsonHyperlegibleNext-Regular" in str(caught.value)


def test_accents_typed_apart_are_put_together(plate: bytes, style: ImprintStyle) -> None:
    apart = imprint_foot(plate, "Squat", style, "Zoe\u0308")
    assert apart == imprint_foot(plate, "Squat", style, "Zoë")


def test_a_long_name_leaves_the_page_number_its_place(plate: bytes, style: ImprintStyle) -> None:
    name = "Wolfeschlegelsteinhausenbergerdorff " * 4
    pdf = imprint_foot(plate, "Hip hinge", style, name)
    for number, foot in enumerate(feet(pdf), 1):
        assert "…" in foot
        assert foot.endswith(f"Page {number} of 2")
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        reader = page.get_textpage()
        right = [reader.get_charbox(index)[2] for index in range(reader.count_chars())]
        assert max(right) <= A4[0] - style.margin + 1
    document.close()


def test_a_long_title_gives_way_to_the_clients_name(plate: bytes, style: ImprintStyle) -> None:
    """Whose page it is must be read on each."""
    for number, foot in enumerate(feet(imprint_foot(plate, "Hip hinge " * 20, style, "Zoë")), 1):
        assert words_of(foot).startswith("Hip hinge Hip hinge")
        assert words_of(foot).endswith(f"… · For Zoë Page {number} of 2")


def test_a_name_that_just_fits_is_whole(blank: Callable[..., bytes], style: ImprintStyle) -> None:
    [foot] = feet(imprint_foot(blank((300, 200)), "Squat", style))
    assert words_of(foot) == "Squat Page 1 of 1"
    [foot] = feet(imprint_foot(blank((180, 200)), "Squat", style))
    assert "…" in foot
    assert foot.endswith("Page 1 of 1")


def test_the_foot_is_an_artifact_and_no_part_of_the_structure(
    plate: bytes, style: ImprintStyle
) -> None:
    pdf = imprint_foot(plate, "Hip hinge", style, "Sam")
    with pikepdf.open(io.BytesIO(plate)) as before, pikepdf.open(io.BytesIO(pdf)) as after:
        assert count_elements(after) == count_elements(before) > 30
        for page in after.pages:
            *_, begin, _, _, _, end = list(pikepdf.parse_content_stream(page))
            assert [str(operand) for operand in begin.operands[:1]] == ["/Artifact"]
            assert begin.operands[1] == pikepdf.Dictionary(
                Type=pikepdf.Name.Pagination, Subtype=pikepdf.Name.Footer
            )
            assert str(end.operator) == "EMC"


def count_elements(pdf: pikepdf.Pdf) -> int:
    """Return the number of structure elements."""
    waiting: list[Any] = [pdf.Root.StructTreeRoot]
    count = 0
    while waiting:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting.extend(node)
        elif isinstance(node, pikepdf.Dictionary):
            count += "/S" in node
            waiting.extend([node.K] if "/K" in node else [])
    return count


@pytest.mark.parametrize("client", [None, "Zoë Łukasiewicz-Ñandú"])
def test_the_bound_document_is_pdf_ua(
    plate: bytes, style: ImprintStyle, client: str | None
) -> None:
    pdf = imprint_foot(plate, "Hip hinge", style, client)
    profile = validator.ValidationProfile.PDF_UA_1
    assert validator.validate_pdf_bytes(pdf, profile=profile).is_compliant


def test_equal_feet_are_equal_bytes_and_others_are_not(plate: bytes, style: ImprintStyle) -> None:
    one, two = (imprint_foot(plate, "Hip hinge", style, "Sam") for _ in range(2))
    assert one == two
    assert imprint_foot(plate, "Hip hinge", style, "Pam") != one


def test_pages_of_several_sizes_have_their_feet_in_place(
    blank: Callable[..., bytes], style: ImprintStyle
) -> None:
    pdf = imprint_foot(blank(A4, LETTER), "Squat", style)
    assert [words_of(foot)[-11:] for foot in feet(pdf)] == ["Page 1 of 2", "Page 2 of 2"]
    with pikepdf.open(io.BytesIO(pdf)) as read:
        sizes = [[float(edge) for edge in page.mediabox.as_list()[2:]] for page in read.pages]
    assert sizes == [pytest.approx(A4, abs=0.01), pytest.approx(LETTER, abs=0.01)]


def test_right_to_left_puts_the_number_on_the_left(
    blank: Callable[..., bytes], style: ImprintStyle
) -> None:
    [foot] = feet(imprint_foot(blank(A4), "Squat", replace(style, right_to_left=True)))
    assert words_of(foot) == "Page 1 of 1 Squat"
    long = "Squat " * 40
    [foot] = feet(imprint_foot(blank(A4), long, replace(style, right_to_left=True)))
    assert words_of(foot).startswith("Page 1 of 1 Squat")
    assert foot.endswith("…")


def test_a_font_that_cannot_be_used_is_a_problem(
    tmp_path: Path, plate: bytes, style: ImprintStyle
) -> None:
    bad = tmp_path / "bad.ttf"
    bad.write_bytes(b"no font")
    for file in (bad, tmp_path / "gone.ttf"):
        with pytest.raises(HandoutError, match=r"error\[font-failed\]"):
            imprint_foot(plate, "Squat", replace(style, font=file))


def test_two_fonts_of_one_name_are_not_mixed_up(
    tmp_path: Path, blank: Callable[..., bytes], style: ImprintStyle
) -> None:
    """The fonts of two workspaces may share a file name in one process."""
    folder = assets.FONTS / "atkinson-hyperlegible-next"
    made = []
    for weight in ("Regular", "ExtraBold"):
        copy = tmp_path / weight / "Font.ttf"
        copy.parent.mkdir()
        copy.write_bytes((folder / f"AtkinsonHyperlegibleNext-{weight}.ttf").read_bytes())
        made.append(imprint_foot(blank(A4), "Squat", replace(style, font=copy)))
    assert ink_of(made[1]) > 1.2 * ink_of(made[0])


def ink_of(pdf: bytes) -> int:
    """Return how many pixels of the first page are dark."""
    document = pypdfium2.PdfDocument(pdf)
    picture = document[0].render(scale=4).to_pil().convert("L")
    document.close()
    return sum(picture.histogram()[:128])


@pytest.mark.parametrize("colour", ["#ff0000", "#0b4f57"])
def test_the_foot_has_the_themes_colour(
    blank: Callable[..., bytes], style: ImprintStyle, colour: str
) -> None:
    pdf = imprint_foot(blank(A4), "Squat", replace(style, colour=colour))
    document = pypdfium2.PdfDocument(pdf)
    colours = document[0].render(scale=4).to_pil().getcolors(1_000_000)
    document.close()
    assert bytes.fromhex(colour[1:]) in {bytes(rgb) for _, rgb in colours}


def test_each_plate_of_a_document_has_its_own_title(
    plates: list[Plate],
    small: Callable[..., Plate],
    style: ImprintStyle,
    find_faults: Callable[[bytes], list[str]],
) -> None:
    one, two, _ = plates
    parts = [
        Part(small("<h1>Cover</h1>", "Cover"), "cover"),
        *[
            Part(plate, f"{plate.title}-{at}", start_right=True)
            for at, plate in enumerate((one, two, one))
        ],
    ]
    plan = plan_pages(parts)
    titles = [None if number is None else parts[number].plate.title for number in plan]
    finish = partial(lay_feet, titles=titles, style=style, client="Zoë")
    pdf = bind_plates(parts, "Hips", "en", finish=finish)
    said = [words_of(foot) for foot in feet(pdf)]
    wanted = ["Cover", None, *[one.title] * 2, *[two.title] * 2, *[one.title] * 2]
    assert titles == wanted
    assert said[2:] == [
        f"{title} · For Zoë Page {number} of 8" for number, title in enumerate(wanted[2:], 3)
    ]
    assert said[0].endswith("Page 1 of 8")
    assert said[1] == ""
    assert find_faults(pdf) == []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.pages[1].Contents.read_bytes() == b""


def test_feet_in_one_go_say_what_feet_afterwards_say(
    plates: list[Plate], style: ImprintStyle
) -> None:
    parts = [Part(plate, str(number)) for number, plate in enumerate(plates)]
    once = bind_plates(parts, "T", "en", finish=partial(lay_feet, titles=["T"] * 6, style=style))
    assert feet(once) == feet(imprint_foot(bind_plates(parts, "T", "en"), "T", style))


def test_pages_without_a_title_have_no_foot_but_count(
    blank: Callable[..., bytes], style: ImprintStyle
) -> None:
    with pikepdf.open(io.BytesIO(blank(A4, A4, LETTER))) as document:
        lay_feet(document, [None, "Squat", None], style)
        target = io.BytesIO()
        document.save(target)
    assert [words_of(foot) for foot in feet(target.getvalue())] == ["", "Squat Page 2 of 3", ""]


def test_titles_are_as_many_as_pages(blank: Callable[..., bytes], style: ImprintStyle) -> None:
    with (
        pikepdf.open(io.BytesIO(blank(A4, A4))) as document,
        pytest.raises(ValueError, match="argument"),
    ):
        lay_feet(document, ["Squat"], style)
