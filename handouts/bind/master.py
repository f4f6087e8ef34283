"""Turn a document as it is bound into a master: whole but for the name, with a place for it.

A place is a form that is shown on the pages and has nothing in it yet. It is found again in the
finished bytes by a key of its own, whatever was done to the document in between.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handouts.bind.foot import Compositor
from handouts.bind.imprint import lay_marks, lay_over, name_missing_glyphs, page_size
from handouts.bind.lettering import draw_letters
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pikepdf

    from handouts.model.markup import ImprintStyle, SetLines
    from handouts.press.plate import Spot

NOWHERE: Spot = (0, 0.0, 0.0, 0.0, 0.0)
"""Of a cover that has no place for a name."""
FOOT, NAME, INFO, METADATA = "Foot", "Name", "Info", "Metadata"
_KEY = "/HandoutPlace"
_STREAM_KEYS = {"/Length", "/Filter", "/DecodeParms"}
_POINTS = 72 / 96
"""In a CSS pixel."""


@dataclass(frozen=True, slots=True)
class Foot:
    """What the feet say beside the client's name."""

    title: str
    trainer: str
    style: ImprintStyle


@dataclass(frozen=True, slots=True)
class Room:
    """How much a client's name may take."""

    page: float
    """Width of a page, in points."""
    count: str
    """The words of the last page's number, which are the widest."""
    line: float
    """Width of the line on the cover, in points."""
    size: float
    """Of the letters on the cover, in points."""


@dataclass(frozen=True, slots=True)
class Place:
    """An object of the finished document that is written anew for each client."""

    number: int
    head: bytes
    """The entries of its dictionary, without its length."""


@dataclass(frozen=True, slots=True)
class Master:
    """A finished document of nobody, and all that is needed to make it somebody's."""

    pdf: bytes
    title: str
    foot: Foot
    room: Room
    codes: dict[str, tuple[str, int]]
    """The letters of the theme's font as :func:`draw_letters` has coded them."""
    places: dict[str, Place]
    """By name: the forms, ``Info`` and ``Metadata``."""
    fonts: bytes
    """What a form's resources say of fonts."""
    metadata: bytes
    """The text of the metadata."""
    objects: int
    """The number of the next object."""
    start: int
    """Where the last table of objects begins."""
    trailer: bytes
    """The entries of the trailer that stay."""
    mark: bytes
    """The first half of the document's identifier."""


def open_places(
    document: pikepdf.Pdf, foot: Foot, spot: Spot | None, set_lines: SetLines | None = None
) -> Room:
    """Lay the pages' numbers over a document, and open places for the client's name.

    Args:
        document: changed in place; the cover is its first page.
        foot: what the feet say beside the name.
        spot: where the name goes on the cover, as the layout has it; a letter stands there. None
            for a document without a cover.
        set_lines: sets what the theme's font alone cannot.

    Raises:
        HandoutError: ``no-place-for-name`` if no letter stands there.
    """
    letters, _ = draw_letters(foot.style.font)
    with _open(letters) as drawn:
        name_missing_glyphs(drawn)
        fonts = document.copy_foreign(drawn.make_indirect(drawn.pages[0].Resources.Font))
    sizes = [page_size(page) for page in document.pages]
    line, size = 0.0, 0.0
    if spot:
        line, size = _open_cover(document, spot, fonts, from_right=foot.style.right_to_left)
    shared = _make_place(document, FOOT, (0, 0, *sizes[0]), fonts)
    compositor = Compositor(foot.style, "", "", set_lines)
    counts = [
        foot.style.of_pages % {"number": number, "total": len(sizes)}
        for number in range(1, len(sizes) + 1)
    ]
    compositor.prepare([], counts)
    numbers = [
        compositor.compose("", count, width)[:1]
        for count, (width, _) in zip(counts, sizes, strict=True)
    ]
    lay_marks(document, sizes, numbers, compositor)
    lay_over(document, document.pages, shared, f"/Handout{FOOT}")
    return Room(sizes[0][0], counts[-1], line, size)


