"""What the engine says in its log becomes a problem that names the exercise."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from handouts.press.log import collect_log
from handouts.press.missing import describe_missing
from handouts.problem import Place, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.press.plate import Plate
    from handouts.problem import Report

    Press = Callable[..., tuple[Plate, Report]]


@pytest.mark.parametrize(
    ("body", "css", "code"),
    [
        ('<img src="gone.png" alt="A">', "", "image-failed"),
        ('<img src="data:image/png;base64,AAAA" alt="A">', "", "image-failed"),
        ('<img src="data:image/svg+xml,<svg" alt="A">', "", "image-failed"),
        ("<p>\ue123</p>", "", "missing-glyph"),
        ('<p><a href="#gone">there</a></p>', "", "dead-link"),
        ('<link rel="stylesheet" href="http://example.org/x.css">', "", "style-failed"),
        ("<style>@import 'http://example.org/x.css';</style>", "", "style-failed"),
        ("", "@font-face { font-family: Bad; src: url(data:font/ttf,A) }", "font-failed"),
    ],
)
def test_what_would_be_missing_on_paper_fails(press: Press, body: str, css: str, code: str) -> None:
    problems = [each for each in press(f"<h1>Title</h1>{body}", css)[1] if each.code == code]
    assert problems
    assert {problem.severity for problem in problems} == {Severity.ERROR}
    assert all(problem.hint for problem in problems)


def test_missing_characters_are_named_in_one_problem(press: Press) -> None:
    _, report = press("<h1>Title \ue125</h1><p>\ue123\ue124</p><p>\ue124</p>")
    [problem] = [each for each in report if each.code == "missing-glyph"]
    assert problem.message == "no font has U+E123, U+E124, U+E125"
    assert problem.place == Place("page.yaml")


@pytest.mark.parametrize(
    ("characters", "font", "debian", "arch"),
    [
        ("سا", "Noto Sans Arabic", "fonts-noto-core", "noto-fonts"),
        ("नी", "Noto Sans Devanagari", "fonts-noto-core", "noto-fonts"),
        ("ſΩЖ", "Noto Sans", "fonts-noto-core", "noto-fonts"),
        ("ཀ", "a font for Tibetan", "fonts-noto-core", "noto-fonts"),
        ("王さ김", "Noto Sans CJK", "fonts-noto-cjk", "noto-fonts-cjk"),
        ("🙂🏽", "Noto Color Emoji", "fonts-noto-color-emoji", "noto-fonts-emoji"),
        (
            "س王",
            "Noto Sans Arabic, Noto Sans CJK",
            "fonts-noto-cjk fonts-noto-core",
            "noto-fonts-cjk noto-fonts",
        ),
    ],
)
def test_the_package_for_a_script_is_named(
    monkeypatch: pytest.MonkeyPatch, characters: str, font: str, debian: str, arch: str
) -> None:
    commands = {
        "apt-get": f": sudo apt-get install {debian}",
        "pacman": f": sudo pacman -S {arch}",
        "brew": f" (Debian calls it {debian})",
    }
    for manager, wanted in commands.items():
        monkeypatch.setattr("shutil.which", {manager: manager}.get)
        problem = describe_missing(sorted(characters), None)
        assert problem.hint == f"install {font}{wanted}; or use other characters"


def test_many_missing_characters_are_counted() -> None:
    problem = describe_missing([chr(0x0621 + number) for number in range(12)], None)
    assert problem.message.count("U+06") == 8
    assert problem.message.endswith(" and 4 more")


def test_the_exercise_is_named(press: Press) -> None:
    _, report = press('<h1>Title</h1><img src="data:image/png;base64,AAAA" alt="A">')
    assert {str(problem.place) for problem in report} == {"page.yaml"}


@pytest.mark.parametrize(
    "css",
    [
        "p { colr: red }",
        "p { color: reddish }",
        "@unknown x { }",
        "@import 'x.css';",
        "p:hoover { color: red }",
    ],
)
def test_css_that_has_no_effect_warns(press: Press, css: str) -> None:
    _, report = press("<h1>Title</h1>", css)
    assert [problem.severity for problem in report] == [Severity.WARNING]
    assert report.problems[0].code == "css-ignored"


def test_a_warning_of_style_comes_back_for_each_page(press: Press) -> None:
    """The style sheet is read once and kept; its faults are everyone's."""
    said = [[each.code for each in press("<h1>Title</h1>", "p { colr: red }")[1]] for _ in range(2)]
    assert said == [["css-ignored"], ["css-ignored"]]


def test_a_sound_page_says_nothing(press: Press) -> None:
    body = '<h1 id="top">Title</h1><p><a href="#top">up</a> \u2013 \u00e9 \u00d7</p>'
    assert list(press(body, "p { color: red }")[1]) == []


def test_the_same_words_are_kept_once_and_long_ones_shortened() -> None:
    logger = logging.getLogger("weasyprint")
    with collect_log(Place("a.yaml")) as problems:
        logger.warning("Something new at %s", "here")
        logger.warning("Something new at %s", "here")
        logger.error("Something bad: %s", "data:" + "A" * 5000)
        logger.info("not worth a word")
    new, bad = problems
    assert new == Problem(
        "engine-said", "Something new at here", Place("a.yaml"), "", Severity.WARNING
    )
    assert bad.severity is Severity.ERROR
    assert len(bad.message) < 200


def test_the_engines_logger_is_left_as_it_was() -> None:
    logger = logging.getLogger("weasyprint")
    before = (logger.propagate, logger.level, list(logger.handlers))
    with pytest.raises(ZeroDivisionError), collect_log(None):
        _ = 1 / 0
    assert (logger.propagate, logger.level, list(logger.handlers)) == before
