"""Turn the copies of many clients into one file to print: what they share is written once.

Objects are written one after another and none is kept, so that ten thousand clients take hardly
more memory than ten. A master's pages become forms; a client's page shows one of them and lays the
client's own foot and name over it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zlib import compress

from handouts.bind.fill import compose_copy, graft_line, write_form
from handouts.bind.graft import Grafter, write_number, write_object
from handouts.bind.imprint import clean_line
from handouts.bind.label import label_document
from handouts.bind.master import FOOT, NAME
from handouts.bind.stream import Bookmarks, ObjectStream, PageTree, make_stream
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    import pikepdf

    from handouts.bind.fill import Copy
    from handouts.bind.master import Master
    from handouts.model.markup import SetLine, SetLines
    from handouts.problem import Report

_AT_HAND = 8
"""Masters that are known without reading their bytes again."""
_BOXES = ("/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Rotate", "/UserUnit")
_TAKEN_OVER = ("author", "producer")
_PRINTING = ("/Duplex", "/PrintScaling", "/Direction")
_OF_TAGS = ("/StructParents", "/StructParent", "/HandoutPlace")


def merge_copies(  # noqa: PLR0913  what a file to print says
    target: BinaryIO,
    copies: Iterable[tuple[Master, str, str]],
    title: str,
    language: str,
    report: Report,
    *,
    set_lines: SetLines | None = None,
) -> int:
    """Write one PDF of all clients' booklets in this order, each beginning on a right-hand page.

    A copy to print, not to read: without tags, links and what can be filled in. Equal input, equal
    bytes. What stops one client's booklet goes into the report, and the others' are written.

    Args:
        target: written to from where it stands, in one go.
        copies: the master; the client's name as it is printed, empty for nobody's; the bookmark,
            if that is not the name. Masters of equal bytes are written once. The first one says how
            the paper is turned.
        title: the document's.
        language: its code.
        report: told what was wrong.
        set_lines: sets names that the theme's font alone cannot.

    Returns:
        How many booklets were written. Without any, nothing was written at all.
    """
    merger: _Merger | None = None
    for master, name, bookmark in copies:
        try:
            copy = compose_copy(master, name, set_lines)
        except HandoutError as error:
            report.extend(error.report)
            continue
        merger = merger or _Merger(target, master, title, language)
        merger.add(master, copy, clean_line(bookmark) or copy.name or master.title)
    return merger.finish() if merger else 0


@dataclass(frozen=True, slots=True)
class _Stock:
    """What the copies of one master share, as their objects name it."""

    pages: tuple[bytes, ...]
    """The entries of each page, but for its parent."""
    forms: bytes
    """The entries of the resources that show the master's pages."""
    fonts: bytes
    paper: bytes
    """What the last page says of its size."""


class _Merger:
    """Writes booklet after booklet."""

    def __init__(self, target: BinaryIO, master: Master, title: str, language: str) -> None:
        self._file = ObjectStream(target)
        self._root = self._file.reserve()
        self._tree, self._bookmarks = PageTree(self._file), Bookmarks(self._file)
        self._known: dict[bytes, int] = {}
        self._stocks: dict[bytes, _Stock] = {}
        self._digest = lru_cache(maxsize=_AT_HAND)(lambda pdf: sha256(pdf).digest())
        self._labels = _label(master, title, language)
        self._booklets = 0
        self._before = b""

    def add(self, master: Master, copy: Copy, bookmark: str) -> None:
        """Write the booklet of a client."""
        stock = self._find_stock(master)
        places = self._write_places(master, copy, stock)
        shown = b" ".join(b"/%s %d 0 R" % (name.encode(), at) for name, at in places.items())
        blank = [self._before] if self._tree.sides % 2 else []
        resources = b"<</XObject<<%s %s>>>>" % (stock.forms, shown)
        pages = self._tree.add([*blank, *stock.pages], resources)
        self._bookmarks.add(bookmark, pages[len(blank)])
        self._before = stock.paper
        self._booklets += 1

    def finish(self) -> int:
        """Write what names all that was written; return how many booklets that is."""
        grafter = Grafter(self._find)
        with _open(self._labels) as labels:
            root = labels.Root
            said = b"/Lang %s /ViewerPreferences %s /Metadata %d 0 R" % (
                write_object(root.Lang, grafter.graft),
                write_object(root.ViewerPreferences, grafter.graft),
                grafter.graft(root.Metadata),
            )
            info = grafter.graft(labels.trailer.Info)
        pages, outlines = self._tree.finish(), self._bookmarks.finish()
        self._file.add(
            self._root,
            b"<</Type/Catalog/Pages %d 0 R/Outlines %d 0 R/PageMode/UseOutlines %s>>"
            % (pages, outlines, said),
        )
        self._file.finish(self._root, info)
        return self._booklets

    def _find(self, body: bytes) -> int:
        """Return the number of the object that has this body, written now if there is none."""
        digest = sha256(body).digest()
        if digest not in self._known:
            self._known[digest] = self._file.reserve()
            self._file.add(self._known[digest], body)
        return self._known[digest]

    def _find_stock(self, master: Master) -> _Stock:
        digest = self._digest(master.pdf)
        if digest not in self._stocks:
            self._stocks[digest] = self._write_stock(master)
        return self._stocks[digest]

    def _write_stock(self, master: Master) -> _Stock:
        """Write the pages of a master, and all that they show, unless it is there already."""
        grafter = Grafter(self._find)
        with _open(master.pdf) as document:
            _strip(document)
            places = {
                name: document.get_object(master.places[name].number, 0)
                for name in (FOOT, NAME)
                if name in master.places
            }
            forms, pages, box = [], [], b""
            for number, page in enumerate(document.pages):
                form = grafter.graft(_make_form(document, page))
                forms.append(b"/P%d %d 0 R" % (number, form))
                calls = [b"/P%d Do" % number, *_show_places(page, places)]
                content = self._find(make_stream(b"", b"\n".join(calls)))
                box = _write_boxes(page, grafter)
                pages.append(b"/Contents %d 0 R%s" % (content, box))
            return _Stock(
                tuple(pages),
                b" ".join(forms),
                b"%d 0 R" % grafter.graft(places[FOOT].Resources.Font),
                box,
            )

    def _write_places(self, master: Master, copy: Copy, stock: _Stock) -> dict[str, int]:
        """Write the forms that are a client's own."""
        lines: dict[str, int] = {}

        def embed(text: str, line: SetLine) -> int:
            if text not in lines:
                # They are numbered from the first on.
                bodies = list(graft_line(line, self._file.reserve(0)))
                self._file.reserve(len(bodies))
                for number, body in bodies:
                    self._file.add(number, body)
                lines[text] = bodies[0][0]
            return lines[text]

        numbers = {}
        for place in copy.marks:
            head, data = write_form(master, copy, place, stock.fonts, embed)
            numbers[place] = self._file.reserve()
            body = make_stream(head + b" /Filter /FlateDecode", compress(data))
            self._file.add(numbers[place], body)
        return numbers


