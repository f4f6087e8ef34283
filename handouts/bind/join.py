"""Turn tagged plates into one tagged document: structure, links, bookmarks and forms kept whole."""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from handouts.bind.label import label_document
from handouts.bind.lead import Directory
from handouts.bind.share import Shared
from handouts.bind.unite import unite_fonts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pikepdf

    from handouts.bind.part import Part

_OPENED = 24
"""Plates that stay open between documents: some 1.5 MB each, and half of the time of a join."""

# pikepdf's documents belong to one thread at a time, and plates stay open for all.
_ONE_AT_A_TIME = threading.RLock()


@dataclass(frozen=True, slots=True)
class _Source:
    """An opened plate, and the table cells in it that have ids or name some."""

    pdf: pikepdf.Pdf
    cells: tuple[tuple[int, int], ...]


def bind_plates(
    parts: Sequence[Part],
    title: str,
    language: str,
    author: str = "",
    *,
    finish: Callable[[pikepdf.Pdf], None] | None = None,
) -> bytes:
    """Return one PDF/UA-1 document of the plates, in this order; equal input, equal bytes.

    The plates are the press's own: tagged, with one root element and a flat parent tree. What is
    still to be laid over the pages is ``finish``'s: opening and saving once more would cost as
    much as the join.

    Raises:
        ValueError: no part, two parts of one name, or a plate that is not as the press makes it.
        HandoutError: ``dead-link`` for a link to a part that is not there.
    """
    if not parts or len({part.name for part in parts}) != len(parts):
        raise ValueError("parts must be there, each with a name of its own")
    with _ONE_AT_A_TIME:
        return _bind(parts, title, language, author, finish)


