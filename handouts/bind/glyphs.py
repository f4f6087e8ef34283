"""Turn several subsets of one TrueType font into a single one that has the glyphs of all.

The subsets must have kept the letters' own numbers, as the engine's do. Only what a PDF asks for is
left: the tables of ISO 32000-1, 9.9, whose layouts are OpenType's.
"""

from __future__ import annotations

import struct
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_TRUETYPE = b"\0\1\0\0"
_HEADER = struct.Struct(">4sHHHH")
_RECORD = struct.Struct(">4sLLL")
_HINTS = ("cvt ", "fpgm", "prep")
_NEEDED = ("head", "hhea", "maxp", "hmtx", "loca", "glyf")
# Where the numbers stand in a table, and how they are written.
_ADJUSTMENT, _BOX, _WIDE_OFFSETS = 8, 36, 50
_UNITS = slice(18, 20)
_HMETRICS = 34
_FIRST_LIMIT = 6
_OUTLINE_HEADER = 10
_WORDS, _MORE_PARTS = 0x1, 0x20
_SCALES = ((0x8, 2), (0x40, 4), (0x80, 8))
"""Flags of a part (glyf table), and the bytes that each adds."""
_MAGIC = 0xB1B0AFBA
_WORD = 0xFFFFFFFF

Metrics = tuple[int, int]
"""A glyph's advance and left side bearing, in the font's units."""

_Shape = tuple[bytes, tuple["_Shape", ...]]


class _Face(NamedTuple):
    """A font taken apart."""

    tables: dict[str, bytes]
    outlines: list[bytes]
    metrics: list[Metrics]
    last: int


def unite_glyphs(fonts: Sequence[tuple[bytes, int]]) -> bytes | None:
    """Return a font with every glyph of some subsets; None if they are not of one font.

    Args:
        fonts: TrueType files, each with the last of its numbers that are the font's own. Parts of
            letters may stand behind it, under numbers that mean nothing elsewhere.
    """
    faces = [_take_apart(*font) for font in fonts]
    known = [face for face in faces if face]
    if len(known) < len(faces) or len({_list_common(face) for face in known}) != 1:
        return None
    united = _Union(max(face.last for face in known) + 1)
    if not all(united.add(face) for face in known):
        return None
    return _put_together(known, united.outlines, united.metrics)


class _Union:
    """The glyphs of several faces: letters under their own numbers, parts of them behind."""

    def __init__(self, count: int) -> None:
        self.outlines = [b""] * count
        self.metrics: list[Metrics] = [(0, 0)] * count
        self._shapes: dict[int, _Shape] = {}
        self._parts: dict[tuple[_Shape, Metrics], int] = {}

    def add(self, face: _Face) -> bool:
        """Add a face's letters; return False if one differs from that of another face."""
        for number, outline in enumerate(face.outlines[: face.last + 1]):
            if outline:
                shape = _find_shape(face, number)
                if self._shapes.setdefault(number, shape) != shape:
                    return False
                self.outlines[number] = self.outlines[number] or self._renumber(face, number)
            if outline or not any(self.metrics[number]):
                self.metrics[number] = face.metrics[number]
        return True

    def _renumber(self, face: _Face, number: int) -> bytes:
        """Return a glyph's outline, which refers to its parts by our numbers."""
        outline = bytearray(face.outlines[number])
        for at, part in _list_parts(outline):
            struct.pack_into(">H", outline, at, self._place(face, part))
        return bytes(outline)

    def _place(self, face: _Face, part: int) -> int:
        if part <= face.last:
            return part
        key = _find_shape(face, part), face.metrics[part]
        if key not in self._parts:
            outline = self._renumber(face, part)
            self._parts[key] = len(self.outlines)
            self.outlines.append(outline)
            self.metrics.append(key[1])
        return self._parts[key]


def _find_shape(face: _Face, number: int) -> _Shape:
    """Return what a glyph looks like, whatever the numbers of its parts."""
    outline = bytearray(face.outlines[number])
    parts = [*_list_parts(outline)]
    for at, _ in parts:
        struct.pack_into(">H", outline, at, 0)
    return bytes(outline), tuple(_find_shape(face, part) for _, part in parts)


def _list_parts(outline: bytes | bytearray) -> list[tuple[int, int]]:
    """Return where the numbers of its parts stand in the outline of a glyph, and the numbers."""
    return [(at, struct.unpack_from(">H", outline, at)[0]) for at in _find_parts(outline)]


def _find_parts(outline: bytes | bytearray) -> Iterator[int]:
    """Yield where the numbers of its parts stand in the outline of a glyph that is made of some."""
    if not outline or struct.unpack_from(">h", outline)[0] >= 0:
        return
    at, flags = _OUTLINE_HEADER, _MORE_PARTS
    while flags & _MORE_PARTS:
        [flags] = struct.unpack_from(">H", outline, at)
        yield at + 2
        at += 8 if flags & _WORDS else 6
        at += next((size for flag, size in _SCALES if flags & flag), 0)


