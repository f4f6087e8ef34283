"""A theme can restyle a warning, but not drop it, hide it, push it off the page or turn it over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handouts.model.markup import Phrase
from handouts.press.proof import prove_pages
from handouts.problem import Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.press.plate import Plate

    Press = Callable[..., tuple[Plate, Report]]

NEXT_PAGE = '<span style="display: block; break-before: page">'


def codes(report: Report) -> list[str]:
    """Return the code of each problem."""
    return [problem.code for problem in report]


def test_a_sound_handout_has_no_problem(handout: Callable[..., Report]) -> None:
    assert codes(handout()) == []


@pytest.mark.parametrize(
    ("css", "where"),
    [
        (".avoid { display: none }", "avoid[0].condition"),
        (".avoid { visibility: hidden }", "avoid[0].why"),
        (".error:first-child .right { display: none }", "errors[0].correction"),
        (".steps li:last-child p { display: none }", "steps[4].title"),
        (".cue { display: none }", "steps[1].cues[0]"),
        (".badge { display: none }", "avoid[0].level"),
        (".summary { display: none }", "summary"),
        (".avoid { color: white } .avoid * { color: white }", "avoid[0].why"),
        (".avoid { opacity: 0 }", "avoid[0].why"),
        (".avoid li { font-size: 1pt }", "avoid[0].why"),
        (".avoid li { color: transparent }", "avoid[0].why"),
        (".glance.glance { position: relative; top: -14mm }", "summary"),
    ],
)
def test_hidden_text_is_lost_and_named(
    handout: Callable[..., Report], css: str, where: str
) -> None:
    report = handout(css)
    assert set(codes(report)) == {"text-lost"}
    [problem] = [each for each in report if each.message.startswith(f"{where}: ")]
    assert str(problem.place).endswith("exercises/hip-hinge.yaml")
    assert "is not on the printed page" in problem.message


def test_clipped_text_is_lost(handout: Callable[..., Report]) -> None:
    report = handout(".avoid ul { height: 0; overflow: hidden }")
    lost = [problem.message for problem in report if problem.code == "text-lost"]
    assert any(message.startswith("avoid[2].why: ") for message in lost)


@pytest.mark.parametrize(
    ("part", "text", "where"),
    [
        ("avoid", "", "avoid[0].condition"),
        ("errors", "", "errors[0].name"),
        ("progressions", "{{ _('Notes') }}", "progressions[0].how"),
        ("steps", "{% for step in exercise.steps %}{{ step.title }}{% endfor %}", "steps[0].do[0]"),
    ],
)
def test_a_template_that_drops_a_part_fails(
    handout: Callable[..., Report], part: str, text: str, where: str
) -> None:
    report = handout(**{part: text})
    assert "text-lost" in codes(report)
    assert any(problem.message.startswith(f"{where}: ") for problem in report)


@pytest.mark.parametrize("away", ["margin-inline-start: 400mm", "position: relative; top: -80mm"])
def test_text_off_the_page_is_found(handout: Callable[..., Report], away: str) -> None:
    report = handout(f".summary {{ {away}; width: 60mm }}")
    assert "text-off-page" in codes(report)
    assert "page 1: " in str(report.errors)


def test_a_long_word_that_runs_off_is_found(press: Press) -> None:
    word = "Donaudampfschifffahrtsgesellschaftskapitän"
    assert codes(press(f"<h1>{word}</h1>")[1]) == ["text-off-page"]
    assert codes(press(f"<h1>{word}</h1>", "h1 { overflow-wrap: anywhere }")[1]) == []


def test_a_warning_on_the_back_is_found(handout: Callable[..., Report]) -> None:
    report = handout(".avoid { break-before: page }")
    assert codes(report) == ["avoid-not-on-front"]
    assert "not on the front" in report.errors[0].message


def test_a_warning_over_two_pages_is_found(handout: Callable[..., Report]) -> None:
    css = ".avoid, .avoid .row { break-inside: auto } .avoid li:last-child { break-before: page }"
    assert "avoid-split" in codes(handout(css))


def test_a_warning_split_inside_a_sentence_is_found(press: Press) -> None:
    body = f"<h1>Who</h1><p>Back pain. Ask {NEXT_PAGE}your doctor.</span></p>"
    rows = {"avoid[0].condition": "back pain", "avoid[0].why": "Ask your doctor."}
    assert codes(press(body, **rows)[1]) == ["avoid-split"]


def test_a_lost_row_does_not_hide_that_the_others_are_split(press: Press) -> None:
    body = f"<h1>Who</h1><p>Back pain. {NEXT_PAGE}Ask your doctor.</span></p>"
    rows = {f"avoid[{n}].why": text for n, text in enumerate(["Back pain", "Ask your", "Gone"])}
    assert codes(press(body, **rows)[1]) == ["text-lost", "avoid-split"]


@pytest.mark.parametrize(
    ("css", "text"),
    [
        ("p { text-transform: uppercase }", "Stand tall, feet hip-width apart."),
        ("p { text-transform: uppercase }", "Straße, weiß und groß."),
        ("p { text-transform: capitalize; letter-spacing: 3pt }", "Stand tall, feet apart."),
        ("p { font-variant-caps: small-caps }", "Stand tall."),
        ("p { width: 22mm }", "A single-leg deadlift, a hip-width stance, a follow-up."),
        ("p { width: 15mm; hyphens: auto }", "Unquestionably extraordinary circumstances."),
        ("p { width: 15mm; hyphens: manual }", "extra\u00adordinary circum\u00adstances"),
        ("p { width: 15mm; overflow-wrap: anywhere }", "Donaudampfschifffahrt"),
        (
            "p { font-variant-ligatures: common-ligatures }",
            "Find a firm, flat floor; be efficient.",
        ),
        ("p { word-spacing: 2em; text-align: justify }", "Stand tall on a firm and flat floor."),
        ("p { columns: 2 }", "Stand tall, feet apart, and look ahead of you at the far wall."),
    ],
)
def test_what_style_does_to_letters_is_no_loss(press: Press, css: str, text: str) -> None:
    plate, report = press(f"<h1>Title</h1><p>{text}</p>", css, summary=text)
    assert codes(report) == []
    changed = Report()
    prove_pages(plate.pdf, [Phrase("summary", text[:-3] + "zz.")], None, changed)
    assert codes(changed) == ["text-lost"]


def test_a_sentence_that_runs_over_the_page_is_whole(press: Press) -> None:
    body = f"<h1>Title</h1><p>Stand tall and {NEXT_PAGE}look ahead.</span></p>"
    assert codes(press(body, summary="Stand tall and look ahead.")[1]) == []


def test_long_text_is_shortened_in_the_message(press: Press) -> None:
    _, report = press("<h1>Title</h1>", summary="word " * 40)
    assert len(report.errors[0].message) < 130
    assert "…" in report.errors[0].message
