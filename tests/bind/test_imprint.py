"""The foot of each page: whose it is and which page, passed over by screen readers."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import page as validator
import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfbase.pdfmetrics import stringWidth

from handouts import assets
from handouts.bind.foot import Compositor, register_font
from handouts.bind.imprint import imprint_foot, lay_feet
from handouts.bind.join import bind_plates
from handouts.bind.part import Part, plan_pages
from handouts.model.markup import ImprintStyle
from handouts.press.line import set_lines
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from handouts.model.markup import SetLine
    from handouts.press.plate import Plate

FOOT = 46  # points above the edge: the page's own text ends above
FONT = assets.FONTS / "atkinson-hyperlegible-next" / "AtkinsonHyperlegibleNext-Regular.ttf"
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


# ── Names in any script ───────────────────────────────────────────────────────────────────────────

NAMES = [
    "سام الأحمد",
    "שרה (2)",
    "王小明",
    "क्षत्रिय",
    "น้ำ",
    "Đặng Thị Bình",
    "Sam 🙂",
    "Sam سام 王🙂",
]


def need_font(text: str) -> None:
    """Skip the test where no installed font has one of these letters."""
    for letter in sorted(set(text)):
        if not has_font(letter):
            pytest.skip(f"no font has {letter} (U+{ord(letter):04X}): run .ci/setup test as root")


@lru_cache(maxsize=256)
def has_font(letter: str) -> bool:
    """Return whether an installed font has a letter."""
    asked = ["fc-list", f":charset={ord(letter):x}", "family"]
    return bool(shutil.which("fc-list") and subprocess.check_output(asked))


def list_letters(pdf: bytes) -> list[tuple[str, float, float, float, float]]:
    """Return each letter of the first page with its left, bottom, right and top."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        reader = document[0].get_textpage()
        said = [reader.get_text_range(at, 1) for at in range(reader.count_chars())]
        return [(letter, *reader.get_charbox(at)) for at, letter in enumerate(said)]
    finally:
        document.close()


@pytest.mark.parametrize("name", NAMES)
def test_names_in_any_script_are_printed(plate: bytes, style: ImprintStyle, name: str) -> None:
    need_font(name)
    make = partial(imprint_foot, title="Squat", style=style, trainer="Alex", set_lines=set_lines)
    pdf = make(plate, client=name)
    report = validator.validate_pdf_bytes(pdf, profile=validator.ValidationProfile.PDF_UA_1)
    assert [str(failure) for failure in report.failures] == []
    assert pdf == make(plate, client=name)
    foot = words_of(feet(pdf)[0])
    assert foot.startswith("Squat · For ")
    assert foot.endswith(" · Alex Page 1 of 2")
    assert feet_ink(pdf) > feet_ink(make(plate, client="S")) + 100


def feet_ink(pdf: bytes) -> int:
    """Return how many dots of the first page's foot are not white."""
    document = pypdfium2.PdfDocument(pdf)
    picture = document[0].render(scale=4).to_pil().convert("L")
    document.close()
    foot = picture.crop((0, picture.height - 4 * FOOT, picture.width, picture.height))
    return sum(foot.histogram()[:200])


def test_a_booklet_with_names_in_all_scripts_is_whole(
    plates: list[Plate], style: ImprintStyle, find_faults: Callable[[bytes], list[str]]
) -> None:
    need_font("".join(NAMES))
    parts = [Part(plate, str(number)) for number, plate in enumerate(plates)]
    finish = partial(
        lay_feet, titles=[*NAMES[:5], None], style=style, client=NAMES[6], trainer=NAMES[7],
        set_lines=set_lines,
    )  # fmt: skip
    pdf = bind_plates(parts, "T", "en", finish=finish)
    assert find_faults(pdf) == []


def test_lines_that_are_set_together_share_their_fonts(
    blank: Callable[..., bytes], style: ImprintStyle
) -> None:
    need_font("صفحة王")
    style = replace(style, of_pages="صفحة %(number)s من %(total)s")
    pdf = imprint_foot(blank(*[A4] * 9), "王", style, "王", set_lines=set_lines)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        names = [
            str(value.FontName).partition("+")[2]
            for value in document.objects
            if isinstance(value, pikepdf.Dictionary) and "/FontName" in value
        ]
    # The theme's own once in what ReportLab draws (here the point between) and once in the lines.
    assert len(names) == len(set(names)) == 4
    assert len(pdf) < 120_000


