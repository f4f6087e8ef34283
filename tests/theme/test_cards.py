"""Pocket cards: all that must be read is on its card, and each back lies behind its front."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import page as validator
import pypdfium2
import pytest

from handouts.model.booklet import Booklet, make_booklet
from handouts.model.client import Client
from handouts.model.dose import parse_dose
from handouts.model.picture import Figure
from handouts.model.programme import BodySide
from handouts.model.settings import Ink, Paper, PrintSettings, Settings, Size
from handouts.press.plate import Plate, lay_out
from handouts.problem import Report
from handouts.screening import screen_client
from handouts.source.programme import read_programme
from handouts.source.workspace import Workspace
from handouts.theme.advice import say_advice
from handouts.theme.cards import CardGrid, dress_cards, list_grids
from handouts.theme.chain import make_chain
from handouts.theme.handout import Dresser
from handouts.theme.styles import encode_data_address
from handouts.theme.words import read_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from handouts.model.markup import Markup
    from handouts.source.vocabulary import Vocabulary
    from handouts.theme.advice import Advice

MM = 72 / 25.4
# Each theme, size, ink and paper with each programme or with each other at least once.
# The places of a sheet are those of the smallest cards that hold the text.
LOOKS = [
    ("balance", PrintSettings(), 8),
    ("hip-strength-beginners", PrintSettings(theme="gym", size=Size.LARGE, ink=Ink.MONO), 3),
    ("runners-hips", PrintSettings(size=Size.LARGE, paper=Paper.LETTER), 3),
    ("runners-hips", PrintSettings(theme="gym", ink=Ink.MONO, paper=Paper.LETTER), 6),
    ("hip-strength-beginners", PrintSettings(ink=Ink.MONO), 8),
    ("balance", PrintSettings(theme="gym", size=Size.LARGE, paper=Paper.LETTER), 3),
]
STANDARD = PrintSettings()


@pytest.fixture(scope="session")
def plan(vocabulary: Vocabulary) -> Callable[..., Booklet]:
    """Return a function that reads a shipped programme, with some of its keys changed."""

    def plan(slug: str = "balance", **changed: Any) -> Booklet:  # noqa: ANN401  any key
        report, workspace = Report(), Workspace()
        found = read_programme(workspace.programme_file(slug), slug, workspace, vocabulary, report)
        assert found is not None, report
        return make_booklet(found.programme.model_copy(update=changed), found.exercises)

    return plan


@pytest.fixture(scope="session")
def dresser(vocabulary: Vocabulary) -> Callable[..., Dresser]:
    """Return a function that makes a dresser for a look."""

    def dresser(look: PrintSettings = STANDARD, workspace: Path | None = None) -> Dresser:
        return Dresser(vocabulary, Settings(print=look), make_chain(look.theme, workspace), {})

    return dresser


@pytest.fixture
def custom(write: Callable[[str, str], Path], tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that makes a workspace with style rules of its own."""

    def custom(css: str) -> Path:
        write("styles/custom.css", css)
        return tmp_path

    return custom


def press(
    dresser: Dresser, booklet: Booklet, advice: Mapping[str, Sequence[Advice]] | None = None
) -> tuple[CardGrid, Markup, Plate, Report]:
    """Return what the first grid gives that loses nothing; the last one's report if all do."""
    for grid in list_grids(dresser.settings.print):
        markup = dress_cards(dresser, booklet, advice or {}, grid)
        report = Report([*markup.problems])
        plate = lay_out(markup, None, report)
        if not report.errors:
            break
    return grid, markup, plate, report


def lay_first(dresser: Dresser, booklet: Booklet) -> set[tuple[str, str]]:
    """Return code and first words of all that is wrong in the first grid that shipped styles fit.

    It is the third for these programmes: 95 × 82 mm.
    """
    report = Report()
    lay_out(dress_cards(dresser, booklet, {}, list_grids(STANDARD)[2]), None, report)
    return {(problem.code, problem.message.partition(":")[0]) for problem in report}


