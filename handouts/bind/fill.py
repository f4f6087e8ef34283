"""Turn a master into a client's own document: the name written into its places, no more.

The master's bytes stay as they are; what is the client's is appended to them, with a table of its
own (ISO 32000-1, 7.5.6). So a copy costs no reading and no writing anew of what all have in common.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from hashlib import md5
from itertools import groupby
from typing import TYPE_CHECKING

from handouts.bind.foot import Compositor, Mark
from handouts.bind.graft import graft
from handouts.bind.imprint import clean_line
from handouts.bind.label import retitle
from handouts.bind.master import FOOT, INFO, METADATA, NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from handouts.bind.master import Master
    from handouts.model.markup import ImprintStyle, SetLine, SetLines

_TITLE = "{} – {}"
_LEAST_SIZE = 12.0
"""Points: clear print is no smaller (UKAAF)."""
_LINE_HEIGHT = 1.2
_AT_HAND = 64
"""Lines whose width is known, such as those that all copies have."""
_Based = tuple[Mark, float]
"""A mark, and the height of its baseline."""


def fill_master(
    master: Master, client: str, set_lines: SetLines | None = None
) -> tuple[bytes, bytes]:
    """Return the client's document as the master's bytes, and those that follow them.

    The first are not copied: they may be written many times. Equal input, equal bytes.

    Args:
        master: stays as it is.
        client: the name, as it is printed; empty for a document of nobody in particular.
        set_lines: sets names that the theme's font alone cannot.

    Raises:
        HandoutError: ``missing-glyph``.
    """
    copy = compose_copy(master, client, set_lines)
    appendix = _Appendix(master, copy)
    for place in copy.marks:
        appendix.write_form(place)
    title = _TITLE.format(master.title, copy.name) if copy.name else master.title
    appendix.write_title(title)
    return master.pdf, appendix.finish()


@dataclass(frozen=True, slots=True)
class Copy:
    """What makes a master a client's own, before it is written."""

    name: str
    marks: dict[str, Sequence[_Based]]
    """By the name of the place in which they stand."""
    compositor: Compositor
    """Knows the lines that were set."""


def compose_copy(master: Master, client: str, set_lines: SetLines | None = None) -> Copy:
    """Return the client's marks for each place of a master.

    Raises:
        HandoutError: ``missing-glyph``.
    """
    style, room = master.foot.style, master.room
    name, title = clean_line(client), _clean_shared(master.foot.title)
    compositor = _Copyist(style, name, _clean_shared(master.foot.trainer), set_lines)
    compositor.prepare([title], [room.count])
    _, *foot = compositor.compose(title, room.count, room.page)
    marks: dict[str, Sequence[_Based]] = {FOOT: [(mark, style.baseline) for mark in foot]}
    if name and NAME in master.places:
        marks[NAME] = _compose_name(name, master, compositor)
    return Copy(name, marks, compositor)


