"""Turn the poses that a page names into its pictures, all of one kind to one scale."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from handouts.figure.draw import draw_pose
from handouts.figure.muscle_map import MapLook, MapWords, Role, draw_muscle_map
from handouts.model.settings import Ink, Size
from handouts.theme.phrasing import sentence
from handouts.theme.styles import encode_data_address

if TYPE_CHECKING:
    from handouts.figure.draw import Picture
    from handouts.model.exercise import Exercise
    from handouts.model.settings import PrintSettings
    from handouts.source.vocabulary import Vocabulary

# Millimetres: how high a standing body is, and the widest that a picture may be.
_HEIGHTS = {"step": 33.0, "error": 23.0, "rung": 17.5}
_WIDTHS = {"step": 31.0, "error": 29.0, "rung": 27.0}
_LARGE = 1.4
_SMALL_MAP, _LARGE_MAP = (30.0, 23.0), (172.0, 62.0)
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
        """Return a figure as a picture inside the page: kind is ``step``, ``error`` or ``rung``."""
        # As a picture of its own it costs the page one element, not some forty.
        svg = self._draw(name, kind).as_svg("", self._height(kind), mono=self._mono)
        address = encode_data_address("image/svg+xml", svg.encode())
        return Markup('<img class="drawing" src="{}" alt="{}">').format(address, words)

    def widths(self) -> str:
        """Return how wide the pictures of each kind are, as custom properties of CSS."""
        found = {kind: self._widest(kind) * self._height(kind) / 1000 for kind in _HEIGHTS}
        return "; ".join(
            f"--figure-{kind}: {width:.1f}mm" for kind, width in found.items() if width
        )

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


class MuscleMapper:
    """Draws the map of the muscles that an exercise works."""

    def __init__(self, exercise: Exercise, vocabulary: Vocabulary, look: PrintSettings) -> None:
        """Keep what the map shows and how it is printed."""
        self._roles = {
            entry.muscle: Role(role)
            for role in reversed(list(Role))
            for entry in getattr(exercise.muscles, role)
        }
        self._names = {slug: sentence(muscle.name) for slug, muscle in vocabulary.muscles.items()}
        self._mono = look.ink is Ink.MONO
        self._large = look.size is Size.LARGE

    def draw_small(self, words: str) -> Markup:
        """Return the map without labels: its names stand beside it."""
        look = MapLook(width=_SMALL_MAP[0], height=_SMALL_MAP[1], mono=self._mono)
        svg = draw_muscle_map(self._roles, {}, look, MapWords(""))
        address = encode_data_address("image/svg+xml", svg.encode())
        return Markup('<img class="map" src="{}" alt="{}">').format(address, words)

    def draw_labelled(self, words: str, views: tuple[str, str], key: list[str]) -> Markup:
        """Return the map with a line from each muscle to its name, and the key of the tones."""
        look = MapLook(
            width=_LARGE_MAP[0],
            height=_LARGE_MAP[1] * (_LARGE if self._large else 1.0),
            mono=self._mono,
            size=18.0 if self._large else 12.0,
        )
        shown = dict(zip(Role, key, strict=True))
        used = {role: text for role, text in shown.items() if role in self._roles.values()}
        svg = draw_muscle_map(self._roles, self._names, look, MapWords(words, views, used))
        return Markup(svg)  # noqa: S704  our own drawing; its words are escaped there
