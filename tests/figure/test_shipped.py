"""The five exercises are drawn whole: every figure has its purpose, is small, and is accessible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import page
import pytest

from handouts.figure.draw import draw_pose
from handouts.figure.words import describe_pose
from handouts.model.pose import Pose
from handouts.press.engine import load_engine
from handouts.source.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handouts.figure.draw import Picture
    from handouts.model.exercise import Exercise

SLUGS = list(Workspace().exercise_files())
MOST_BYTES = 6_000
PAGE = "<html lang=en><title>Figures</title><style>@page{{size:A3}}</style><h1>Figures</h1>{body}"


def draw_all(exercise: Exercise) -> Iterator[tuple[str, Picture, str]]:
    for name, pose in exercise.figures.items():
        start = exercise.figures[pose.start] if pose.start else None
        yield name, draw_pose(pose, start), describe_pose(pose)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_step_error_and_figure_is_used(shipped: dict[str, Exercise], slug: str) -> None:
    exercise = shipped[slug]
    used = {figure.drawn for _, figure in exercise.used_figures()}
    used |= {pose.start for pose in exercise.figures.values()}
    assert set(exercise.figures) - used == set()
    assert [step.title for step in exercise.steps if not step.figure] == []
    pairs = [error.figures for error in exercise.errors]
    assert all(pair.wrong and pair.right and pair.wrong != pair.right for pair in pairs)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("mono", [False, True])
def test_every_figure_is_small(shipped: dict[str, Exercise], slug: str, *, mono: bool) -> None:
    sizes = {
        name: len(picture.as_svg(words, 33, mono=mono).encode())
        for name, picture, words in draw_all(shipped[slug])
    }
    assert {name: size for name, size in sizes.items() if size >= MOST_BYTES} == {}


@pytest.mark.parametrize("slug", SLUGS)
def test_figures_of_an_exercise_are_told_apart(shipped: dict[str, Exercise], slug: str) -> None:
    drawn = [picture.as_svg("", 33) for _, picture, _ in draw_all(shipped[slug])]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("slug", SLUGS)
def test_figures_of_an_exercise_share_one_scale(shipped: dict[str, Exercise], slug: str) -> None:
    """But for close-ups, a millimetre is as long in each of them."""
    scales = set()
    for name, picture, words in draw_all(shipped[slug]):
        svg = picture.as_svg(words, 33)
        if shipped[slug].figures[name].focus:
            continue
        width = float(svg.partition('width="')[2].partition("mm")[0])
        seen = float(svg.partition('viewBox="')[2].partition('"')[0].split()[2])
        scales.add(round(seen / width / (1000 / 2 / 33), 2))
    assert all(scale == pytest.approx(1, abs=0.02) for scale in scales)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_figure_passes_pdf_ua_inline(shipped: dict[str, Exercise], slug: str) -> None:
    drawn = [picture.as_svg(words, 33) for _, picture, words in draw_all(shipped[slug])]
    assert judge("".join(f"<div>{svg}</div>" for svg in drawn)) == []


def test_a_figure_without_words_does_not_pass() -> None:
    svg = draw_pose(Pose()).as_svg("A pose", 33)
    assert judge(svg) == []
    assert judge(svg.replace("<title>A pose</title>", "")) != []


def judge(body: str) -> list[str]:
    """Return the rules of PDF/UA-1 that a page with this in it fails."""
    pdf = load_engine().HTML(string=PAGE.format(body=body)).write_pdf(pdf_variant="pdf/ua-1")
    found = page.validate_pdf_bytes(pdf, profile=page.ValidationProfile.PDF_UA_1)
    return sorted({failure.rule_id for failure in found.failures})


@pytest.mark.parametrize("slug", SLUGS)
def test_every_figure_is_said_in_words(shipped: dict[str, Exercise], slug: str) -> None:
    said = {name: words for name, _, words in draw_all(shipped[slug])}
    assert all(len(words.split()) > 2 for words in said.values()), said