def write_form(
    master: Master,
    copy: Copy,
    place: str,
    fonts: bytes,
    embed: Callable[[str, SetLine], int],
) -> tuple[bytes, bytes]:
    """Return a place's form with its marks in it: its entries without a length, and its data.

    Args:
        master: what the copy was composed for.
        copy: the client's marks.
        place: its name.
        fonts: what the form's resources are to say of fonts.
        embed: returns the number of the object that shows a line that was set.
    """
    style = master.foot.style
    shown: dict[str, int] = {}
    red, green, blue = (int(style.colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    content = [f"{red:.4f} {green:.4f} {blue:.4f} rg"]
    for mark, base in copy.marks[place]:
        line = copy.compositor.lines.get(mark.text)
        if line:
            shown[mark.text] = embed(mark.text, line)
            scale = mark.size / style.size
            left, low = mark.left - scale * line.left, base - scale * line.baseline
            matrix = f"{scale:.6f} 0 0 {scale:.6f} {left:.4f} {low:.4f} cm"
            content.append(f"q {matrix} /Line{shown[mark.text]} Do Q")
        else:
            content.append(_write_text(master, mark, base))
    lines = b"".join(b" /Line%d %d 0 R" % (number, number) for number in shown.values())
    resources = b"<</Font %s /XObject <<%s>>>>" % (fonts, lines)
    head = master.places[place].head + b" /Resources " + resources
    return head, "\n".join(content).encode("ascii")


def graft_line(line: SetLine, first: int) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the body of each object that a line takes; the first shows it."""
    import pikepdf

    with pikepdf.open(io.BytesIO(line.pdf)) as source:
        form = source.make_indirect(source.pages[line.page].as_form_xobject())
        yield from graft(form, first)


def _write_text(master: Master, mark: Mark, base: float) -> str:
    codes = [master.codes[letter] for letter in mark.text]
    runs = groupby(codes, key=lambda code: code[0])
    shown = [
        f"{font} {mark.size:.4f} Tf <{bytes([code for _, code in run]).hex()}> Tj"
        for font, run in runs
    ]
    return f"BT 1 0 0 1 {mark.left:.4f} {base:.4f} Tm {' '.join(shown)} ET"


def _compose_name(name: str, master: Master, compositor: Compositor) -> list[_Based]:
    """Return the name as large as its line has room for; on two lines, if it is long."""
    room, style = master.room, master.foot.style

    def stand(text: str, size: float, base: float) -> _Based:
        wide = compositor.measure(text) * size / style.size
        return Mark(text, room.line - wide if style.right_to_left else 0.0, size), base

    fits = room.line * style.size / max(compositor.measure(name), 1.0)
    least = min(_LEAST_SIZE, room.size)
    if fits >= least:
        return [stand(name, min(fits, room.size), 0.0)]
    size, line = least, room.line * style.size / least
    words = name.split(" ")
    starts = [" ".join(words[:number]) for number in range(1, len(words))]
    fitting = [start for start in starts if compositor.measure(start) <= line]
    if not fitting:
        return [stand(compositor.shorten(name, line), size, 0.0)]
    first, rest = fitting[-1], name[len(fitting[-1]) :].strip()
    lift = size * _LINE_HEIGHT / 2
    return [stand(first, size, lift), stand(compositor.shorten(rest, line), size, -lift)]


class _Copyist(Compositor):
    """Composes copy after copy: what it has found out about a font's letters, it remembers."""

    def __init__(
        self, style: ImprintStyle, client: str, trainer: str, set_lines: SetLines | None
    ) -> None:
        super().__init__(style, client, trainer, set_lines)
        self._plain, self._widths = _recall(style, can_set=set_lines is not None)

    def needs_setting(self, text: str) -> bool:
        if self._plain.issuperset(text):
            return False
        needs = super().needs_setting(text)
        if not needs:  # one letter's need does not depend on the others
            self._plain.update(text)
        return needs

    def measure(self, text: str) -> float:
        if text in self._widths:
            return self._widths[text]
        width = super().measure(text)
        if not self.needs_setting(text):  # a line that was set belongs to this copy
            if len(self._widths) >= _AT_HAND:
                self._widths.clear()
            self._widths[text] = width
        return width


_clean_shared = lru_cache(maxsize=_AT_HAND)(clean_line)


@lru_cache(maxsize=_AT_HAND)
def _recall(style: ImprintStyle, *, can_set: bool) -> tuple[set[str], dict[str, float]]:
    """Return the letters that are known to need no setting, and the widths of texts."""
    del style, can_set  # with a press, other letters are set than without
    return set(), {}


class _Appendix:
    """The objects that make a master somebody's, as they are appended to it."""

    def __init__(self, master: Master, copy: Copy) -> None:
        self._master, self._copy = master, copy
        self._bodies: dict[int, bytes] = {}
        self._next = master.objects
        self._lines: dict[str, int] = {}

    def write_form(self, name: str) -> None:
        """Fill a place with its marks."""
        master = self._master
        head, data = write_form(master, self._copy, name, master.fonts, self._embed)
        self._write_stream(master.places[name].number, head, data)

    def write_title(self, title: str) -> None:
        """Write the document's title into both of its labels."""
        info, metadata = self._master.places[INFO], self._master.places[METADATA]
        coded = title.encode("utf-16-be", "replace").hex().encode("ascii")
        self._bodies[info.number] = b"<<%s /Title <feff%s>>>" % (info.head, coded)
        text = retitle(self._master.metadata, self._master.title, title)
        self._write_stream(metadata.number, metadata.head, text)

    def finish(self) -> bytes:
        """Return what follows the master's bytes: what was written, with a table of it."""
        parts = [] if self._master.pdf.endswith(b"\n") else [b"\n"]
        at = len(self._master.pdf) + len(parts)
        offsets = {}
        for number, body in sorted(self._bodies.items()):
            offsets[number] = at
            parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
            at += len(parts[-1])
        offsets[self._next] = at
        parts += [self._write_table(offsets), b"startxref\n%d\n%%%%EOF\n" % at]
        return b"".join(parts)

    def _write_stream(self, number: int, head: bytes, data: bytes) -> None:
        self._bodies[number] = b"<<%s /Length %d>>\nstream\n%s\nendstream" % (head, len(data), data)

    def _embed(self, text: str, line: SetLine) -> int:
        """Return the number of the object that shows a line that was set."""
        if text not in self._lines:
            self._lines[text] = self._next
            self._bodies |= dict(graft_line(line, self._next))
            self._next = max(self._bodies) + 1
        return self._lines[text]

    def _write_table(self, offsets: dict[int, int]) -> bytes:
        """Return the object with the places of the others (ISO 32000-1, 7.5.8), and the trailer."""
        digest = md5(usedforsecurity=False)
        rows: list[bytes] = []
        spans: list[tuple[int, int]] = []
        for number, offset in sorted(offsets.items()):
            rows.append(b"\x01" + offset.to_bytes(4, "big") + b"\0\0")
            if spans and sum(spans[-1]) == number:
                spans[-1] = (spans[-1][0], spans[-1][1] + 1)
            else:
                spans.append((number, 1))
            digest.update(self._bodies.get(number, b""))
        data = b"".join(rows)
        index = b" ".join(b"%d %d" % span for span in spans)
        head = b"/Type /XRef /Size %d /Index [%s] /W [1 4 2] /Prev %d %s /ID [<%s> <%s>]" % (
            self._next + 1,
            index,
            self._master.start,
            self._master.trailer,
            self._master.mark.hex().encode("ascii"),
            digest.hexdigest().encode("ascii"),
        )
        body = b"<<%s /Length %d>>\nstream\n%s\nendstream" % (head, len(data), data)
        return b"%d 0 obj\n%s\nendobj\n" % (self._next, body)
