"""Turn the objects of a PDF, as they come, into its bytes: none is kept, and a table finds each."""

from __future__ import annotations

from array import array
from hashlib import md5
from typing import TYPE_CHECKING
from zlib import compress, compressobj

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_MOST_PACKED = 200
"""Objects that are compressed together; a viewer unpacks them all to read one."""
_MOST_KIDS = 64
"""Of a node of the page tree: viewers look for a page node by node."""
_ROWS = 256
"""Of the table, made at a time."""
_PACKED = 1 << 63
"""Says in the notes that an object is in a pack: the pack's number × 2¹⁶ + the place in it."""
_IN_PACK = 16
_FREE, _PLAIN, _IN = 0, 1, 2
"""Kinds of rows (ISO 32000-1, 7.5.8.3)."""


class ObjectStream:
    """Writes objects one after another; of each only its place is kept, in 8 bytes."""

    def __init__(self, target: BinaryIO) -> None:
        """Write nothing yet."""
        self._target, self._end = target, 0
        self._notes = array("Q", [0])
        self._pack: list[tuple[int, bytes]] = []
        self._digest = md5(usedforsecurity=False)

    def reserve(self, count: int = 1) -> int:
        """Return the first of as many numbers in a row that no other object will get."""
        first = len(self._notes)
        self._notes.extend([0] * count)
        return first

    def add(self, number: int, body: bytes) -> None:
        """Write an object under a number that was reserved; what is no stream waits for others."""
        if body.endswith(b"\nendstream"):
            self._write_plain(number, body)
            return
        self._pack.append((number, body))
        if len(self._pack) == _MOST_PACKED:
            self._write_pack()

    def finish(self, root: int, info: int) -> None:
        """Write what is left, the table and the trailer."""
        self._write_pack()
        number, start = self.reserve(), self._end
        self._notes[number] = start
        mark = self._digest.hexdigest().encode("ascii")
        # Wide enough for what lies furthest, and for the number of a pack.
        wide = (max(self._end, number).bit_length() + 7) // 8
        deflate = compressobj()
        data = b"".join(deflate.compress(rows) for rows in self._list_rows(wide)) + deflate.flush()
        entries = b"/Type /XRef /Size %d /W [1 %d 2] /Root %d 0 R /Info %d 0 R /ID [<%s> <%s>]" % (
            number + 1,
            wide,
            root,
            info,
            mark,
            mark,
        )
        self._write_plain(number, make_stream(entries + b" /Filter /FlateDecode", data))
        self._write(b"startxref\n%d\n%%%%EOF\n" % start)

    def _list_rows(self, wide: int) -> Iterator[bytes]:
        """Yield the table's rows: kind; place or pack; place in the pack."""
        for begin in range(0, len(self._notes), _ROWS):
            rows = []
            for note in self._notes[begin : begin + _ROWS]:
                if note & _PACKED:
                    pack, at = divmod(note ^ _PACKED, 1 << _IN_PACK)
                    rows.append(bytes([_IN]) + pack.to_bytes(wide, "big") + at.to_bytes(2, "big"))
                else:
                    kind = _PLAIN if note else _FREE
                    rows.append(bytes([kind]) + note.to_bytes(wide, "big") + b"\0\0")
            yield b"".join(rows)

    def _write_pack(self) -> None:
        """Write the objects that wait as one (ISO 32000-1, 7.5.7)."""
        if not self._pack:
            return
        number = self.reserve()
        heads, at = [], 0
        for place, (each, body) in enumerate(self._pack):
            heads.append(b"%d %d" % (each, at))
            self._notes[each] = _PACKED | number << _IN_PACK | place
            at += len(body) + 1
        head = b" ".join(heads) + b"\n"
        data = compress(head + b"\n".join(body for _, body in self._pack))
        entries = b"/Type /ObjStm /N %d /First %d" % (len(self._pack), len(head))
        self._write_plain(number, make_stream(entries + b" /Filter /FlateDecode", data))
        self._pack.clear()

    def _write_plain(self, number: int, body: bytes) -> None:
        if not self._end:
            self._write(_HEADER)
        self._notes[number] = self._end
        self._write(b"%d 0 obj\n%s\nendobj\n" % (number, body))

    def _write(self, data: bytes) -> None:
        self._target.write(data)
        self._digest.update(data)
        self._end += len(data)


class PageTree:
    """Writes pages: a node for each booklet, and a node for each few of these."""

    def __init__(self, file: ObjectStream) -> None:
        """Begin with none."""
        self._file = file
        self._top = file.reserve()
        self._group = 0
        self._nodes: list[int] = []
        self._in_group = self.sides = 0
        self._groups: list[int] = []

    def add(self, pages: list[bytes], resources: bytes) -> range:
        """Write pages that share their resources; return their numbers."""
        file = self._file
        if not self._nodes:
            self._group = file.reserve()
        node = file.reserve(1 + len(pages))
        numbers = range(node + 1, node + 1 + len(pages))
        for number, entries in zip(numbers, pages, strict=True):
            file.add(number, b"<</Type/Page/Parent %d 0 R%s>>" % (node, entries))
        self._write_node(node, self._group, len(pages), numbers, b"/Resources" + resources)
        self._nodes.append(node)
        self._in_group += len(pages)
        self.sides += len(pages)
        if len(self._nodes) == _MOST_KIDS:
            self._end_group()
        return numbers

    def finish(self) -> int:
        """Write the nodes above the booklets'; return the number of the uppermost."""
        if self._nodes:
            self._end_group()
        self._write_node(self._top, 0, self.sides, self._groups)
        return self._top

    def _end_group(self) -> None:
        self._write_node(self._group, self._top, self._in_group, self._nodes)
        self._groups.append(self._group)
        self._nodes, self._in_group = [], 0

    def _write_node(
        self, node: int, parent: int, count: int, kids: Iterable[int], more: bytes = b""
    ) -> None:
        above = b"/Parent %d 0 R" % parent if parent else b""
        below = b" ".join(b"%d 0 R" % kid for kid in kids)
        body = b"<</Type/Pages/Count %d%s/Kids[%s]%s>>" % (count, above, below, more)
        self._file.add(node, body)


class Bookmarks:
    """Writes a row of bookmarks; the last one waits for what it has to name, the next."""

    def __init__(self, file: ObjectStream) -> None:
        """Begin with none."""
        self._file = file
        self._top = file.reserve()
        self._first = self._last = self._count = 0
        self._entries = b""

    def add(self, title: str, page: int) -> None:
        """Write a bookmark that leads to a page."""
        before, number = self._last, self._file.reserve()
        self._end(b"/Next %d 0 R" % number)
        said = title.encode("utf-16-be", "replace").hex().encode("ascii")
        link = b"/Prev %d 0 R" % before if before else b""
        self._entries = b"/Title<feff%s>/Parent %d 0 R/Dest[%d 0 R/Fit]%s" % (
            said,
            self._top,
            page,
            link,
        )
        self._first, self._last = self._first or number, number
        self._count += 1

    def finish(self) -> int:
        """Write what names the first and the last; return its number."""
        self._end(b"")
        ends = b"/First %d 0 R/Last %d 0 R" % (self._first, self._last)
        self._file.add(self._top, b"<</Type/Outlines/Count %d%s>>" % (self._count, ends))
        return self._top

    def _end(self, link: bytes) -> None:
        if self._last:
            self._file.add(self._last, b"<<%s%s>>" % (self._entries, link))


def make_stream(entries: bytes, data: bytes) -> bytes:
    """Return the body of a stream."""
    return b"<<%s /Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)