def test_a_right_to_left_name_stays_in_its_place(
    blank: Callable[..., bytes], style: ImprintStyle
) -> None:
    need_font("سام")
    pdf = imprint_foot(blank(A4), "Squat", style, "سام (2)", "Alex", set_lines=set_lines)
    left = {letter: edge for letter, edge, *_ in list_letters(pdf)}
    # Latin text runs on after it; inside the name, all is from the right.
    assert left["q"] < left["F"] < left["2"] < left["م"] < left["ا"] < left["س"] < left["A"]
    low = {letter: bottom for letter, _, bottom, *_ in list_letters(pdf)}
    assert low["2"] == pytest.approx(low["1"], abs=0.2)  # one set by the press, one not
    assert low["1"] == pytest.approx(style.baseline, abs=0.3)


def test_a_right_to_left_foot_reads_from_the_right(
    blank: Callable[..., bytes], style: ImprintStyle
) -> None:
    need_font("صفحة")
    said, name = "صفحة %(number)s من %(total)s", "إلى %(name)s"
    style = replace(style, right_to_left=True, of_pages=said, for_client=name)
    make = partial(imprint_foot, blank(A4), "تقوية", style, set_lines=set_lines)
    left = {letter: edge for letter, edge, *_ in list_letters(make("Sam", "Zoë"))}
    assert left["1"] < 110  # points from the left edge
    assert left["Z"] < left["o"] < left["S"] < left["m"] < left["ق"] < left["ت"]
    right = max(edge for _, _, _, edge, _ in list_letters(make("سام")))
    assert right == pytest.approx(A4[0] - style.margin, abs=1.5)


@pytest.mark.parametrize(
    "name", ["Sam\u202e", "\u2066Sam\u2069", "S\x00am\x1b", "Sam\n", "Sam\ud800"]
)
def test_what_never_prints_is_left_out(
    blank: Callable[..., bytes], style: ImprintStyle, name: str
) -> None:
    page = blank(A4)
    assert imprint_foot(page, "Squat", style, name) == imprint_foot(page, "Squat", style, "Sam")


# ── What fits ─────────────────────────────────────────────────────────────────────────────────────


def sizes_of(pdf: bytes) -> tuple[float, float]:
    """Return the height of the first letter of the foot and of the P of "Page"."""
    letters = list_letters(pdf)
    page = max(at for at, found in enumerate(letters) if found[0] == "P")
    return letters[0][4] - letters[0][2], letters[page][4] - letters[page][2]


@pytest.mark.parametrize(("name", "trainer"), [("Sam Green", "Alex"), ("王小明", "Alex Green")])
def test_large_print_is_set_smaller_before_it_is_shortened(
    blank: Callable[..., bytes], style: ImprintStyle, name: str, trainer: str
) -> None:
    need_font(name)
    large, page = replace(style, size=18), blank(A4)
    make = partial(imprint_foot, page, set_lines=set_lines)
    small, count = sizes_of(make("Plan", large, name))
    assert small == pytest.approx(count, rel=0.02)
    pdf = make("Plan of strength for the hips", large, name, trainer)
    assert "…" not in feet(pdf)[0]
    fitted, again = sizes_of(pdf)
    assert again == count
    assert 12 / 18 * count < fitted < 0.95 * count
    fitted, again = sizes_of(make("Plan of strength for the hips and all " * 3, large, name))
    assert again == count
    assert fitted == pytest.approx(12 / 18 * count, rel=0.02)
    standard = make("Plan of strength for the hips and all " * 3, style, name)
    assert sizes_of(standard)[0] == pytest.approx(fitted, rel=0.02)


@pytest.mark.parametrize("size", [12, 18])
@pytest.mark.parametrize("name", ["Sam " * 75, "王小明" * 100, "سام " * 75])
@pytest.mark.parametrize("paper", [A4, LETTER])
def test_a_name_of_300_characters_leaves_its_place_to_the_page_number(
    blank: Callable[..., bytes],
    style: ImprintStyle,
    paper: tuple[float, float],
    name: str,
    size: int,
) -> None:
    need_font(name)
    style = replace(style, size=size)
    pdf = imprint_foot(blank(paper), "Squat", style, name, "Alex Green", set_lines=set_lines)
    letters = [found for found in list_letters(pdf) if found[0].strip()]
    begin = max(edge for letter, edge, *_ in letters if letter == "P")
    words = max(found[3] for found in letters if found[1] < begin)
    assert 1.8 * size < begin - words < 4 * size  # a gap, and no room wasted
    assert min(found[1] for found in letters) >= style.margin - 1
    assert max(found[3] for found in letters) <= paper[0] - style.margin + 1
    foot = feet(pdf)[0]
    # PDFium reads a line of mostly Arabic from the right.
    assert {"Squat", "For", "Alex", "Green", "Page", "1"} < {*foot.split()}
    assert sum(foot.count(dots) for dots in ("…", "...")) == 1


