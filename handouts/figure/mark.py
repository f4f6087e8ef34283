"""Turn a path and its look into one element of SVG."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handouts.figure.outline import Box


class Look(StrEnum):
    """How a mark is painted; the palette says with what."""

    SKIN = "skin"
    SKIN_FAR = "skin-far"
    SHIRT = "shirt"
    SHIRT_FAR = "shirt-far"
    LEGS = "legs"
    LEGS_FAR = "legs-far"
    SHOE = "shoe"
    SHOE_FAR = "shoe-far"
    HAIR = "hair"
    GHOST = "ghost"
    FLOOR = "floor"
    PROP = "prop"
    GEAR = "gear"
    BAND = "band"
    MUSCLE = "muscle"
    ARROW = "arrow"
    ARROW_HEAD = "arrow-head"
    GUIDE = "guide"


@dataclass(frozen=True, slots=True)
class Mark:
    """One path of the drawing."""

    look: Look
    path: str
    box: Box
    bare: bool = False
    """Without a line round it."""
    melted: bool = False
    """Several outlines that overlap: their inner edges are painted over."""


JOINABLE = frozenset({Look.ARROW, Look.ARROW_HEAD, Look.GUIDE})
"""What is written as one path where several follow each other."""

INK = "#111"
LINE = f'stroke="{INK}" stroke-width="3.4" stroke-linejoin="round"'


@dataclass(frozen=True, slots=True)
class Palette:
    """A fill for each look."""

    fills: dict[Look, str]
    accent: str


COLOUR = Palette(
    {
        Look.SKIN: "#eca",
        Look.SKIN_FAR: "#da8",
        Look.SHIRT: "#399",
        Look.SHIRT_FAR: "#277",
        Look.LEGS: "#578",
        Look.LEGS_FAR: "#abc",
        Look.SHOE: "#111",
        Look.SHOE_FAR: "#567",
        Look.HAIR: "#432",
        Look.GHOST: "#dfe5e8",
        Look.PROP: "#eee",
        Look.GEAR: "#567",
        Look.BAND: "#ea0",
        Look.MUSCLE: "#f84",
    },
    accent="#b30",
)
MONO = Palette(
    {
        Look.SKIN: "#fff",
        Look.SKIN_FAR: "#ddd",
        Look.SHIRT: "#ccc",
        Look.SHIRT_FAR: "#aaa",
        Look.LEGS: "#777",
        Look.LEGS_FAR: "#bbb",
        Look.SHOE: "#111",
        Look.SHOE_FAR: "#666",
        Look.HAIR: "#333",
        Look.GHOST: "#e3e3e3",
        Look.PROP: "#f3f3f3",
        Look.GEAR: "#666",
        Look.BAND: "#ddd",
        Look.MUSCLE: "#fff",
    },
    accent="#000",
)


def write_mark(mark: Mark, palette: Palette) -> str:  # noqa: PLR0911  one for each look
    """Return the mark as SVG elements, inside a group that gives every shape its line."""
    path, look = f'd="{mark.path}"', mark.look
    if look is Look.ARROW:
        bare = f'<path {path} fill="none" stroke-linecap="round" stroke='
        return f'{bare}"#fff" stroke-width="13"/>{bare}"{palette.accent}" stroke-width="6.5"/>'
    if look is Look.ARROW_HEAD:
        return f'<path {path} fill="{palette.accent}" stroke="#fff" stroke-width="2.5"/>'
    if look is Look.GUIDE:
        bare = f'<path {path} fill="none" stroke='
        dashes = 'stroke-width="5" stroke-dasharray="13 8"'
        return f'{bare}"#fff" stroke-width="9"/>{bare}"{palette.accent}" {dashes}/>'
    if look is Look.FLOOR:
        return f"<path {path}/>"
    fill = f'fill="{palette.fills[look]}"'
    if mark.bare or look is Look.GHOST:
        return f'<path {path} {fill} stroke="none"/>'
    if look is Look.MUSCLE:
        return f'<path {path} {fill} stroke-width="2"/>'
    once = f"<path {path} {fill}/>"
    return f'{once}<path {path} {fill} stroke="none"/>' if mark.melted else once
