"""What stands inside a page is read, as the engine would read it; nothing else is."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from handouts.press.fetch import make_fetcher, shorten_fonts
from tests.press.conftest import FONT

if TYPE_CHECKING:
    from pathlib import Path

FONT_DATA = FONT.read_bytes()
FACE = f'src: url("data:font/ttf;base64,{b64encode(FONT_DATA).decode()}")'


@pytest.mark.parametrize(
    "address",
    [
        "data:image/svg+xml;base64,PHN2Zy8+",
        "data:image/png;base64,AAEC",
        "data:font/ttf;base64,",
        "data:text/css;charset=utf-8;base64,YSB7fQ==",
        "data:image/svg+xml,%3Csvg/%3E",
        "data:,plain",
        "data:IMAGE/PNG;base64,AAEC",
    ],
)
def test_an_address_is_read_as_the_engine_reads_it(address: str) -> None:
    found = make_fetcher()(address)
    with urlopen(address) as expected:  # noqa: S310  nothing but data:
        assert found.read() == expected.read()
        assert found.content_type == expected.headers.get_content_type()
        assert found.charset == expected.headers.get_param("charset")
    assert (found.url, found.path) == (address, None)
    found.close()


@pytest.mark.parametrize("address", ["data:image/png;base64,A", "data:font/ttf;base64,AAAAA"])
def test_what_is_not_whole_is_an_error(address: str) -> None:
    with pytest.raises((ValueError, OSError)):
        make_fetcher()(address)


@pytest.mark.parametrize("address", ["{file}", "http://example.org/", "ftp://example.org/", "x"])
def test_nothing_else_is_read(address: str, tmp_path: Path) -> None:
    file = tmp_path / "secret.txt"
    file.write_text("secret", encoding="utf-8")
    with pytest.raises(ValueError, match=r"disallowed protocol|Not an absolute URI"):
        make_fetcher()(address.format(file=file.as_uri()))


def test_a_short_address_stands_for_a_font_and_always_the_same() -> None:
    short = shorten_fonts(FACE)
    assert len(short) < 100
    assert short == shorten_fonts(FACE)
    assert short != shorten_fonts(FACE.replace("AAEA", "AAEB"))
    found = make_fetcher()(short.partition('"')[2].partition('"')[0])
    assert found.read() == FONT_DATA
    assert found.content_type == "font/ttf"


@pytest.mark.parametrize(
    "css",
    [
        'a { background: url("data:image/svg+xml;base64,PHN2Zy8+") }',
        "a { background: url(data:font/ttf;base64,AAAA) }",
        'p::before { content: "data:font/ttf;base64,AAAA" }',
        "p::before { content: 'url(\"data:font/ttf;base64,AAAA\")' }",
        'a { background: url("data:font,0") }',
    ],
)
def test_all_else_in_a_style_sheet_stays_as_it_is(css: str) -> None:
    assert shorten_fonts(css) == css
