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


INK = "#14181b"
LINE = f'stroke="{INK}" stroke-width="3.4" stroke-linejoin="round"'


@dataclass(frozen=True, slots=True)
class Palette:
    """A fill for each look."""

    fills: dict[Look, str]
    accent: str


COLOUR = Palette(
    {
        Look.SKIN: "#ecc9a8",
        Look.SKIN_FAR: "#d8b191",
        Look.SHIRT: "#3a929b",
        Look.SHIRT_FAR: "#2a6f77",
        Look.LEGS: "#33414f",
        Look.LEGS_FAR: "#8795a3",
        Look.SHOE: "#14181b",
        Look.SHOE_FAR: "#56616b",
        Look.HAIR: "#4a3428",
        Look.GHOST: "#dfe5e8",
        Look.PROP: "#eceff0",
        Look.GEAR: "#56616b",
        Look.BAND: "#e0a100",
        Look.MUSCLE: "#f08a4b",
    },
    accent="#b3340a",
)
MONO = Palette(
    {
        Look.SKIN: "#ffffff",
        Look.SKIN_FAR: "#e2e2e2",
        Look.SHIRT: "#c4c4c4",
        Look.SHIRT_FAR: "#a2a2a2",
        Look.LEGS: "#4a4a4a",
        Look.LEGS_FAR: "#969696",
        Look.SHOE: "#111111",
        Look.SHOE_FAR: "#666666",
        Look.HAIR: "#2b2b2b",
        Look.GHOST: "#e4e4e4",
        Look.PROP: "#f1f1f1",
        Look.GEAR: "#666666",
        Look.BAND: "#dddddd",
        Look.MUSCLE: "#f4f4f4",
    },
    accent="#000000",
)


def write_mark(mark: Mark, palette: Palette) -> str:
    """Return the mark as SVG elements, inside a group that gives every shape its line."""
    path, look = f'd="{mark.path}"', mark.look
    if look is Look.ARROW:
        bare = f'<path {path} fill="none" stroke-linecap="round" stroke='
        return f'{bare}"#fff" stroke-width="13"/>{bare}"{palette.accent}" stroke-width="6.5"/>'
    if look is Look.ARROW_HEAD:
        return f'<path {path} fill="{palette.accent}" stroke="#fff" stroke-width="2.5"/>'
    if look is Look.GUIDE:
        dashes = 'stroke-width="5" stroke-dasharray="13 8"'
        return f'<path {path} fill="none" stroke="{palette.accent}" {dashes}/>'
    if look is Look.FLOOR:
        return f"<path {path}/>"
    fill = f'fill="{palette.fills[look]}"'
    if mark.bare or look is Look.GHOST:
        return f'<path {path} {fill} stroke="none"/>'
    once = f"<path {path} {fill}/>"
    return f'{once}<path {path} {fill} stroke="none"/>' if mark.melted else once
