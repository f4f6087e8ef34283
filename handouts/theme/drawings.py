"""Turn the poses that a page names into its pictures, all of one kind to one scale."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from handouts.figure.draw import draw_pose
from handouts.model.settings import Ink, Size

if TYPE_CHECKING:
    from handouts.figure.draw import Picture
    from handouts.model.exercise import Exercise
    from handouts.model.settings import PrintSettings

# Millimetres: how high a standing body is, and the widest that a picture may be.
_HEIGHTS = {"step": 33.0, "error": 23.5, "rung": 18.0}
_WIDTHS = {"step": 29.0, "error": 25.0, "rung": 26.0}
_LARGE = 1.4
_KINDS = {"steps": "step", "errors": "error", "progressions": "rung"}


class Drawer:
    """Draws the figures of one exercise."""

    def __init__(self, exercise: Exercise, look: PrintSettings) -> None:
        """Keep the exercise and how it is printed."""
        self._exercise = exercise
        self._mono = look.ink is Ink.MONO
        self._factor = _LARGE if look.size is Size.LARGE else 1.0
        self._draw = cache(self._draw_once)
        self._height = cache(self._choose_height)

    def draw(self, name: str, kind: str, words: str) -> Markup:
        """Return a figure as SVG text: kind is ``step``, ``error`` or ``rung``."""
        picture = self._draw(name, kind)
        svg = picture.as_svg(words, self._height(kind), mono=self._mono)
        return Markup(svg)  # noqa: S704  our own drawing; its words are escaped there

    def widths(self) -> str:
        """Return how wide the pictures of each kind are, as custom properties of CSS."""
        found = {kind: self._widest(kind) * self._height(kind) / 1000 for kind in _HEIGHTS}
        return "; ".join(f"--figure-{kind}: {width:.1f}mm" for kind, width in found.items() if width)

    def _choose_height(self, kind: str) -> float:
        """Return the height of a standing body at which the widest figure of its kind fits."""
        widest = self._widest(kind) or 1.0
        return min(_HEIGHTS[kind], _WIDTHS[kind] * 1000 / widest) * self._factor

    def _widest(self, kind: str) -> float:
        names = {
            figure.drawn
            for path, figure in self._exercise.used_figures()
            if figure.drawn and _KINDS[str(path[0])] == kind
        }
        return max((self._draw(name, kind).width for name in names), default=0.0)

    def _draw_once(self, name: str, kind: str) -> Picture:
        pose = self._exercise.figures[name]
        # Beside its twin, an error shows one moment: ghosts and arrows would hide the difference.
        start = self._exercise.figures[pose.start] if pose.start and kind == "step" else None
        return draw_pose(pose, start)
