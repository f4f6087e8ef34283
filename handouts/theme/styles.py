"""Turn a chain's style sheets into one text with its fonts and icons inside."""

from __future__ import annotations

import contextlib
import re
from base64 import b64encode
from functools import lru_cache
from typing import TYPE_CHECKING

from handouts.problem import HandoutError, Place
from handouts.source.workspace import show_path

if TYPE_CHECKING:
    from pathlib import Path

    from handouts.model.settings import PrintSettings
    from handouts.theme.chain import Chain

_URL = re.compile(r"""url\(\s*(?P<quote>["']?)(?P<address>[^"')]*)(?P=quote)\s*\)""")
_TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".ttf": "font/ttf",
    ".otf": "font/otf",
}
_PAPERS = {"a4": "A4", "letter": "letter"}
# Half a sheet, half as wide and high again: folded, pages are shown at two thirds of their size,
# which makes 12 pt of the large print's 18.
_HALVES = {"a4": "222.75mm 315mm", "letter": "209.55mm 323.85mm"}


def make_stylesheet(
    chain: Chain, settings: PrintSettings, extra: str | None = None, *, halves: bool = False
) -> str:
    """Return the whole style sheet for a chain and a paper, needing no other file.

    Args:
        chain: the layers to look in.
        settings: the paper.
        extra: one more style sheet of the chain, for a document of its own kind.
        halves: whether two pages are to stand on one sheet.

    Raises:
        HandoutError: a ``url(…)`` that names no file of the chain.
    """
    files = chain.stylesheets()
    papers = _HALVES if halves else _PAPERS
    if extra:
        # Behind the base's own: what a theme says counts for documents of any kind.
        files[1:1] = [path for _, path in chain.styles(extra)[:1]]
    sheets = [_embed_addresses(path, chain) for path in files]
    return "\n".join([f"@page {{ size: {papers[settings.paper]} }}", *sheets])


def _embed_addresses(path: Path, chain: Chain) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HandoutError.of(
            "style-failed",
            f"this style sheet cannot be read: {error}",
            Place(show_path(path)),
            hint="save it as text in UTF-8",
        ) from None

    def embed(match: re.Match[str]) -> str:
        address = match["address"].strip()
        if address.startswith(("data:", "#")):
            return match[0]
        file = _find_asset(address, path, chain)
        if file is None or file.suffix.lower() not in _TYPES:
            line = text.count("\n", 0, match.start()) + 1
            raise HandoutError.of(
                "style-missing-file",
                f"url({address}) names no {'/'.join(sorted(_TYPES))} file of this theme",
                Place(show_path(path), line),
                hint="put the file beside the style sheet; addresses on the network are not read",
            )
        return f'url("{as_data_address(file)}")'

    return _URL.sub(embed, text)


def _find_asset(address: str, sheet: Path, chain: Chain) -> Path | None:
    folders = [layer.styles.resolve() for layer in chain.layers]
    with contextlib.suppress(OSError, ValueError):  # too long a name, a NUL
        beside = (sheet.parent / address).resolve()
        if beside.is_file() and any(beside.is_relative_to(folder) for folder in folders):
            return beside
    found = chain.styles(address)
    return found[0][1] if found else None


def as_data_address(file: Path) -> str:
    """Return the file's bytes as a ``data:`` address."""
    stat = file.stat()
    return _as_data_address(file, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _as_data_address(file: Path, _changed: int, _size: int) -> str:
    return encode_data_address(_TYPES[file.suffix.lower()], file.read_bytes())


def encode_data_address(mime: str, data: bytes) -> str:
    """Return bytes as a ``data:`` address of the given type."""
    return f"data:{mime};base64,{b64encode(data).decode('ascii')}"
