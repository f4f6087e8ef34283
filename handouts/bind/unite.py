"""Turn the fonts that plates bring into one for each face, whose subset has the letters of all.

Every plate has its own subset of the same few faces: together a quarter of a booklet.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any
from zlib import compress

from handouts.bind.glyphs import unite_glyphs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pikepdf

_FILE = "/FontFile2"
_OF_A_SUBSET = {_FILE, "/FontBBox", "/Flags"}
"""What says something of the letters that are there; a few of them may all be of one width."""
_LISTS = re.compile(rb"(?s)\d+ beginbfchar\n(.*?)endbfchar\n")
_LETTER = re.compile(rb"<([0-9a-f]{4})> <([0-9a-f]*)>")
_MOST = 100
"""Letters in a list (Adobe's CMap specification)."""


def unite_fonts(document: pikepdf.Pdf) -> None:
    """Let all pages use one font for each face; what is not the engine's is left as it is.

    Args:
        document: changed in place.
    """
    pages = (page.Resources for page in document.pages if "/Resources" in page)
    holders = {fonts.objgen: fonts for page in pages if (fonts := page.get("/Font"))}
    faces: defaultdict[str, dict[tuple[int, int], Any]] = defaultdict(dict)
    for fonts in holders.values():
        for font in fonts.values():
            if _is_subset(font):
                faces[_describe(font)][font.objgen] = font
    united: dict[tuple[int, int], Any] = {}
    for subsets in faces.values():
        if len(subsets) > 1 and _unite(document, [*subsets.values()]):
            united |= dict.fromkeys(subsets, next(iter(subsets.values())))
    for fonts in holders.values():
        for name, font in [*fonts.items()]:
            fonts[name] = united.get(font.objgen, font)


def _is_subset(font: Any) -> bool:  # noqa: ANN401  a dictionary of the PDF, as below
    """Return whether a font is one whose letters are the numbers of the face's own glyphs."""
    if font.get("/Encoding") != "/Identity-H" or "/ToUnicode" not in font:
        return False
    [inner] = font.DescendantFonts
    # Without any width it was asked for nothing but what no font has, and is embedded whole.
    known = inner.get("/CIDToGIDMap") == "/Identity" and len(inner.get("/W", ())) > 0
    return known and _FILE in inner.FontDescriptor


def _describe(font: Any) -> str:  # noqa: ANN401
    """Return what subsets of one face have in common."""
    [inner] = font.DescendantFonts
    descriptor = inner.FontDescriptor
    said = {key: str(value) for key, value in descriptor.items() if key not in _OF_A_SUBSET}
    return repr((str(font.BaseFont), sorted(said.items())))


def _unite(document: pikepdf.Pdf, fonts: Sequence[Any]) -> bool:
    """Make the first of some fonts that of all; return whether that can be."""
    inner = [font.DescendantFonts[0] for font in fonts]
    texts = _unite_maps([_read_texts(font.ToUnicode.read_bytes()) for font in fonts])
    sets = [_read_widths(one.W) for one in inner]
    widths = _unite_maps(sets)
    files = [one.FontDescriptor[_FILE].read_bytes() for one in inner]
    glyphs = unite_glyphs([(file, max(used)) for file, used in zip(files, sets, strict=True)])
    if glyphs is None or texts is None or widths is None:
        return False
    boxes = zip(*([*map(float, one.FontDescriptor.FontBBox)] for one in inner), strict=True)
    left, low, right, high = boxes
    descriptor = inner[0].FontDescriptor
    descriptor.FontBBox = [min(left), min(low), max(right), max(high)]
    descriptor.Flags = reduce(and_, (int(one.FontDescriptor.Flags) for one in inner))
    descriptor[_FILE] = _pack(document, glyphs, Length1=len(glyphs))
    inner[0].W = [entry for run in _list_runs(widths) for entry in run]
    names = _write_texts(fonts[0].ToUnicode.read_bytes(), texts)
    fonts[0].ToUnicode = _pack(document, names)
    return True


def _unite_maps(maps: Sequence[Mapping[int, Any]]) -> dict[int, Any] | None:
    """Return all that the maps say; None where one contradicts another."""
    united: dict[int, Any] = {}
    for one in maps:
        if any(united.setdefault(key, value) != value for key, value in one.items()):
            return None
    return dict(sorted(united.items()))


def _read_texts(names: bytes) -> dict[int, bytes]:
    """Return what each glyph stands for, in the digits of UTF-16."""
    lists = _LISTS.findall(names)
    return {int(code, 16): text for part in lists for code, text in _LETTER.findall(part)}


def _write_texts(names: bytes, texts: Mapping[int, bytes]) -> bytes:
    """Return a map to Unicode that is like one given, and says these."""
    lines = [b"<%04x> <%s>\n" % entry for entry in texts.items()]
    parts = [lines[at : at + _MOST] for at in range(0, len(lines), _MOST)]
    lists = b"".join(
        b"%d beginbfchar\n%bendbfchar\n" % (len(part), b"".join(part)) for part in parts
    )
    begin = names.index(b"endcodespacerange\n") + len(b"endcodespacerange\n")
    return names[:begin] + lists + _LISTS.sub(b"", names[begin:])


def _read_widths(entries: Any) -> dict[int, Any]:  # noqa: ANN401
    """Return each glyph's width (ISO 32000-1, 9.7.4.3: a number, and the widths from there on)."""
    pairs = zip(entries[::2], entries[1::2], strict=True)
    return {int(first) + at: width for first, run in pairs for at, width in enumerate(run)}


def _list_runs(widths: Mapping[int, Any]) -> list[tuple[int, list[Any]]]:
    runs: list[tuple[int, list[Any]]] = []
    for number, width in widths.items():
        if runs and runs[-1][0] + len(runs[-1][1]) == number:
            runs[-1][1].append(width)
        else:
            runs.append((number, [width]))
    return runs


def _pack(document: pikepdf.Pdf, data: bytes, **entries: int) -> Any:  # noqa: ANN401
    from pikepdf import Name

    return document.make_stream(compress(data, 9), Filter=Name.FlateDecode, **entries)