def change(booklet: Booklet, **changed: Any) -> Booklet:  # noqa: ANN401  any key
    """Return the booklet with keys of its first exercise changed."""
    first, *others = booklet.exercises
    return replace(booklet, exercises=(first.model_copy(update=changed), *others))


def read_letters(pdf: bytes) -> list[list[tuple[str, tuple[float, float, float, float]]]]:
    """Return for each page its letters with their boxes."""
    document = pypdfium2.PdfDocument(pdf)
    pages = []
    for sheet in document:
        reader = sheet.get_textpage()
        text = reader.get_text_range()
        boxes = [reader.get_charbox(n) for n in range(reader.count_chars())]
        pages.append([pair for pair in zip(text, boxes, strict=True) if not pair[0].isspace()])
    document.close()
    return pages


@pytest.mark.parametrize(("slug", "look", "places"), LOOKS)
def test_cards_of_shipped_programmes_hold_all_their_text(
    plan: Callable[..., Booklet],
    dresser: Callable[..., Dresser],
    slug: str,
    look: PrintSettings,
    places: int,
) -> None:
    """No problem of any kind, PDF/UA-1 whole, and each letter 2 mm or more inside its card."""
    booklet = plan(slug)
    grid, markup, plate, report = press(dresser(look), booklet)
    assert [str(problem) for problem in report] == []
    assert grid.places == places
    profile = validator.ValidationProfile.PDF_UA_1
    checked = validator.validate_pdf_bytes(plate.pdf, profile=profile)
    assert [str(failure) for failure in checked.failures] == []
    pages = read_letters(plate.pdf)
    every = grid.boxes(len(booklet.exercises))
    assert len(pages) == len(every) == plate.pages
    for number, (letters, boxes) in enumerate(zip(pages, every, strict=True)):
        on_cards = ["" for _ in boxes]
        for letter, (left, bottom, right, top) in letters:
            homes = [
                place
                for place, box in enumerate(boxes)
                if left >= box[0] + 2 * MM
                and bottom >= box[1] + 2 * MM
                and right <= box[2] - 2 * MM
                and top <= box[3] - 2 * MM
            ]
            if homes:
                on_cards[homes[0]] += letter
            else:  # the title stands above all cards and crop marks, 2 + 5 mm away
                assert bottom > grid.area[3] + 7 * MM, letter
        begin = number // 2 * grid.places
        shown = booklet.exercises[begin : begin + grid.places]
        for exercise, said in zip(shown, on_cards, strict=True):
            assert said.startswith("".join(exercise.name.split()))
    assert len(markup.phrases) > 25


def test_a_back_lies_behind_its_front_when_the_sheet_is_turned() -> None:
    """Turned over its long edge, left becomes right and nothing moves up or down."""
    for look in (STANDARD, PrintSettings(paper=Paper.LETTER, size=Size.LARGE)):
        width = {Paper.A4: 210 * MM, Paper.LETTER: 8.5 * 72}[look.paper]
        for grid in list_grids(look):
            pages = grid.boxes(grid.places + 1)
            assert [len(boxes) for boxes in pages] == [grid.places, grid.places, 1, 1]
            for front, back in ((pages[0], pages[1]), (pages[2], pages[3])):
                for (left, *_), (_, bottom, right, top) in zip(front, back, strict=True):
                    assert left == pytest.approx(width - right, abs=0.01)
                    assert bottom >= 14 * MM  # the foot's
                    assert top > bottom
                assert [box[1::2] for box in front] == [box[1::2] for box in back]


