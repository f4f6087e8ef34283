"""Turn the fonts and pictures of several plates into one of each kind: equal bytes, kept once."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


class Shared:
    """The streams of a document by their bytes and labels; the first of each stands for all."""

    def __init__(self) -> None:
        """Begin with a document that has none."""
        self._first: dict[bytes, Any] = {}

    def share(self, resources: Any) -> None:  # noqa: ANN401  a dictionary of the PDF
        """Let the resources of a page use the fonts and pictures that are there already."""
        for font in resources.get("/Font", {}).values():
            for holder, key in _list_font_streams(font):
                holder[key] = self._find_first(holder[key])
        pictures = resources.get("/XObject", {})
        for name, picture in list(pictures.items()):
            if picture.get("/Subtype") != "/Image":
                continue
            if "/SMask" in picture:
                picture.SMask = self._find_first(picture.SMask)
            pictures[name] = self._find_first(picture)

    def _find_first(self, stream: Any) -> Any:  # noqa: ANN401
        """Return the first stream that has these bytes and the same dictionary."""
        digest = sha256(stream.read_raw_bytes())
        # Equal references in the dictionary's text are equal objects: all are of one document.
        digest.update(repr([(key, _spell(stream[key])) for key in sorted(stream.keys())]).encode())
        return self._first.setdefault(digest.digest(), stream)


def _spell(value: Any) -> str:  # noqa: ANN401
    # Numbers come as Python's own; a text for people would leave out what is long.
    return repr(value.unparse() if hasattr(value, "unparse") else value)


def digest_font(font: Any) -> bytes:  # noqa: ANN401  a dictionary of the PDF
    """Return a hash by which two equal fonts are known, whatever their objects' numbers."""
    digest = sha256(str(font.get("/BaseFont")).encode())
    for holder, key in _list_font_streams(font):
        digest.update(sha256(holder[key].read_raw_bytes()).digest())
    for inner in font.get("/DescendantFonts", []):
        digest.update(inner.W.unparse(resolved=True) if "/W" in inner else b"")
    return digest.digest()


def _list_font_streams(font: Any) -> Iterator[tuple[Any, str]]:  # noqa: ANN401
    """Yield every dictionary of a font that holds a stream, and the stream's key."""
    if "/ToUnicode" in font:
        yield font, "/ToUnicode"
    for part in [font, *font.get("/DescendantFonts", [])]:
        descriptor = part.get("/FontDescriptor", {})
        for key in _FONT_FILES:
            if key in descriptor:
                yield descriptor, key
