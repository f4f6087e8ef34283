"""Turn what a page's foot says and the room for it into marks, each with its place and size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING
from unicodedata import bidirectional, category, combining

from handouts.problem import HandoutError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from handouts.model.markup import ImprintStyle, SetLine, SetLines

_BETWEEN = " · "
_LEAST_SIZE = 12.0
"""Points: clear print is no smaller (UKAAF)."""
# How much of the line each keeps before the next is cut, in this order; the client's name is last.
_LEAST_SHARES = {"title": 0.25, "trainer": 0.2, "client": 0.0}
_DROPPED = ("trainer", "title")
"""Left out of a page so narrow that three dots of each are too long."""
_ROUNDING = 0.01
# What a line keeps together at its end: marks, joiners, variants; skin tones; halves of a flag.
_STAYS = {"Mn", "Mc", "Me", "Cf"}
_JOINER, _TONES, _FLAGS = "\u200d", range(0x1F3FB, 0x1F400), range(0x1F1E6, 0x1F200)
# Unicode's bidi algorithm (UAX 9): between these, a name keeps its own direction.
_ISOLATED = "\u2068{}\u2069"
_FROM_RIGHT = {"R", "AL", "AN"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A text at its place on the page."""

    text: str
    left: float
    size: float


class Compositor:
    """Makes the marks of each foot from what is said on it and the room for it."""

    def __init__(
        self,
        style: ImprintStyle,
        client: str,
        trainer: str,
        set_lines: SetLines | None,
    ) -> None:
        """Begin with what all feet of a document say."""
        self.style, self._set_lines = style, set_lines
        self._names = {"client": client, "trainer": trainer}
        self.lines: dict[str, SetLine] = {}

    def prepare(self, titles: Iterable[str], counts: Iterable[str]) -> None:
        """Have all that needs it set in one go: the lines share their fonts."""
        said = [self._say(part, name) for part, name in self._names.items() if name]
        said += [self._say("title", title) for title in titles if title]
        texts = [text for text in (*said, *counts, _BETWEEN) if text]
        self._set([text for text in dict.fromkeys(texts) if self.needs_setting(text)])

    def compose(self, title: str, count: str, width: float) -> list[Mark]:
        """Return the marks of a foot: the page's number at its end, the words fitted beside."""
        style = self.style
        taken = self.measure(count)
        room = width - 2 * style.margin - taken - 2 * style.size
        texts, size = self._fit({"title": title, **self._names}, room)
        end = style.margin if style.right_to_left else width - style.margin - taken
        marks, at = [Mark(count, end, style.size)], style.margin
        for text in self._join(texts):
            long = self.measure(text) * size / style.size
            left = width - at - long if style.right_to_left else at
            marks.append(Mark(text, left, size))
            at += long
        return marks

    def needs_setting(self, text: str) -> bool:
        """Return whether letters of the theme's font in a row are not what is to be read."""
        return bool(_find_missing(text, self.style)) or (
            self._set_lines is not None and any(map(_needs_shaping, text))
        )

    def _fit(self, names: dict[str, str], room: float) -> tuple[list[str], float]:
        """Return the texts in their order and the size at which they stand in the room."""
        said = {part: self._say(part, name) for part, name in names.items() if name}
        size, between = self.style.size, (len(said) - 1) * self.measure(_BETWEEN)
        needed = between + sum(map(self.measure, said.values()))
        if needed > room:
            size = max(min(size, _LEAST_SIZE), size * room / needed)
        # Everything is measured as if it stood at the style's size.
        room *= self.style.size / size
        for part, share in _LEAST_SHARES.items():
            over = between + sum(map(self.measure, said.values())) - room
            if part in said and over > _ROUNDING:
                least = max(self.measure(said[part]) - over, share * room)
                said[part] = self.shorten(names[part], least, part)
        needed = between + sum(map(self.measure, said.values()))
        dropped = next((part for part in _DROPPED if part in said), "")
        if needed > room + _ROUNDING and dropped and len(said) > 1:
            return self._fit({**names, dropped: ""}, room * size / self.style.size)
        return list(said.values()), size

    def shorten(self, name: str, room: float, part: str = "") -> str:
        """Return as much of the name as has room at the style's size, the whole of it if it has."""
        if self.measure(whole := self._say(part, name)) <= room + _ROUNDING:
            return whole
        ends = [0, *(at for at in range(1, len(name)) if _may_end(name, at))]
        low, high = 0, len(ends) - 1
        while low < high:
            middle = (low + high + 1) // 2
            text = self._say(part, f"{name[: ends[middle]].rstrip()}…")
            if self.measure(text) <= room + _ROUNDING:
                low = middle
            else:
                high = middle - 1
        return self._say(part, f"{name[: ends[low]].rstrip()}…")

    def _say(self, part: str, name: str) -> str:
        if part != "client":
            return name
        said = self.style.for_client % {"name": name}
        if self.needs_setting(said) and self._set_lines:
            return self.style.for_client % {"name": _ISOLATED.format(name)}
        return said

    def _join(self, texts: Sequence[str]) -> list[str]:
        """Return the texts with what stands between, in as few pieces as can be."""
        pieces = [piece for text in texts for piece in (_BETWEEN, text)][1:]
        if self.style.right_to_left:
            return pieces
        runs = [(needs, [*run]) for needs, run in groupby(pieces, self.needs_setting)]
        return [text for needs, run in runs for text in (run if needs else ["".join(run)])]

    def measure(self, text: str) -> float:
        """Return how wide a text is at the style's size, in points."""
        from reportlab.pdfbase.pdfmetrics import stringWidth

        if not self.needs_setting(text):
            return float(stringWidth(text, register_font(self.style.font), self.style.size))
        self._set([text] if text not in self.lines else [])
        return self.lines[text].width

    def _set(self, texts: Sequence[str]) -> None:
        if texts and not self._set_lines:
            raise _name_missing("".join(texts), self.style)
        if texts and self._set_lines:
            self.lines.update(zip(texts, self._set_lines(texts, self.style), strict=True))


