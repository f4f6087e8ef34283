"""A plate to print a foot on, and a style for it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pikepdf
import pytest

from handouts import assets
from handouts.model.markup import ImprintStyle
from handouts.order import Look, Order
from handouts.pipeline import dress, open_desk
from handouts.press.plate import lay_out
from handouts.problem import Report
from handouts.source.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

FONT = assets.FONTS / "atkinson-hyperlegible-next" / "AtkinsonHyperlegibleNext-Regular.ttf"


@pytest.fixture(scope="session")
def plate() -> bytes:
    """Return a real plate of two pages, without a foot."""
    workspace = Workspace()
    order = Order(workspace, {"hip-hinge": workspace.exercise_file("hip-hinge")}, Look())
    markup = dress(open_desk(order, ["hip-hinge"], Report()), "hip-hinge")
    return lay_out(markup, None, Report()).pdf


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