def test_cards_stand_in_the_middle_and_begin_where_one_reads() -> None:
    grid = list_grids(STANDARD)[0]
    (front, back) = grid.boxes(3)
    assert grid.card == (95, 62)
    assert front[0][0] == pytest.approx(10 * MM)  # (210 - 2 × 95) / 2
    assert front[1][0] == pytest.approx(105 * MM)
    assert front[2][3] == pytest.approx(front[0][1])
    assert back[0] == pytest.approx(front[1])
    mirrored = grid.boxes(3, right_to_left=True)
    assert (mirrored[0], mirrored[1]) == (back, front)


def test_right_to_left_pages_begin_at_the_right(
    plan: Callable[..., Booklet], dresser: Callable[..., Dresser]
) -> None:
    booklet = plan()
    grid = list_grids(STANDARD)[2]
    markup = dress_cards(dresser(), booklet, {}, grid)
    turned = replace(markup, html=markup.html.replace('dir="ltr"', 'dir="rtl"'))
    front, back = read_letters(lay_out(turned, None, Report()).pdf)[:2]
    names = [exercise.name for exercise in booklet.exercises]
    for letters, boxes in zip((front, back), grid.boxes(3, right_to_left=True), strict=True):
        text = "".join(letter for letter, _ in letters)
        for name, box in zip(names, boxes, strict=True):
            left, bottom, _, _ = letters[text.index("".join(name.split()))][1]
            assert box[0] < left < box[2]
            assert box[1] < bottom < box[3]


def test_the_clients_own_advice_comes_first_and_makes_cards_grow(
    plan: Callable[..., Booklet], dresser: Callable[..., Dresser], vocabulary: Vocabulary
) -> None:
    booklet = plan("runners-hips")
    conditions = ("balance-problem", "low-back-pain", "knee-problem")
    client = Client(id="sam", name="Sam", programme="runners-hips", conditions=conditions)
    exercises = {exercise.slug: exercise for exercise in booklet.exercises}
    found = screen_client(booklet.programme, exercises, client, vocabulary.conditions)
    words = read_words(make_chain("clear", None), "en")
    advice = {
        cell.exercise.slug: say_advice(cell.findings, vocabulary.conditions, words)
        for cell in found
    }
    grid, markup, plate, report = press(dresser(), booklet, advice)
    assert not report.errors
    assert grid.card == (95, 124)
    back = "".join(letter for letter, _ in read_letters(plate.pdf)[1])
    assert back.index("Foryou:") < back.index("Avoid:") < back.index("Stopif:")
    assert "Poor balance. Do it in a way that suits you. First try the supported hold" in " ".join(
        phrase.text for phrase in markup.phrases
    )


def test_all_tasks_of_an_exercise_are_on_its_card(
    plan: Callable[..., Booklet], dresser: Callable[..., Dresser]
) -> None:
    """Session, side, dose and rung; a line to write on where there is no dose."""
    booklet = plan()
    [slug, other, *_] = booklet.tasks
    task, blank = booklet.tasks[slug][0], booklet.tasks[other][0]
    dosed = replace(task.begin, dose=parse_dose("3 × 12"))
    left = replace(task, side=BodySide.LEFT, session="Morning", weeks=(dosed,))
    tasks = {**booklet.tasks, slug: (replace(task, session="Night"), left), other: (blank,)}
    grid = list_grids(STANDARD)[3]
    markup = dress_cards(dresser(), replace(booklet, tasks=tasks), {}, grid)
    said = {phrase.where: phrase.text for phrase in markup.phrases}
    way = "Do it like this: Supported hold."
    first = f"Night. Week 1: 5–10 seconds, each leg. {way}"
    assert said[f"{slug}.front.tasks[0]"] == first
    second = f"Morning. How much: 3 sets of 12, left side only. {way}"
    assert said[f"{slug}.front.tasks[1]"] == second
    assert said[f"{other}.front.tasks[0]"] == (
        "How much: Do it like this: Light band and small lift."
    )
    assert markup.html.count('<span class="line">') == 1
    report = Report()
    lay_out(markup, None, report)
    assert [str(problem) for problem in report] == []