def _open(pdf: bytes) -> pikepdf.Pdf:
    import pikepdf

    return pikepdf.open(io.BytesIO(pdf))


def _label(master: Master, title: str, language: str) -> bytes:
    """Return a document with the labels of the merged one, and with nothing else."""
    import pikepdf

    target = io.BytesIO()
    with _open(master.pdf) as first, pikepdf.new() as labels:
        said = {key: str(first.docinfo.get(f"/{key.title()}", "")) for key in _TAKEN_OVER}
        label_document(labels, title, language, tagged=False, **said)
        shown = first.Root.get("/ViewerPreferences", pikepdf.Dictionary())
        # What the print window proposes: both sides, turned over as these pages need it.
        labels.Root.ViewerPreferences.Duplex = pikepdf.Name.DuplexFlipLongEdge
        for key in _PRINTING:
            if key in shown:
                labels.Root.ViewerPreferences[key] = shown[key]
        labels.save(target, deterministic_id=True)
    return target.getvalue()


def _strip(document: pikepdf.Pdf) -> None:
    """Take out what only a document to read on a screen has."""
    if "/AcroForm" in document.Root:
        # What shows where to tick or to write is printed too.
        document.flatten_annotations("print")
    for value in document.objects:
        for key in _OF_TAGS if hasattr(value, "keys") else ():
            if key in value:
                del value[key]


def _make_form(document: pikepdf.Pdf, page: pikepdf.Page) -> Any:  # noqa: ANN401
    """Return a form that shows all of a page; how it is turned is for the page to say."""
    import pikepdf

    form = document.make_indirect(page.as_form_xobject(handle_transformations=False))
    # Without this, what stands beside the finished format would be cut off.
    form.BBox = page.mediabox
    form.write(compress(form.read_bytes()), filter=pikepdf.Name.FlateDecode)
    return form


def _write_boxes(page: pikepdf.Page, grafter: Grafter) -> bytes:
    media = page.mediabox
    boxes = {"/MediaBox": media} | {
        key: page.obj[key] for key in _BOXES if key in page.obj and page.obj[key] != media
    }
    return b"".join(
        key.encode() + b" " + write_object(value, grafter.graft) for key, value in boxes.items()
    )


def _show_places(page: pikepdf.Page, places: dict[str, Any]) -> Iterator[bytes]:
    """Yield what shows each place where the page, or a form on it, has it."""
    import pikepdf

    names = {form.objgen: name for name, form in places.items()}

    def reaches(forms: Any) -> bool:  # noqa: ANN401
        return any(
            form.objgen in names or reaches(form.get("/Resources", {}).get("/XObject", {}))
            for form in forms.values()
        )

    def follow(shown: Any, forms: Any, moved: bytes) -> Iterator[bytes]:  # noqa: ANN401
        kept = []
        content: Any = pikepdf.parse_content_stream(shown, "q Q cm Do")
        for operands, operator in content:
            match str(operator):
                case "q":
                    kept.append(moved)
                case "Q" if kept:
                    moved = kept.pop()
                case "cm":
                    # Multiplied by the viewer, as in the booklet: the last digit moves a letter.
                    moved += _write_move(operands)
                case "Do" if (form := forms[str(operands[0])]).objgen in names:
                    yield b"q %s/%s Do Q" % (moved, names[form.objgen].encode())
                case "Do" if reaches(inner := form.get("/Resources", {}).get("/XObject", {})):
                    own = _write_move(form.Matrix) if "/Matrix" in form else b""
                    yield from follow(form, inner, moved + own)

    yield from follow(page, page.resources.get("/XObject", {}), b"")


def _write_move(matrix: Iterable[Any]) -> bytes:
    return b" ".join(write_number(number) for number in matrix) + b" cm "
