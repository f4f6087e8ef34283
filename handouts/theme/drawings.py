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
    from collections.abc import Iterable

    from handouts.figure.draw import Picture
    from handouts.model.exercise import Exercise
    from handouts.model.settings import PrintSettings
    from handouts.source.vocabulary import Vocabulary

# Millimetres: how high a standing body is, and the widest that a picture may be.
_HEIGHTS = {"step": 33.0, "error": 23.0, "rung": 17.5}
_WIDTHS = {"step": 31.0, "error": 29.0, "rung": 27.0}
_LARGE = 1.4
_RUNG = 18.0
"""Millimetres that a rung with a picture is high, as in base.css."""
_SMALL_MAP, _LARGE_MAP = (30.0, 23.0), (172.0, 62.0)
_KINDS = {"steps": "step", "errors": "error", "progressions": "rung", "figure": "emblem"}


class Sketchbook:
    """The pictures of poses before they have a size: each drawn once, whatever page asks for it."""

    def __init__(self) -> None:
        """Begin with none."""
        self._drawn: dict[tuple[str, str, bool], Picture] = {}

    def draw(self, exercise: Exercise, name: str, *, ghost: bool = False) -> Picture:
        """Return the picture of a figure; with the ghost of its start, if it has one."""
        pose = exercise.figures[name]
        start = exercise.figures[pose.start] if pose.start and ghost else None
        key = (exercise.slug, name, start is not None)
        if key not in self._drawn:
            self._drawn[key] = draw_pose(pose, start)
        return self._drawn[key]


class Drawer:
    """Draws the figures of one exercise."""

    def __init__(
        self,
        exercise: Exercise,
        look: PrintSettings,
        sketches: Sketchbook,
        scales: tuple[float, float] = (1.0, 1.0),
    ) -> None:
        """Keep the exercise, how it is printed, and the scales of its front and back."""
        self._exercise, self._sketches = exercise, sketches
        front, back = scales
        self._mono = look.ink is Ink.MONO
        self._factor = _LARGE if look.size is Size.LARGE else 1.0
        self._scales = {"step": front, "error": back, "rung": back}
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
        said = [f"--figure-{kind}: {width:.1f}mm" for kind, width in found.items() if width]
        if (scale := self._scales["rung"]) < 1:
            said.append(f"--figure-rung-height: {scale * self._factor * _RUNG:.1f}mm")
        return "; ".join(said)

    def _choose_height(self, kind: str) -> float:
        """Return the height of a standing body at which the widest figure of its kind fits."""
        widest = self._widest(kind) or 1.0
        height = min(_HEIGHTS[kind], _WIDTHS[kind] * 1000 / widest)
        return height * self._factor * self._scales[kind]

    def _widest(self, kind: str) -> float:
        names = {
            figure.drawn
            for path, figure in self._exercise.used_figures()
            if figure.drawn and _KINDS[str(path[0])] == kind
        }
        return max((self._draw(name, kind).width for name in names), default=0.0)

    def _draw(self, name: str, kind: str) -> Picture:
        # Beside its twin, an error shows one moment: ghosts and arrows would hide the difference.
        return self._sketches.draw(self._exercise, name, ghost=kind == "step")


class EmblemDrawer:
    """Draws the picture that stands for each of several exercises, all to one scale."""

    def __init__(
        self, exercises: Iterable[Exercise], look: PrintSettings, sketches: Sketchbook
    ) -> None:
        """Keep what the exercises' pictures are."""
        self._mono = look.ink is Ink.MONO
        self._pictures = {
            exercise.slug: sketches.draw(exercise, figure.drawn)
            for exercise in exercises
            if (figure := exercise.emblem()) and figure.drawn
        }
        self._widest = max((picture.width for picture in self._pictures.values()), default=1.0)

    def draw(self, exercise: Exercise, high: float, wide: float, words: str) -> Markup:
        """Return an exercise's picture, empty where its emblem is a photo or none.

        Args:
            exercise: one of those that were given.
            high: millimetres of a standing body.
            wide: millimetres that the widest picture of all may take: it may make all smaller.
            words: what it shows, for those who cannot see it.
        """
        if exercise.slug not in self._pictures:
            return Markup()
        address = self._address(exercise, high, wide)
        return Markup('<img class="emblem" src="{}" alt="{}">').format(address, words)

    def style(self, exercise: Exercise, high: float, wide: float) -> Markup:
        """Return the CSS that puts the picture behind a box: beside words that say the same."""
        if exercise.slug not in self._pictures:
            return Markup()
        address = self._address(exercise, high, wide)
        return Markup("background-image: url({})").format(address)

    def _address(self, exercise: Exercise, high: float, wide: float) -> str:
        body = min(high, wide * 1000 / self._widest)
        svg = self._pictures[exercise.slug].as_svg("", body, mono=self._mono)
        return encode_data_address("image/svg+xml", svg.encode())


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
