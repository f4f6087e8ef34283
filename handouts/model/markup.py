"""Turn what the theme wrote into what the press needs: text, style, and what must be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from handouts.problem import Problem

SPARE_BEGIN = "spare-begin-"
"""Id prefix of the mark where optional matter begins: printed as far as the sheet has room."""
SPARE_END = "spare-end-"
"""Id prefix of the mark where it ends; without one it runs to the end of the document."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text that must be read on the finished page, and what it is: ``errors[0].correction``."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class ImprintStyle:
    """How the foot of each page is printed over a plate: the theme's font, colour and measures."""

    font: Path
    """TrueType file, embedded as a subset."""
    colour: str
    """``#rrggbb``."""
    size: float
    """Points; page numbers stand at body size (clear print)."""
    margin: float
    """Distance from the left and right edges of the page, in points."""
    baseline: float
    """Height of the text's baseline above the lower edge of the page, in points."""
    of_pages: str
    """The words for "Page 1 of 2", with ``%(number)s`` and ``%(total)s``."""
    for_client: str
    """The words for "For Sam", with ``%(name)s``."""
    right_to_left: bool = False


@dataclass(frozen=True, slots=True)
class SetLine:
    """A line of text that the press has set, for the imprint to show at any place and size."""

    pdf: bytes
    """Untagged; lines that were set together are its pages and share its fonts."""
    page: int
    """The number of its page, from 0."""
    width: float
    """Of the text without the white around it, in points at the style's size."""
    left: float
    """Where the text begins, from the left edge of its page, in points."""
    baseline: float
    """Height of the text's baseline above the lower edge of its page, in points."""


SetLines = Callable[[Sequence[str], ImprintStyle], Sequence[SetLine]]
"""Sets texts that need more than letters in a row, at the style's size and in its colour."""


@dataclass(frozen=True, slots=True)
class Markup:
    """One document before layout. Fonts, icons and pictures are inside as ``data:`` addresses."""

    title: str
    html: str
    """The whole HTML text without its style sheet."""
    css: str
    """The whole style sheet."""
    phrases: tuple[Phrase, ...]
    imprint: ImprintStyle
    problems: tuple[Problem, ...] = ()
    """What the theme warns of: words that are not translated."""

    def self_contained(self) -> str:
        """Return the HTML text with its style sheet inside: what the PDF is made from."""
        # "</" cannot stand in a style sheet that a browser reads out of HTML.
        style = self.css.replace("</", "<\\/")
        return self.html.replace("</head>", f"<style>\n{style}\n</style>\n</head>", 1)
