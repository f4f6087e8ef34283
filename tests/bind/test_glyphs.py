"""The glyphs of several subsets stand in one font, each under its own number, as they were."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from fontTools import subset
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont

from handouts.bind.glyphs import unite_glyphs
from tests.bind.conftest import FONT

if TYPE_CHECKING:
    from collections.abc import Iterable

OTHER = FONT.with_name("AtkinsonHyperlegibleNext-Bold.ttf")
TEXTS = ("Hello", "Wörld içi", "ÅÄÖ éàî", "0123456789", " .,;", "ž")


def cut(text: str, *, behind: bool = True, font: str = str(FONT)) -> tuple[bytes, int]:
    """Return a subset whose letters keep their numbers, and the last of them.

    Args:
        text: its letters.
        behind: whether parts of letters stand behind the last one, as the engine's subsets have.
        font: the file.
    """
    face = TTFont(font)
    last = max(face.getGlyphID(face.getBestCmap()[ord(letter)]) for letter in text)
    options = subset.Options(retain_gids=True, hinting=False, notdef_outline=True)
    cutter = subset.Subsetter(options)
    cutter.populate(text=text)
    cutter.subset(face)
    face = _save(face)
    if behind:
        options = subset.Options(notdef_outline=True, glyph_names=False)
        cutter = subset.Subsetter(options)
        cutter.populate(gids=range(last + 1))
        cutter.subset(face)
        face = _save(face)
    data = io.BytesIO()
    face.save(data)
    return data.getvalue(), last


def _save(face: TTFont) -> TTFont:
    data = io.BytesIO()
    face.save(data)
    return TTFont(io.BytesIO(data.getvalue()))


def draw(font: bytes, numbers: Iterable[int]) -> dict[int, object]:
    """Return each glyph's outline, its parts put in place, and its metrics."""
    face = TTFont(io.BytesIO(font))
    glyphs, order = face.getGlyphSet(), face.getGlyphOrder()
    drawn: dict[int, object] = {}
    for number in numbers:
        pen = DecomposingRecordingPen(glyphs)
        glyphs[order[number]].draw(pen)
        drawn[number] = pen.value, face["hmtx"][order[number]]
    return drawn


def number_letters(text: str) -> list[int]:
    face = TTFont(FONT)
    return [face.getGlyphID(face.getBestCmap()[ord(letter)]) for letter in text]


@pytest.mark.parametrize("behind", [False, True])
def test_every_letter_looks_as_in_the_whole_font(behind: bool) -> None:  # noqa: FBT001
    united = unite_glyphs([cut(text, behind=behind) for text in TEXTS])
    assert united is not None
    numbers = number_letters("".join(TEXTS))
    assert draw(united, numbers) == draw(FONT.read_bytes(), numbers)


def test_order_changes_no_letter_and_twice_the_same_is_once() -> None:
    sets = [cut(text) for text in TEXTS]
    numbers = number_letters("".join(TEXTS))
    one, other = unite_glyphs(sets), unite_glyphs([*reversed(sets), *sets])
    assert one is not None
    assert other is not None
    assert draw(one, numbers) == draw(other, numbers)
    assert len(one) == len(other)


def test_it_is_a_sound_font_and_no_larger_than_what_it_is_made_of() -> None:
    sets = [cut(text) for text in TEXTS]
    united = unite_glyphs(sets)
    assert united is not None
    face = TTFont(io.BytesIO(united), checkChecksums=2)
    face.ensureDecompiled()
    assert set(face.keys()) - {"GlyphOrder"} == {"head", "hhea", "maxp", "hmtx", "loca", "glyf"}
    boxes = [face["glyf"][name] for name in face.getGlyphOrder()]
    assert face["head"].xMax >= max(box.xMax for box in boxes if box.numberOfContours)
    assert len(united) < sum(len(font) for font, _ in sets)


def test_what_is_not_one_font_is_not_united() -> None:
    assert unite_glyphs([cut("Hello"), cut("Hello", font=str(OTHER))]) is None


def test_fonts_that_count_in_other_units_are_not_united() -> None:
    font, last = cut("Hello")
    face = TTFont(io.BytesIO(font))
    face["head"].unitsPerEm *= 2
    data = io.BytesIO()
    face.save(data)
    assert unite_glyphs([cut("0123"), (data.getvalue(), last)]) is None


@pytest.mark.parametrize("bad", [b"OTTO" + bytes(60), b"\0\1\0\0\0\0" + bytes(20)])
def test_what_is_no_truetype_is_not_united(bad: bytes) -> None:
    assert unite_glyphs([cut("Hello"), (bad, 5)]) is None
