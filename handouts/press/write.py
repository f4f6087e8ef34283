"""Turn laid-out pages into the bytes of a PDF: equal pages, equal bytes, every glyph named."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from handouts.press.lean import trim_pdf

if TYPE_CHECKING:
    from collections.abc import Iterator

_CLOCK, _MIDNIGHT = "SOURCE_DATE_EPOCH", "946684800"  # 2000-01-01
_UNNAMED, _NAMED = b"> <>", b"> <2060>"
# The variable is the process's: nobody else may take it away while fonts are written.
_one_at_a_time = threading.RLock()


def write_pages(document: Any, **options: object) -> bytes:  # noqa: ANN401  untyped library
    """Return the PDF of a document that the engine has laid out."""
    with stop_clock():
        return bytes(document.write_pdf(finisher=_finish, **options))


@contextmanager
def stop_clock() -> Iterator[None]:
    """Keep the time out of fonts that are written anew: emoji, and those packed for the web.

    fontTools asks this variable.
    """
    with _one_at_a_time:
        given = os.environ.get(_CLOCK)
        os.environ[_CLOCK] = given or _MIDNIGHT
        try:
            yield
        finally:
            if given is None:
                del os.environ[_CLOCK]
            else:
                os.environ[_CLOCK] = given


def _finish(document: Any, pdf: Any) -> None:  # noqa: ANN401  untyped library
    del document
    _name_glyphs(pdf)
    trim_pdf(pdf)


def _name_glyphs(pdf: Any) -> None:  # noqa: ANN401
    """Give a character to glyphs that have none of their own: the second of two for a vowel sign.

    The engine maps them to no text, which ISO 14289-1, 7.21.7 forbids. U+2060, the word joiner,
    changes nothing in what is read.
    """
    for value in pdf.objects:
        stream = getattr(value, "stream", ())
        if b"begincmap" in stream:
            value.stream = [line.replace(_UNNAMED, _NAMED) for line in stream]
