"""Turn the plates' destinations, links, bookmarks and form fields into those of one document."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from handouts.bind.share import digest_font
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pikepdf

    from handouts.bind.part import Part

_SCHEME = "plate:"
# The font in a field's appearance (ISO 32000-1, 12.7.3.3): "/Name 12 Tf".
_FONT = re.compile(r"/(\S+)(?=\s+[-+.\d]+\s+Tf\b)")


class Directory:
    """All by which a reader of a document finds a place in it, or fills one in."""

    def __init__(self, document: pikepdf.Pdf) -> None:
        """Begin the directory of a document without pages."""
        from pikepdf import Array, Dictionary

        self._document = document
        self._places: dict[str, Any] = {}
        self._titles: dict[str, str] = {}
        self._calls: list[tuple[str, Any]] = []
        self._bookmarks: list[Any] = []
        self._fields = Array()
        self._resources = Dictionary()
        self._needs_appearances = False

    def add(self, part: Part, catalogue: Any, pages: Sequence[pikepdf.Page]) -> None:  # noqa: ANN401
        """Add what a plate's copied catalogue and pages say."""
        from pikepdf import Array, Name, String

        title = part.title or part.plate.title
        begin = Array([pages[0].obj, Name.XYZ, None, pages[0].mediabox[3], None])
        self._places[part.name] = begin
        self._titles[part.name] = title
        names = list(catalogue.get("/Names", {}).get("/Dests", {}).get("/Names", []))
        for name, place in zip(names[::2], names[1::2], strict=True):
            self._places[f"{part.name}/{name}"] = place
        for page in pages:
            for annotation in page.obj.get("/Annots", []):
                if "/Dest" in annotation:
                    annotation.Dest = String(f"{part.name}/{annotation.Dest}")
                elif (address := _read_address(annotation)).startswith(_SCHEME):
                    self._calls.append((address, annotation))
        self._bookmarks.append(self._add_bookmark(title, begin, catalogue.get("/Outlines")))
        if "/AcroForm" in catalogue:
            self._add_form(part, catalogue.AcroForm)

    def finish(self) -> None:
        """Write all into the document.

        Raises:
            HandoutError: ``dead-link``.
        """
        from pikepdf import Array, Dictionary, Name, String

        for address, annotation in self._calls:
            self._connect(address, annotation)
        root = self._document.Root
        places = sorted((bytes(String(name)), name) for name in self._places)
        pairs = [item for _, name in places for item in (String(name), self._places[name])]
        root.Names = Dictionary(Dests=Dictionary(Names=Array(pairs)))
        outlines = self._document.make_indirect(Dictionary(Type=Name.Outlines))
        # ISO 32000-1, 12.3.3: the root counts the items that one sees; the plates' are closed.
        _chain(outlines, self._bookmarks, len(self._bookmarks))
        root.Outlines = outlines
        if self._fields:
            form = Dictionary(Fields=self._fields, DR=self._resources)
            if self._needs_appearances:
                form.NeedAppearances = True
            root.AcroForm = form

    def _connect(self, address: str, annotation: Any) -> None:  # noqa: ANN401
        """Let a link of one plate lead into another."""
        from pikepdf import String

        name, _, inner = address.removeprefix(_SCHEME).partition("#")
        place = f"{name}/{inner}" if inner else name
        if place not in self._places:
            raise HandoutError.of(
                "dead-link",
                f'the link "{address}" leads to no page of this document',
                hint=f"what can be named is: {', '.join(sorted(self._titles))}",
            )
        del annotation["/A"]
        annotation.Dest = String(place)
        # What a screen reader says of the link (ISO 14289-1, 7.18.5): words, not an address.
        annotation.Contents = String(self._titles[name])

    def _add_bookmark(self, title: str, begin: Any, outlines: Any) -> Any:  # noqa: ANN401
        """Return a plate's bookmark, its own bookmarks inside.

        Where the plate's only one at the top has the same words, as a title has, it is this one.
        """
        from pikepdf import Dictionary, String

        items = list(_list_siblings(outlines))
        if len(items) == 1 and str(items[0].Title).strip() == title.strip():
            [bookmark] = items
            items = list(_list_siblings(bookmark))
        else:
            bookmark = self._document.make_indirect(Dictionary(Title=String(title), Dest=begin))
        for key in ("/Prev", "/Next", "/First", "/Last", "/Count"):
            if key in bookmark:
                del bookmark[key]
        if items:
            # Negative: closed, so that one sees the plates' titles first.
            _chain(bookmark, items, -sum(1 + max(0, int(item.get("/Count", 0))) for item in items))
        return bookmark

    def _add_form(self, part: Part, form: Any) -> None:  # noqa: ANN401
        """Add a plate's fields under names of their own: equal names would share what is typed."""
        from pikepdf import Dictionary, String

        resources = form.get("/DR", Dictionary())
        self._needs_appearances |= bool(form.get("/NeedAppearances", False))
        for key in ("/ExtGState", "/ColorSpace"):
            kept = self._list_resources(key)
            for name, value in resources.get(key, {}).items():
                if name not in kept:
                    kept[name] = value
        fonts = resources.get("/Font", {})
        for field in form.Fields:
            # A full stop stands between the names of a field and its parent (12.7.3.2).
            field.T = String(f"{part.name}/{field.get('/T', '')}".replace(".", "-"))
            if "/DA" in field:
                style = _FONT.sub(lambda found: self._keep_font(found[1], fonts), str(field.DA))
                field.DA = String(style)
            self._fields.append(field)

    def _keep_font(self, name: str, fonts: Any) -> str:  # noqa: ANN401
        """Return the name under which all fields of the document find a plate's font."""
        kept = self._list_resources("/Font")
        font = fonts[f"/{name}"]
        wanted = digest_font(font)
        key, number = f"/{name}", 1
        while key in kept and digest_font(kept[key]) != wanted:
            number += 1
            key = f"/{name}-{number}"
        if key not in kept:
            kept[key] = font
        return key

    def _list_resources(self, key: str) -> Any:  # noqa: ANN401
        from pikepdf import Dictionary

        if key not in self._resources:
            self._resources[key] = Dictionary()
        return self._resources[key]


def _read_address(annotation: Any) -> str:  # noqa: ANN401
    return str(annotation.get("/A", {}).get("/URI", ""))


def _list_siblings(parent: Any) -> list[Any]:  # noqa: ANN401
    """Return the bookmarks directly under one, or under the root of all."""
    item = parent.get("/First") if parent is not None else None
    found = []
    while item is not None:
        found.append(item)
        item = item.get("/Next")
    return found


def _chain(parent: Any, items: Sequence[Any], count: int) -> None:  # noqa: ANN401
    """Hang bookmarks under one, each tied to the next."""
    for item, following in pairwise(items):
        item.Next, following.Prev = following, item
    for item in items:
        item.Parent = parent
    parent.First, parent.Last, parent.Count = items[0], items[-1], count