def test_a_programmes_own_red_flags_are_on_each_card(
    plan: Callable[..., Booklet], dresser: Callable[..., Dresser]
) -> None:
    booklet = plan(stop_if=("Your chest hurts.",))
    first, second, third = booklet.exercises
    # What both say is said once.
    second = second.model_copy(update={"stop_if": (*booklet.programme.stop_if, second.stop_if[1])})
    markup = dress_cards(dresser(), replace(booklet, exercises=(first, second, third)), {})
    stops = [phrase.text for phrase in markup.phrases if phrase.where.endswith("back.stop_if")]
    assert stops == [
        "Stop if: Your chest hurts. You feel pain, not just tired muscles. Stop at once.",
        "Stop if: Your chest hurts. The band pulls you out of position.",
        "Stop if: Your chest hurts. It hurts, or you feel dizzy or unwell.",
    ]


def test_a_photo_stands_for_the_exercise_with_its_own_words(
    plan: Callable[..., Booklet], vocabulary: Vocabulary
) -> None:
    from PIL import Image

    photo = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(photo, "PNG")
    address = encode_data_address("image/png", photo.getvalue())
    booklet = change(plan(), figure=Figure(file="me.png", alt="I hold on to a wall"))
    chain = make_chain("clear", None)
    dresser = Dresser(vocabulary, Settings(), chain, {"me.png": address})
    _, markup, plate, report = press(dresser, booklet)
    assert [str(problem) for problem in report] == []
    assert 'alt="I hold on to a wall"' in markup.html
    assert plate.pages == 2


def test_a_title_of_several_lines_has_room(
    plan: Callable[..., Booklet], dresser: Callable[..., Dresser]
) -> None:
    look = PrintSettings(paper=Paper.LETTER, size=Size.LARGE)
    *_, report = press(dresser(look), plan(title="Strong and steady hips " * 8))
    assert [str(problem) for problem in report] == []


def test_text_that_no_card_can_hold_is_reported_and_never_cut(
    plan: Callable[..., Booklet], dresser: Callable[..., Dresser]
) -> None:
    booklet = change(
        plan(), stop_if=tuple(f"{n} pains. " + "It hurts somewhere. " * 90 for n in "abc")
    )
    grid, _, plate, report = press(dresser(), booklet)
    slug = booklet.exercises[0].slug
    assert grid == list_grids(STANDARD)[-1]
    assert {problem.code for problem in report} == {"text-lost"}
    assert any(problem.message.startswith(f"{slug}.back.stop_if:") for problem in report)
    assert plate.pages == 6


LAST = "single-leg-deadlift"


@pytest.mark.parametrize(
    ("css", "lost"),
    [
        # On one card only, where another card says the same.
        (".sheet-back .card-row + .card-row .stop { display: none }", f"{LAST}.back"),
        (".back .avoid p { color: white }", f"{LAST}.back.Ask first"),
        (".back .avoid { height: 24mm; min-height: 0; overflow: hidden }", f"{LAST}.back.stop_if"),
        (".front h2 { transform: translateY(300mm) }", f"{LAST}.front"),
        (".cues { font-size: 3pt }", f"{LAST}.front.cues[0]"),
        # A card that grows would leave the place where it is cut.
        (".back .avoid { min-height: 90mm }", f"{LAST}.back.heading"),
    ],
)
def test_a_theme_that_drops_or_clips_a_card_is_found_out(
    plan: Callable[..., Booklet],
    dresser: Callable[..., Dresser],
    custom: Callable[[str], Path],
    css: str,
    lost: str,
) -> None:
    assert ("text-lost", lost) in lay_first(dresser(workspace=custom(css)), plan())


def test_shipped_styles_lose_nothing_in_the_same_grid(
    plan: Callable[..., Booklet], dresser: Callable[..., Dresser]
) -> None:
    assert lay_first(dresser(), plan()) == set()
