"""Plain paths are drawn as the engine draws them, number by number; others are left to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pydyf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handouts.press.engine import load_engine
from handouts.press.strokes import draw_quickly, quicken_paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.press.plate import Plate
    from handouts.problem import Report

    Press = Callable[..., tuple[Plate, Report]]

TAKES = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "z": 0}


class Node(dict[str, str]):
    """A path, as the engine hands it over."""

    def __init__(self, attributes: dict[str, str]) -> None:
        """Take its attributes."""
        super().__init__(attributes)
        self.vertices: list[object] = []


class Svg:
    """What a picture is drawn with: a stream of instructions."""

    def __init__(self) -> None:
        """Begin with nothing drawn."""
        self.stream = pydyf.Stream()

    def point(self, x: Any, y: Any, font_size: float) -> tuple[float, float]:  # noqa: ANN401
        """Return two numbers, which may have units, as pixels."""
        from weasyprint.svg.utils import size

        return size(x, font_size, 100), size(y, font_size, 100)

    def drawn(self) -> list[bytes]:
        """Return the instructions, one a line."""
        return b"\n".join(self.stream.stream).splitlines()


@pytest.fixture(autouse=True, scope="module")
def _engine() -> None:
    load_engine()


def draw(node: Node) -> tuple[list[bytes], list[bytes], bool]:
    """Return the engine's instructions, ours, and whether ours came from the engine."""
    from weasyprint.svg.path import path

    asked: list[object] = []

    def ask(svg: Any, node: Any, font_size: float) -> None:  # noqa: ANN401
        asked.append(node)
        path(svg, node, font_size)

    plain, ours = Svg(), Svg()
    path(plain, node, 16)
    draw_quickly(ask)(ours, node, 16)
    return plain.drawn(), ours.drawn(), bool(asked)


numbers = st.one_of(
    st.integers(-999, 999).map(str),
    st.decimals(-99, 99, places=1).map(str),
    st.decimals(-9, 9, places=4).map(lambda number: str(number).replace("0.", ".")),
)


@st.composite
def paths(draw_from: st.DrawFn) -> str:
    """Return a path of the kinds that figures are made of, written in many ways."""
    said = "M" + " ".join(draw_from(st.lists(numbers, min_size=2, max_size=2)))
    for letter in draw_from(st.text("MmLlHhVvCcZz", max_size=8)):
        count = TAKES[letter.lower()] * draw_from(st.integers(1, 3))
        glue = draw_from(st.sampled_from([" ", ",", " , "]))
        said += letter + glue.join(draw_from(st.lists(numbers, min_size=count, max_size=count)))
    return said


@given(paths())
def test_plain_paths_are_the_engines_own(said: str) -> None:
    plain, ours, asked = draw(Node({"d": said}))
    assert not asked
    assert plain == [b"0 0 m", *ours]


def test_numbers_may_stand_without_a_space() -> None:
    plain, ours, asked = draw(Node({"d": "M10-5.5l.5.5-3-4h2v-1z"}))
    assert not asked
    assert plain == [b"0 0 m", *ours]


@pytest.mark.parametrize(
    "said",
    [
        "M1 2a5 5 0 0 1 9 9",
        "M1 2q3 4 5 6t1 2",
        "M1 2s3 4 5 6",
        "M1e1 2l3 4",
        "",
        "L3 4",
        "M1 2l3",
        "M1 2c1 2 3 4 5 6 7",
        "M1 2l",
        "rubbish",
    ],
)
def test_others_are_left_to_the_engine(said: str) -> None:
    node = Node({"d": said})
    ours = Svg()
    asked: list[object] = []
    draw_quickly(lambda *given: asked.append(given[1]))(ours, node, 16)
    assert asked == [node]
    assert ours.stream.stream == []


def test_a_path_with_markers_is_left_to_the_engine() -> None:
    *_, asked = draw(Node({"d": "M1 2l3 4", "marker-end": "url(#tip)"}))
    assert asked


def test_the_engine_uses_it_once_however_often_it_is_asked_for(press: Press) -> None:
    press('<svg viewBox="0 0 9 9" width="9"><title>A</title><path d="M1 2l3 4"/></svg>')
    from weasyprint.svg import TAGS
    from weasyprint.svg.path import path

    ours = TAGS["path"]
    quicken_paths()
    assert TAGS["path"] is ours
    assert ours is not path
