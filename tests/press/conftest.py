"""Small pages, laid out for real; whole handouts from a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handouts import assets
from handouts.model.markup import ImprintStyle, Markup, Phrase
from handouts.order import Look, Order
from handouts.pipeline import make_handouts
from handouts.press.plate import Plate, lay_out
from handouts.problem import Place, Report
from handouts.source.workspace import Workspace
from handouts.theme.styles import as_data_address

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FONT = assets.FONTS / "atkinson-hyperlegible-next" / "AtkinsonHyperlegibleNext-Regular.ttf"
STYLE = f"""\
@font-face {{ font-family: Own; src: url({as_data_address(FONT)}) }}
@page {{ size: 100mm 100mm; margin: 10mm }}
html {{ font: 12pt/1.4 Own }}
p {{ margin: 0 }}
"""
PAGE = '<!DOCTYPE html><html lang="en"><head><title>A page</title></head><body>{}</body></html>'


@pytest.fixture
def press() -> Callable[..., tuple[Plate, Report]]:
    """Return a function that lays out the body of a page 100 mm wide and high."""

    def press(body: str, css: str = "", **phrases: str) -> tuple[Plate, Report]:
        report = Report()
        style = ImprintStyle(FONT, "#000000", 12, 51, 25, "%(number)s/%(total)s", "%(name)s")
        said = tuple(Phrase(where, text) for where, text in phrases.items())
        markup = Markup("A page", PAGE.format(body), STYLE + css, said, style)
        return lay_out(markup, Place("page.yaml"), report), report

    return press


@pytest.fixture
def handout(tmp_path: Path) -> Callable[..., Report]:
    """Return a function that renders an exercise with the trainer's own rules and templates."""

    def handout(css: str = "", slug: str = "hip-hinge", **templates: str) -> Report:
        files = {f"templates/parts/{name}.html.j2": text for name, text in templates.items()}
        for name, text in {"styles/custom.css": css, **files}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        workspace = Workspace(tmp_path)
        order = Order(workspace, {slug: workspace.exercise_file(slug)}, Look())
        report = Report()
        made = list(make_handouts(order, report))
        assert bool(made) == (not report.errors)
        return report

    return handout
