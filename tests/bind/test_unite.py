"""A document of many plates has each face once, with every letter, and reads as before."""

from __future__ import annotations

import io
from collections import Counter
from typing import TYPE_CHECKING, Any

import pikepdf
import pypdfium2
import pytest
from PIL import ImageChops

from handouts.bind import join
from handouts.bind.join import bind_plates
from handouts.bind.part import Part
from tests.judge import read_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from handouts.press.plate import Plate

    Small = Callable[..., Plate]

TEXTS = ("Hold the wall", "Žluťoučký kůň", "ÅÄÖ – 0123456789", "0123", "ffi fl", "שלום 你好 عربي")


def list_fonts(pdf: bytes) -> Iterator[Any]:
    """Yield each font of a document once."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        yield from [
            value
            for value in document.objects
            if isinstance(value, pikepdf.Dictionary) and "/DescendantFonts" in value
        ]


def bind(plates: list[Plate]) -> bytes:
    parts = [Part(plate, f"p{number}") for number, plate in enumerate(plates)]
    return bind_plates(parts, "T", "en")


@pytest.fixture
def both(small: Small, monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, bytes]:
    """Return a document whose fonts are the plates' own, and ours."""
    plates = [small(f"<h1>{text}</h1><p><b>{text[::-1]}</b> {text}</p>") for text in TEXTS]
    ours = bind(plates)
    monkeypatch.setattr(join, "unite_fonts", lambda _: None)
    return bind(plates), ours


def test_each_face_is_there_once(both: tuple[bytes, bytes]) -> None:
    before, after = (Counter(str(font.BaseFont) for font in list_fonts(pdf)) for pdf in both)
    assert max(before.values()) == len(TEXTS)
    assert set(after) == set(before)
    assert set(after.values()) == {1}


def test_it_prints_and_reads_as_before(both: tuple[bytes, bytes]) -> None:
    plain, ours = (pypdfium2.PdfDocument(pdf) for pdf in both)
    for before, after in zip(plain, ours, strict=True):
        pictures = [page.render(scale=4).to_pil() for page in (before, after)]
        assert ImageChops.difference(*pictures).getbbox() is None
    assert read_texts(both[0]) == read_texts(both[1])
    assert len(both[1]) < len(both[0])


def test_a_font_has_a_width_and_a_text_for_every_glyph_that_is_shown(
    both: tuple[bytes, bytes],
) -> None:
    for font in list_fonts(both[1]):
        [inner] = font.DescendantFonts
        shown = {
            int(first) + at
            for first, run in zip(inner.W[::2], inner.W[1::2], strict=True)
            for at in range(len(run))
        }
        named = font.ToUnicode.read_bytes().partition(b"endcodespacerange")[2]
        codes = {int(line[1:5], 16) for line in named.splitlines() if line.startswith(b"<")}
        assert codes == shown


def test_what_contradicts_stays_as_it_was(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two plates may say that one glyph stands for different texts: then each keeps its own."""
    plates = [small("<h1>One</h1>"), small("<h1>Noe</h1>")]
    seen = iter([{7: b"0041"}, {7: b"0042"}] * 2)
    monkeypatch.setattr("handouts.bind.unite._read_texts", lambda _: next(seen))
    assert len([*list_fonts(bind(plates))]) == 2
    monkeypatch.undo()
    assert len([*list_fonts(bind(plates))]) == 1


def test_a_face_that_was_asked_for_nothing_visible_is_left_as_it_is(small: Small) -> None:
    css = 'h1::after { content: "\\200b"; font-family: "DejaVu Serif", serif }'
    plates = [small(f"<h1>{text}</h1>", css=css) for text in ("One", "Two")]
    assert read_texts(bind(plates)) == ["one", "two"]


def test_the_same_plates_give_the_same_bytes(small: Small) -> None:
    plates = [small(f"<h1>{text}</h1>") for text in TEXTS]
    assert bind(plates) == bind(plates)