def make_master(pdf: bytes, title: str, foot: Foot, room: Room) -> Master:
    """Return a finished document as a master.

    Raises:
        ValueError: no places were opened in it.
    """
    import pikepdf

    with _open(pdf) as document:
        forms = {
            str(value[_KEY])[1:]: value
            for value in document.objects
            if isinstance(value, pikepdf.Stream) and _KEY in value
        }
        if FOOT not in forms:
            raise ValueError("the document has no place for a foot")
        places = {name: _find_place(form, {_KEY, "/Resources"}) for name, form in forms.items()}
        trailer, metadata = document.trailer, document.Root.Metadata
        places[INFO] = _find_place(trailer.Info, {"/Title"})
        places[METADATA] = _find_place(metadata, set())
        entries = {"/Root": trailer.Root, "/Info": trailer.Info}
        return Master(
            pdf,
            title,
            foot,
            room,
            draw_letters(foot.style.font)[1],
            places,
            _refer(forms[FOOT].Resources.Font),
            metadata.read_bytes(),
            int(trailer.Size),
            int(re.findall(rb"startxref\s+(\d+)", pdf[-200:])[-1]),
            _write_entries(entries.items()),
            bytes(trailer.ID[0]),
        )


def _open(pdf: bytes) -> pikepdf.Pdf:
    import pikepdf

    return pikepdf.open(io.BytesIO(pdf))


def _make_place(
    document: pikepdf.Pdf,
    name: str,
    box: tuple[float, float, float, float],
    fonts: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """Return a form with nothing in it."""
    from pikepdf import Array, Dictionary, Name

    form = document.make_stream(
        b" ",
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array(box),
        Resources=Dictionary(Font=fonts),
    )
    form[_KEY] = Name(f"/{name}")
    return form


def _open_cover(
    document: pikepdf.Pdf,
    spot: Spot,
    fonts: Any,  # noqa: ANN401
    *,
    from_right: bool,
) -> tuple[float, float]:
    """Put a place where the letter stands, inside the same mark: what goes there is read.

    Returns:
        The width that there is, and the letter's size, in points.
    """
    import pikepdf

    page = document.pages[spot[0]]
    content = pikepdf.parse_content_stream(page)
    letter = _find_letter(content, spot)
    if letter is None:
        raise HandoutError.of(
            "no-place-for-name",
            'the cover has no letter in the element with the id "place-client"',
            hint="take it over from the shipped booklet/cover.html.j2",
        )
    left, right = (spot[1], letter.left) if from_right else (letter.left, spot[3])
    size, width = letter.size * _POINTS, (right - left) * _POINTS
    form = _make_place(document, NAME, (0, -size, width, 2 * size), fonts)
    name = page.add_resource(form, pikepdf.Name.XObject, pikepdf.Name(f"/Handout{NAME}"))
    # The engine counts in CSS pixels from the top; the place counts in points from the baseline.
    scale = 1 / _POINTS
    shown = f"q {scale:.6f} 0 0 {-scale:.6f} {left:.4f} {letter.base:.4f} cm {name} Do Q"
    parts = [content[: letter.begin], content[letter.end + 1 :]]
    before, after = (pikepdf.unparse_content_stream(part) for part in parts)
    page.obj.Contents = document.make_stream(b"\n".join([before, shown.encode("ascii"), after]))
    return width, size


@dataclass(frozen=True, slots=True)
class _Letter:
    """A text in a page's content: its first and last instruction, and where it stands."""

    begin: int
    end: int
    left: float
    base: float
    size: float


def _find_letter(content: Any, spot: Spot) -> _Letter | None:  # noqa: ANN401
    """Return the first text that begins inside a box, in CSS pixels."""
    _, left, top, right, bottom = spot
    begin, size, x, y = 0, 0.0, 0.0, 0.0
    for number, (operands, operator) in enumerate(content):
        match str(operator):
            case "BT":
                begin = number
            case "Tf":
                size = float(operands[1])
            case "Tm":
                x, y = float(operands[4]), float(operands[5])
            case "ET" if left <= x <= right and top <= y <= bottom:
                return _Letter(begin, number, x, y, size)
    return None


def _find_place(value: Any, but: set[str]) -> Place:  # noqa: ANN401  an object of the document
    kept = [(key, value[key]) for key in sorted(value.keys()) if key not in {*_STREAM_KEYS, *but}]
    return Place(int(value.objgen[0]), _write_entries(kept))


def _write_entries(entries: Iterable[tuple[str, Any]]) -> bytes:
    return b" ".join(
        key.encode("latin-1") + b" " + (_refer(value) or value.unparse())
        if hasattr(value, "unparse")
        else f"{key} {value}".encode("latin-1")
        for key, value in entries
    )


def _refer(value: Any) -> bytes:  # noqa: ANN401
    number, generation = value.objgen
    return f"{number} {generation} R".encode("ascii") if number else b""
