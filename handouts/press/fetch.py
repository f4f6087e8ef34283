"""Turn the addresses in a page into what they stand for: ``data:`` addresses, and nothing else.

Everything that a page needs was read, checked and put inside by the theme: no file is opened here,
and no network.
"""

from __future__ import annotations

import re
from base64 import b64decode
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from typing import Any

_PLAIN = re.compile(r"data:(?P<kind>[a-z]+/[a-z0-9.+-]+);base64,(?P<text>[A-Za-z0-9+/=]*)")
_FONT = re.compile(r"""(?<=[\s:,]url\(")data:font/[a-z]+;base64,[A-Za-z0-9+/=]+(?="\))""")
_SHORT = "data:font,"
_fonts: dict[str, str] = {}
"""The addresses of fonts by the short ones that stand for them."""


def shorten_fonts(css: str) -> str:
    """Return a style sheet in which short addresses stand for fonts.

    Read letter by letter, as style sheets are, the fonts take more time than all the rules.
    """
    return _FONT.sub(_shorten, css)


def _shorten(match: re.Match[str]) -> str:
    short = _SHORT + sha256(match[0].encode("ascii")).hexdigest()
    _fonts[short] = match[0]
    return short


@lru_cache(maxsize=1)
def make_fetcher() -> Any:  # noqa: ANN401  untyped library
    """Return what the engine, which is loaded, asks for each address of a page."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Response(URLFetcherResponse):  # type: ignore[misc]
        """What a plain address stands for: nobody reads the header of a letter to find its type."""

        content_type, charset = "", None

        def __init__(self, url: str, body: bytes, kind: str) -> None:
            self.url, self.content_type = url, kind
            self._file_obj = BytesIO(body)

    class Fetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: object = None) -> Any:  # noqa: ANN401
            address = _fonts.get(url, url)
            if plain := _PLAIN.fullmatch(address):
                return Response(address, b64decode(plain["text"]), plain["kind"])
            return super().fetch(address, headers)

    return Fetcher(allowed_protocols=["data"], allow_redirects=False)
