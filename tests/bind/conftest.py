"""Plates to bind and to print feet on, and what is whole about a document of them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pikepdf
import pytest

from handouts import assets
from handouts.model.markup import ImprintStyle, Markup
from handouts.order import Look, Order
from handouts.pipeline import dress, open_desk
from handouts.press.plate import Plate, lay_out
from handouts.problem import Report
from handouts.source.workspace import Workspace
from handouts.theme.styles import as_data_address
from tests.judge import find_faults, list_content

if TYPE_CHECKING:
    from collections.abc import Callable

SLUGS = ("hip-hinge", "single-leg-deadlift", "standing-hip-extension-hold")
FONT = assets.FONTS / "atkinson-hyperlegible-next" / "AtkinsonHyperlegibleNext-Regular.ttf"
SMALL = f"""\
@font-face {{ font-family: Own; src: url({as_data_address(FONT)}) }}
@page {{ size: 100mm 140mm; margin: 10mm }}
html {{ font: 12pt/1.4 Own }}
input, select, textarea {{ appearance: auto; font: inherit }}
"""


@pytest.fixture(scope="session")
def plates() -> list[Plate]:
    """Return real plates of two pages each, without feet."""
    workspace = Workspace()
    files = {slug: workspace.exercise_file(slug) for slug in SLUGS}
    desk = open_desk(Order(workspace, files, Look()), list(files), Report())
    return [lay_out(dress(desk, slug), None, Report()) for slug in SLUGS]


@pytest.fixture(scope="session")
def plate(plates: list[Plate]) -> bytes:
    """Return a real plate of two pages, without a foot."""
    return plates[0].pdf


@pytest.fixture(scope="session")
def small() -> Callable[..., Plate]:
    """Return a function that lays out the body of a small page, for real."""
    made: dict[tuple[str, ...], Plate] = {}

    def small(body: str, title: str = "A page", css: str = "", language: str = "en") -> Plate:
        key = (body, title, css, language)
        if key not in made:
            head = f"<title>{title}</title>"
            html = f'<!DOCTYPE html><html lang="{language}"><head>{head}</head><body>{body}</body>'
            style = ImprintStyle(FONT, "#000000", 12, 20, 10, "%(number)s/%(total)s", "%(name)s")
            markup = Markup(title, f"{html}</html>", SMALL + css, (), style)
            report = Report()
            made[key] = lay_out(markup, None, report)
            assert [str(problem) for problem in report] == []
        return made[key]

    return small


@pytest.fixture
def style() -> ImprintStyle:
    """Return the style of the default theme's foot."""
    return ImprintStyle(
        FONT, "#16191c", 12, 51, 25.5, "Page %(number)s of %(total)s", "For %(name)s"
    )


@pytest.fixture
def blank() -> Callable[..., bytes]:
    """Return a function that makes empty pages of the given sizes in points."""

    def blank(*sizes: tuple[float, float]) -> bytes:
        target = io.BytesIO()
        with pikepdf.new() as pdf:
            for size in sizes:
                pdf.add_blank_page(page_size=size)
            pdf.save(target)
        return target.getvalue()

    return blank


@pytest.fixture(scope="session", name="find_faults")
def give_find_faults() -> Callable[[bytes], list[str]]:
    """Return the function that names what is broken in a tagged document."""
    return find_faults


@pytest.fixture(scope="session")
def read_order() -> Callable[[bytes], list[tuple[int, int]]]:
    """Return a function that lists a document's marked content in reading order."""

    def read_order(pdf: bytes) -> list[tuple[int, int]]:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            return list_content(document)

    return read_order