def _bind(
    parts: Sequence[Part],
    title: str,
    language: str,
    author: str,
    finish: Callable[[pikepdf.Pdf], None] | None,
) -> bytes:
    import pikepdf

    with pikepdf.new() as joined:
        binder = _Binder(joined, language)
        for number, part in enumerate(parts):
            uses = sum(earlier.plate.pdf == part.plate.pdf for earlier in parts[:number])
            binder.add(part, _open_plate(part.plate.pdf, uses))
        producer = _open_plate(parts[0].plate.pdf, 0).pdf.docinfo.get("/Producer", "")
        label_document(joined, title, language, author=author, producer=str(producer))
        binder.finish()
        unite_fonts(joined)
        if any(part.start_right for part in parts):
            joined.Root.ViewerPreferences.Duplex = pikepdf.Name.DuplexFlipLongEdge
        if finish:
            finish(joined)
        target = io.BytesIO()
        joined.save(
            target,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return target.getvalue()


@lru_cache(maxsize=_OPENED)
def _open_plate(pdf: bytes, use: int) -> _Source:
    """Open a plate, once for each of its uses in a document: what is copied twice stays one."""
    import pikepdf

    del use
    document = pikepdf.open(io.BytesIO(pdf))
    cells = []
    for value in document.objects:
        if not isinstance(value, pikepdf.Dictionary) or "/S" not in value or "/P" not in value:
            continue
        if "/ID" in value or "/Headers" in value.get("/A", {}):
            cells.append(value.objgen)
    return _Source(document, tuple(cells))


class _Binder:
    """One document, as it grows plate by plate."""

    def __init__(self, document: pikepdf.Pdf, language: str) -> None:
        from pikepdf import Array, Dictionary, Name

        self._document = document
        self._language = language
        self._top = document.make_indirect(
            Dictionary(Type=Name.StructElem, S=Name.Document, K=Array())
        )
        self._parents: Any = Array()
        self._next_parent = 0
        self._ids: list[tuple[bytes, Any]] = []
        self._directory = Directory(document)
        self._shared = Shared()
        self._first_use: dict[bytes, int] = {}
        # Copied streams are read when the document is saved.
        self._sources: list[_Source] = []

    def add(self, part: Part, source: _Source) -> None:
        """Add the pages of a plate and all that belongs to them."""
        self._sources.append(source)
        document = self._document
        begin = len(document.pages)
        if part.start_right and begin % 2:
            document.add_blank_page(page_size=_size_of(document.pages[-1]))
            begin += 1
        for page in source.pdf.pages:
            document.pages.append(page)
        pages = [document.pages[number] for number in range(begin, len(document.pages))]
        if len(pages) != part.plate.pages:
            raise ValueError(f"{part.name}: {len(pages)} pages, not {part.plate.pages}")
        # After its pages: references to them now lead to the copies.
        catalogue = document.copy_foreign(source.pdf.Root)
        self._share_streams(part, begin, pages)
        self._add_structure(part, source, catalogue, pages)
        self._directory.add(part, catalogue, pages)

    def finish(self) -> None:
        """Write the trees that all plates share into the document."""
        from pikepdf import Array, Dictionary, Name, String

        root = self._document.make_indirect(
            Dictionary(
                Type=Name.StructTreeRoot,
                K=Array([self._top]),
                ParentTree=self._document.make_indirect(Dictionary(Nums=self._parents)),
                ParentTreeNextKey=self._next_parent,
            )
        )
        if self._ids:
            pairs = sorted(self._ids, key=lambda pair: pair[0])
            items: list[Any] = [item for key, cell in pairs for item in (String(key), cell)]
            names = Array(items)
            root.IDTree = Dictionary(Names=names)
        self._top.P = root
        self._document.Root.StructTreeRoot = root
        self._directory.finish()

    def _share_streams(self, part: Part, begin: int, pages: list[pikepdf.Page]) -> None:
        """Let the second use of a plate print the first one's ink, and all share their fonts."""
        first = self._first_use.setdefault(part.plate.pdf, begin)
        for number, page in enumerate(pages):
            if first != begin:
                twin = self._document.pages[first + number].obj
                page.obj.Contents, page.obj.Resources = twin.Contents, twin.Resources
            elif number == 0 or page.obj.Resources.objgen != pages[0].obj.Resources.objgen:
                self._shared.share(page.obj.Resources)

    def _add_structure(
        self,
        part: Part,
        source: _Source,
        catalogue: Any,  # noqa: ANN401
        pages: list[pikepdf.Page],
    ) -> None:
        """Hang a plate's elements under the document's, its numbers shifted behind the last ones.

        ISO 32000-1, 14.7.4.4: the numbers lead from marked content back to its elements.
        """
        from pikepdf import Name, String

        tree = catalogue.StructTreeRoot
        [element] = tree.K
        element.S, element.P = Name.Part, self._top
        element.T = String(part.title or part.plate.title)
        if "/Lang" in catalogue and str(catalogue.Lang) != self._language:
            element.Lang = catalogue.Lang
        self._top.K.append(element)
        numbers = list(tree.ParentTree.Nums)
        shift = self._next_parent
        for key, parents in zip(numbers[::2], numbers[1::2], strict=True):
            self._parents.extend([int(key) + shift, parents])
            self._next_parent = max(self._next_parent, int(key) + shift + 1)
        for page in pages:
            page.obj.StructParents = int(page.obj.StructParents) + shift
            for annotation in page.obj.get("/Annots", []):
                if "/StructParent" in annotation:
                    annotation.StructParent = int(annotation.StructParent) + shift
        for objgen in source.cells:
            cell = self._document.copy_foreign(source.pdf.get_object(objgen))
            self._rename_cell(part, cell)

    def _rename_cell(self, part: Part, cell: Any) -> None:  # noqa: ANN401
        """Make a table cell's id, and those of its headers, the plate's own."""
        from pikepdf import Array, String

        prefix = f"{part.name}/".encode()
        if "/ID" in cell:
            key = prefix + bytes(cell.ID)
            cell.ID = String(key)
            self._ids.append((key, cell))
        if "/Headers" in cell.get("/A", {}):
            headers = [String(prefix + bytes(header)) for header in cell.A.Headers]
            cell.A.Headers = Array(headers)


def _size_of(page: pikepdf.Page) -> tuple[float, float]:
    left, bottom, right, top = (float(edge) for edge in page.mediabox.as_list())
    return right - left, top - bottom
