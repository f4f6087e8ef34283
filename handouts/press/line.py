"""Turn a text in any script into a line that is set: shaped, in reading order, fonts inside."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from handouts.model.markup import SetLine
from handouts.press.engine import load_engine
from handouts.press.fetch import make_fetcher
from handouts.press.log import collect_log
from handouts.press.plate import _font_configuration, load_stylesheet
from handouts.press.write import write_pages
from handouts.problem import HandoutError, Report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from handouts.model.markup import ImprintStyle

# In em of type: the tallest scripts (Nastaliq, Tibetan) stay inside 4, letters over the ends in 1.
_HEIGHT, _WHITE = 4, 1
_LINE, _BASE = "line-{}", "base-{}"
_POINTS = 72 / 96
"""In a CSS pixel."""
# Plain shapes of even weight; without them fontconfig takes what it has, often DejaVu.
_SCRIPTS = ("", " Arabic", " Hebrew", " Armenian", " Georgian", " Lao")
# Han characters look otherwise in each language; the letters around them tell which it is.
_HAN = ((" CJK JP", {"HIRAGANA", "KATAKANA"}), (" CJK KR", {"HANGUL"}), (" CJK SC", {"CJK"}))
_STYLE = """\
@font-face {{ font-family: "{family}"; src: url(data:font/ttf;base64,{font}) }}
@page {{ size: 1000000pt {height}pt; margin: 0 }}
html {{ font: {size}pt/{height}pt sans-serif; color: {colour} }}
body {{ margin: 0 }}
p {{ margin: 0 {white}pt; text-align: left; white-space: pre; break-after: page }}
p:last-child {{ break-after: auto }}
i {{ display: inline-block; width: 0; height: 0 }}
"""
# Unicode's bidi algorithm (UAX 9, rule P2): what an isolate holds does not decide for the text.
_BEGIN_ISOLATE, _END_ISOLATE = {"LRI", "RLI", "FSI"}, "PDI"


def set_lines(texts: Sequence[str], style: ImprintStyle) -> list[SetLine]:
    """Return each text on a line of its own: the theme's font first, then those installed.

    Equal input, equal bytes. A text reads in the direction of its first letter, one without
    letters in that of the style. Controls and line ends are for the caller to take out.

    Raises:
        HandoutError: ``missing-glyph`` for characters that no installed font has, with the
            package to install; ``engine-missing``; ``font-failed``.
    """
    if not texts:
        return []
    engine = load_engine()
    html, css = _write_page(texts, style), _write_style(style)
    with collect_log(None) as said:
        sheet, complaints = load_stylesheet(css)
        document = engine.HTML(string=html, url_fetcher=make_fetcher()).render(
            stylesheets=[sheet], font_config=_font_configuration()
        )
        for number, page in enumerate(document.pages):
            # As large as its line: CSS knows no page that fits its content.
            page.width = page.anchors[_LINE.format(number)][2] + _WHITE * style.size / _POINTS
        pdf = write_pages(document)
    Report([*complaints, *said]).raise_errors()
    return [_measure(page, number, pdf) for number, page in enumerate(document.pages)]


def reads_right_to_left(text: str, otherwise: bool) -> bool:  # noqa: FBT001
    """Return whether the first letter that has a direction reads from the right."""
    depth = 0
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        depth += (kind in _BEGIN_ISOLATE) - (kind == _END_ISOLATE and depth > 0)
        if not depth and kind in {"L", "R", "AL"}:
            return kind != "L"
    return otherwise


def _measure(page: Any, number: int, pdf: bytes) -> SetLine:  # noqa: ANN401
    left, _, right, _ = page.anchors[_LINE.format(number)]
    baseline = page.anchors[_BASE.format(number)][1]
    return SetLine(
        pdf, number, (right - left) * _POINTS, left * _POINTS, (page.height - baseline) * _POINTS
    )


def _write_page(texts: Sequence[str], style: ImprintStyle) -> str:
    lines = []
    for number, text in enumerate(texts):
        direction = "rtl" if reads_right_to_left(text, style.right_to_left) else "ltr"
        fonts = ", ".join(f"'{family}'" for family in _choose_families(text, style))
        lines.append(
            f'<p style="direction: {direction}; font-family: {fonts}, sans-serif">'
            f'<i id="{_BASE.format(number)}"></i>'
            f'<span id="{_LINE.format(number)}">{escape(text)}</span></p>'
        )
    return f"<!DOCTYPE html><html><body>{''.join(lines)}</body></html>"


def _write_style(style: ImprintStyle) -> str:
    family, font = _encode_font(style.font)
    return _STYLE.format(
        family=family,
        font=font,
        height=_HEIGHT * style.size,
        white=_WHITE * style.size,
        size=style.size,
        colour=style.colour,
    )


def _choose_families(text: str, style: ImprintStyle) -> list[str]:
    """Return the fonts to look into for each letter, in this order."""
    own = [] if _is_patchwork(text, style.font) else [_encode_font(style.font)[0]]
    kinds = {unicodedata.name(letter, "").partition(" ")[0] for letter in text}
    han = next((script for script, signs in _HAN if signs & kinds), "")
    return own + [f"Noto Sans{script}" for script in dict.fromkeys((*_SCRIPTS, han))]


def _is_patchwork(text: str, font: Path) -> bool:
    """Return whether words of one alphabet would be set in two fonts, letter by letter."""
    missing = {ord(letter) for letter in text if letter.isupper() or letter.islower()}
    return bool(missing - _list_characters(font))


@lru_cache(maxsize=8)
def _encode_font(file: Path) -> tuple[str, str]:
    """Return a name for the font that no other file has, and the font for a data address."""
    from base64 import b64encode
    from hashlib import sha256

    try:
        data = file.read_bytes()
    except OSError as error:
        raise _complain(file, error) from None
    return f"line-{sha256(data).hexdigest()[:12]}", b64encode(data).decode("ascii")


@lru_cache(maxsize=8)
def _list_characters(file: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(file) as font:
            return frozenset(font.getBestCmap() or ())
    except (TTLibError, OSError) as error:
        raise _complain(file, error) from None


def _complain(file: Path, error: Exception) -> HandoutError:
    return HandoutError.of(
        "font-failed",
        f"{file.name} cannot be used for the page numbers ({error})",
        hint="name a TrueType file (.ttf) in theme.toml",
    )