def test_the_title_gives_way_first_then_the_trainer_then_the_client(
    blank: Callable[..., bytes], style: ImprintStyle
) -> None:
    def parts(title: int, client: int, trainer: int) -> list[bool]:
        words = ("T" * title, "c" * client, "r" * trainer)
        [foot] = feet(imprint_foot(blank(A4), words[0], style, words[1], words[2]))
        return ["…" in part for part in words_of(foot).partition(" Page ")[0].split(" · ")]

    assert parts(10, 10, 10) == [False, False, False]
    assert parts(50, 10, 10) == [True, False, False]
    assert parts(24, 20, 24) == [True, False, False]
    assert parts(20, 20, 50) == [True, False, True]
    assert parts(8, 20, 60) == [False, False, True]
    assert parts(50, 60, 50) == [True, True, True]
    assert parts(8, 60, 5) == [False, True, False]


@given(
    st.tuples(*[st.text(st.sampled_from("aWg —.Éñ"), max_size=120)] * 3),
    st.sampled_from([12.0, 18.0, 24.0]),
    st.floats(320, 900),
    st.booleans(),
)
@settings(max_examples=60)
def test_whatever_is_said_stays_beside_the_page_number(
    typed: tuple[str, str, str],
    size: float,
    width: float,
    right_to_left: bool,  # noqa: FBT001
) -> None:
    style = ImprintStyle(
        FONT, "#000000", size, 51, 25, "%(number)s/%(total)s", "For %(name)s", right_to_left
    )
    title, client, trainer = (" ".join(name.split()) for name in typed)
    count, *words = Compositor(style, client, trainer, None).compose(title, "9/99", width)
    font = register_font(FONT)
    ends = [mark.left + stringWidth(mark.text, font, mark.size) for mark in words]
    said = "".join(mark.text for mark in (reversed(words) if right_to_left else words))
    assert count.size == size
    assert all(12 <= mark.size <= size for mark in words)
    if words and right_to_left:
        assert (
            min(mark.left for mark in words)
            >= 51 + stringWidth("9/99", font, size) + 2 * size - 0.1
        )
        assert max(ends) == pytest.approx(width - 51, abs=0.1)
    elif words:
        assert max(ends) <= count.left - 2 * size + 0.1
        assert min(mark.left for mark in words) == 51
    if "…" in said:
        assert {mark.size for mark in words} == {12}
    else:
        assert all(name in said for name in (title, client, trainer))


def test_a_page_too_narrow_for_all_says_whose_it_is(
    blank: Callable[..., bytes], style: ImprintStyle
) -> None:
    said = [
        words_of(feet(imprint_foot(blank((width, 200)), "Squat", style, "Zoë", "Alex"))[0])
        for width in (400, 280, 260, 250)
    ]
    ends = " Page 1 of 1"
    assert said[0] == f"Squat · For Zoë · Alex{ends}"
    assert "Alex" not in said[-1]
    assert all("For" in foot and foot.endswith(ends) for foot in said)


def test_a_cut_tears_no_character(blank: Callable[..., bytes], style: ImprintStyle) -> None:
    """A woman of a skin tone with a staff is five codes, a flag two."""
    health, flag = "👩🏽\u200d⚕\ufe0f", "🇩🇪"
    need_font("👩🇩")
    asked: list[str] = []

    def note(texts: Sequence[str], style: ImprintStyle) -> Sequence[SetLine]:
        asked.extend(texts)
        return set_lines(texts, style)

    for name in (f"{health} " * 60, f"m\u0308{flag} " * 60):
        imprint_foot(blank(A4), "Squat", style, name, set_lines=note)
    cut = {text.partition("\u2068")[2].partition("…")[0] for text in asked if "…" in text}
    assert len(cut) > 4
    for text in cut:
        whole = text.replace(health, "").replace(flag, "").replace("m\u0308", "")
        assert set(whole) <= {" "}