def _needs_shaping(letter: str) -> bool:
    """Return whether a letter takes its form or its place from those beside it.

    Of the scripts without capitals ("Lo"), Han and Hangul do not: the press sets them no worse.
    """
    return category(letter) in {*_STAYS, "Lo"} or bidirectional(letter) in _FROM_RIGHT


def _may_end(text: str, at: int) -> bool:
    """Return whether a text can be cut here without tearing what is read as one character."""
    code, before = ord(text[at]), text[at - 1]
    torn = before == _JOINER or category(text[at]) in _STAYS or combining(text[at])
    return not (torn or code in _TONES or code in _FLAGS)


@lru_cache(maxsize=8)
def register_font(file: Path) -> str:
    """Return the name under which ReportLab knows the font from now on.

    Raises:
        HandoutError: ``font-failed``.
    """
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    try:
        # Codes for the letters in use only: with readable ASCII, the rest would map to U+0000.
        name = f"{file.stem}-{sha256(file.read_bytes()).hexdigest()[:12]}"
        pdfmetrics.registerFont(TTFont(name, str(file), asciiReadable=False))
    except (TTFError, OSError) as error:
        raise HandoutError.of(
            "font-failed",
            f"{file.name} cannot be used for the page numbers ({error})",
            hint="name a TrueType file (.ttf) in theme.toml",
        ) from None
    return name


def _find_missing(text: str, style: ImprintStyle) -> list[str]:
    from reportlab.pdfbase import pdfmetrics

    glyphs = pdfmetrics.getFont(register_font(style.font)).face.charToGlyph
    return sorted({letter for letter in text if ord(letter) not in glyphs})


def _name_missing(text: str, style: ImprintStyle) -> HandoutError:
    missing = " ".join(f"{letter} (U+{ord(letter):04X})" for letter in _find_missing(text, style))
    return HandoutError.of(
        "missing-glyph",
        f'the foot "{text}" has {missing}, which the font {style.font.stem} lacks',
        hint="name another font in theme.toml, or spell the name in Latin letters",
    )
