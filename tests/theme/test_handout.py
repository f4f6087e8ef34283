"""The HTML of every shipped exercise, and the phrases that the page has to say."""

from __future__ import annotations

import itertools
import re
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from handouts import __version__
from handouts.assets import LIBRARY
from handouts.model.exercise import Review
from handouts.model.settings import Trainer
from handouts.problem import HandoutError
from handouts.theme.chain import list_themes

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.model.exercise import Exercise
    from handouts.model.markup import Markup

    Dress = Callable[..., Markup]
    Read = Callable[..., Exercise]
    Write = Callable[[str, str], Path]

GOLDEN = Path(__file__).parent / "golden"
SLUGS = sorted(file.stem for file in (LIBRARY / "exercises").glob("*.yaml"))


def strip_changing(html: str) -> str:
    """Return the HTML without the version, and with a short hash for each picture inside."""
    html = html.replace(f"handouts {__version__}", "handouts VERSION")
    return re.sub(
        r"(data:[a-z+/]+;base64,)([\w+/=]+)",
        lambda found: found[1] + sha256(found[2].encode()).hexdigest()[:8],
        html,
    )


@pytest.mark.parametrize("detail", ["essential", "full"])
@pytest.mark.parametrize("slug", SLUGS)
def test_the_html_is_the_golden_one(
    dress: Dress, golden: Callable[[Path, str], None], slug: str, detail: str
) -> None:
    """If the change is right: ``make golden``, and read the diff."""
    golden(GOLDEN / f"{slug}-{detail}.html", strip_changing(dress(slug, detail=detail).html))