def _take_apart(font: bytes, last: int) -> _Face | None:
    if font[:4] != _TRUETYPE:
        return None
    count = _HEADER.unpack_from(font)[1]
    records = [_RECORD.unpack_from(font, _HEADER.size + number * 16) for number in range(count)]
    tables = {tag.decode("latin-1"): font[at : at + size] for tag, _, at, size in records}
    if not all(name in tables for name in _NEEDED):
        return None
    [count] = struct.unpack_from(">H", tables["maxp"], 4)
    wide = struct.unpack_from(">h", tables["head"], _WIDE_OFFSETS)[0]
    offsets = struct.unpack_from(f">{count + 1}{'L' if wide else 'H'}", tables["loca"])
    glyf, scale = tables["glyf"], 1 if wide else 2
    outlines = [glyf[begin * scale : end * scale] for begin, end in pairwise(offsets)]
    return _Face(tables, outlines, _read_metrics(tables, count), min(last, count - 1))


def _read_metrics(tables: dict[str, bytes], count: int) -> list[Metrics]:
    """Return the metrics of each glyph; the last ones may share one advance."""
    [full] = struct.unpack_from(">H", tables["hhea"], _HMETRICS)
    metrics = [*struct.iter_unpack(">Hh", tables["hmtx"][: 4 * full])]
    bearings = struct.unpack_from(f">{count - full}h", tables["hmtx"], 4 * full)
    return [*metrics, *((metrics[-1][0], bearing) for bearing in bearings)]


def _list_common(face: _Face) -> tuple[bytes, ...]:
    """Return what all subsets of a font have in common: units for an em, and hints."""
    return face.tables["head"][_UNITS], *(face.tables.get(name, b"") for name in _HINTS)


def _put_together(
    faces: Sequence[_Face], outlines: Sequence[bytes], metrics: Sequence[Metrics]
) -> bytes:
    tables = {name: faces[0].tables[name] for name in _HINTS if name in faces[0].tables}
    padded = [outline + bytes(-len(outline) % 4) for outline in outlines]
    offsets = [0, *accumulate(map(len, padded))]
    tables["glyf"] = b"".join(padded)
    tables["loca"] = struct.pack(f">{len(offsets)}L", *offsets)
    tables["hmtx"] = b"".join(struct.pack(">Hh", *metric) for metric in metrics)
    tables["head"] = _unite_heads([face.tables["head"] for face in faces])
    hhea = bytearray(faces[0].tables["hhea"])
    struct.pack_into(">H", hhea, 10, max(advance for advance, _ in metrics))
    struct.pack_into(">H", hhea, _HMETRICS, len(metrics))
    tables["hhea"] = bytes(hhea)
    limits = [struct.unpack(">13H", face.tables["maxp"][_FIRST_LIMIT:32]) for face in faces]
    most = struct.pack(">13H", *map(max, zip(*limits, strict=True)))
    version = faces[0].tables["maxp"][:4]
    tables["maxp"] = version + struct.pack(">H", len(outlines)) + most
    return _write(tables)


def _unite_heads(heads: Sequence[bytes]) -> bytes:
    """Return a head whose box has room for the glyphs of all."""
    boxes = [struct.unpack_from(">4h", head, _BOX) for head in heads]
    left, low, right, high = zip(*boxes, strict=True)
    head = bytearray(heads[0])
    struct.pack_into(">L", head, _ADJUSTMENT, 0)
    struct.pack_into(">4h", head, _BOX, min(left), min(low), max(right), max(high))
    struct.pack_into(">h", head, _WIDE_OFFSETS, 1)
    return bytes(head)


def _write(tables: dict[str, bytes]) -> bytes:
    names = sorted(tables)
    power = len(names).bit_length() - 1
    header = _HEADER.pack(
        _TRUETYPE, len(names), 16 << power, power, 16 * len(names) - (16 << power)
    )
    at = len(header) + _RECORD.size * len(names)
    records, bodies = [], []
    adjusted = 0
    for name in names:
        body = tables[name]
        records.append(_RECORD.pack(name.encode("latin-1"), _sum(body), at, len(body)))
        bodies.append(body + bytes(-len(body) % 4))
        if name == "head":
            adjusted = at + _ADJUSTMENT
        at += len(bodies[-1])
    font = bytearray(b"".join([header, *records, *bodies]))
    struct.pack_into(">L", font, adjusted, (_MAGIC - _sum(font)) & _WORD)
    return bytes(font)


def _sum(data: bytes | bytearray) -> int:
    words: Iterable[tuple[int]] = struct.iter_unpack(">L", data + bytes(-len(data) % 4))
    return sum(word for (word,) in words) & _WORD