def test_a_changed_line_is_not_the_golden_one(
    dress: Dress, golden: Callable[[Path, str], None], request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--golden-refresh"):
        pytest.skip("golden files are being written")
    html = strip_changing(dress("hip-hinge").html)
    with pytest.raises(AssertionError, match=r"(?s)make golden.*-.*Bow.*\+.*Curtsy"):
        golden(GOLDEN / "hip-hinge-essential.html", html.replace("Bow.", "Curtsy."))


def test_no_golden_file_is_left_behind() -> None:
    wanted = {f"{slug}-{detail}.html" for slug in SLUGS for detail in ("essential", "full")}
    assert {file.name for file in GOLDEN.iterdir()} == wanted


@pytest.mark.parametrize("theme", [theme.name for theme in list_themes(None)])
def test_the_html_says_in_classes_how_it_is_printed(dress: Dress, theme: str) -> None:
    html = dress(paper="letter", size="large", ink="mono", detail="full", theme=theme).html
    assert f'class="paper-letter size-large ink-mono detail-full theme-{theme} drawn"' in html


def test_headings_do_not_skip_a_level(dress: Dress) -> None:
    for slug in SLUGS:
        levels = [int(level) for level in re.findall(r"<h(\d)", dress(slug, detail="full").html)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_vital_text_is_a_phrase_and_its_place_is_named(dress: Dress, read: Read) -> None:
    exercise = read("single-leg-deadlift")
    phrases = {phrase.where: phrase.text for phrase in dress("single-leg-deadlift").phrases}
    for number, step in enumerate(exercise.steps):
        assert phrases[f"steps[{number}].title"] == step.title
        for line, text in enumerate(step.do):
            assert phrases[f"steps[{number}].do[{line}]"] == text
        for line, text in enumerate(step.cues):
            assert phrases[f"steps[{number}].cues[{line}]"] == text
    for number, error in enumerate(exercise.errors):
        assert phrases[f"errors[{number}].looks_like"] == error.looks_like
        assert phrases[f"errors[{number}].correction"] == error.correction
    for number, rung in enumerate(exercise.progressions):
        assert phrases[f"progressions[{number}].how"] == rung.how
    assert phrases["progressions[1].dose"] == "8–10 times, each leg"
    for number, row in enumerate(exercise.avoid):
        assert phrases[f"avoid[{number}].why"] == row.why
    assert phrases["avoid[0].condition"] == "back problem"
    assert phrases["avoid[0].level"] == "Ask first"
    assert phrases["dose"] == "each leg"  # what all doses share is said once
    assert phrases["dose.general"] == "8–10 times, 1–2 times a week"


def test_the_full_page_has_more_to_say(dress: Dress) -> None:
    brief = set(dress("single-leg-deadlift").phrases)
    full = set(dress("single-leg-deadlift", detail="full").phrases)
    assert brief < full
    rooms = {re.split(r"[.\[]", phrase.where)[0] for phrase in full - brief}
    assert {"questions", "benefits", "muscles", "suits", "routine", "tips", "about"} <= rooms


def test_a_prescribed_dose_stands_in_place_of_the_others(dress: Dress) -> None:
    markup = dress("single-leg-deadlift", dose="2 × 5")
    said = {phrase.where: phrase.text for phrase in markup.phrases}
    assert said["tasks[0].week-1.dose"] == "2 sets of 5"
    assert not [where for where in said if where.startswith("dose")]
    assert '<p class="label">Your dose</p>' in markup.html
    assert "2 sets of 5" in markup.html
    assert "1–2</span> times a week" not in markup.html


def test_without_a_dose_there_are_lines_to_write_on(dress: Dress, read: Read) -> None:
    html = dress(read("hip-hinge", dose={})).html
    blanks = re.findall(r'<p class="blank[^"]*">([^<]*)</p>', html)
    assert blanks == ["Sets:", "Days a week:", "Reps or seconds:"]


def test_the_trainer_and_the_review_are_printed(dress: Dress, read: Read) -> None:
    trainer = Trainer(name="Ann Lee", telephone="01234 567", web="https://ann.example")
    review = Review(by="Dr Poe", on=date(2026, 11, 20))
    html = dress(read("hip-hinge", reviewed=review), trainer=trainer).html
    assert '<meta name="author" content="Ann Lee">' in html
    contact = re.search('<p class="contact">(.*)</p>', html)
    assert contact
    assert re.sub("<[^>]+>", "", contact[1]) == "Ann Lee · 01234 567 · https://ann.example"
    assert "Reviewed by Dr Poe on 20 November 2026." in html
    assert "Not yet reviewed by a clinician." in dress().html


def test_a_video_is_a_code_and_an_address_to_type(dress: Dress, read: Read) -> None:
    html = dress(read("hip-hinge", video="https://www.example.org/hinge/")).html
    assert re.search(r'<img class="qr" src="data:image/svg\+xml;base64,[^"]+" alt="QR', html)
    assert "example.org/hinge</p>" in html


def test_mono_ink_prints_the_foot_in_black(dress: Dress) -> None:
    assert dress(ink="mono", theme="gym").imprint.colour == "#000000"
    assert dress(ink="colour", theme="gym").imprint.colour == "#111111"
    assert [dress(size=size).imprint.size for size in ("standard", "large")] == [12, 18]


@pytest.mark.parametrize("font", ["fonts/gone.ttf", "../secret.ttf", "/etc/passwd"])
def test_a_theme_whose_font_is_missing_is_a_problem(
    tmp_path: Path, dress: Dress, write: Write, font: str
) -> None:
    write("styles/themes/mine/theme.toml", f'font = "{font}"\n')
    write("styles/themes/secret.ttf", "")
    with pytest.raises(HandoutError, match=r"theme\.toml.*style-missing-file.*font"):
        dress(workspace=tmp_path, theme="mine")


def test_the_self_contained_text_has_its_style_inside(dress: Dress) -> None:
    markup = dress()
    page = markup.self_contained()
    assert page.count("<style>") == 1
    assert page.index("<style>") < page.index("</head>")
    assert "url(" in markup.css
    assert [address for address in re.findall(r"url\(\"?(.{5})", page) if address != "data:"] == []


def test_a_style_sheet_cannot_end_itself_in_html(
    tmp_path: Path, dress: Dress, write: Write
) -> None:
    write("styles/custom.css", 'a::after { content: "</style><script>alert(1)</script>" }')
    page = dress(workspace=tmp_path).self_contained()
    assert page.count("</style>") == 1
    assert page.index("alert(1)") < page.index("</style>")
