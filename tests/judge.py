"""Judges of a finished PDF: each reads it back and names what is wrong with it."""

from __future__ import annotations

import io
import unicodedata
from typing import TYPE_CHECKING, Any

import page as validator
import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOOT = 46.0  # points: the imprint stands below, the page's text above (17 mm is 48.2)
SHOWS = {"Tj", "TJ", "'", '"', "Do", "INLINE IMAGE"}


# ── Words ─────────────────────────────────────────────────────────────────────────────────────────


def squeeze(text: str) -> str:
    """Return the letters and digits of a text: spaces, hyphens and capitals are the page's."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in plain if not (letter in "-‐‑" or letter <= " "))


def find_lost(wanted: Iterable[str], text: str) -> list[str]:
    """Return the texts that are not in the squeezed one."""
    return [each for each in wanted if squeeze(each) not in text]


def read_texts(pdf: bytes, password: str | None = None) -> list[str]:
    """Return each page's text above the foot, as PDFium reads it, squeezed."""
    document = pypdfium2.PdfDocument(pdf, password=password)
    try:
        return [squeeze(page.get_textpage().get_text_bounded(bottom=FOOT)) for page in document]
    finally:
        document.close()


def read_feet(pdf: bytes) -> list[str]:
    """Return each page's text below the page's own."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_bounded(top=FOOT).strip() for page in document]
    finally:
        document.close()


# ── Structure ─────────────────────────────────────────────────────────────────────────────────────


def find_faults(pdf: bytes) -> list[str]:
    """Return what is broken in a tagged document, beyond PDF/UA's rules.

    A validator passes a file whose second half is in no structure tree.
    """
    profile = validator.ValidationProfile.PDF_UA_1
    report = validator.validate_pdf_bytes(pdf, profile=profile)
    faults = [str(failure) for failure in report.failures]
    with pikepdf.open(io.BytesIO(pdf)) as document:
        faults += document.check_pdf_syntax()
        faults += _find_lost_content(document)
        faults += _find_lost_annotations(document)
        faults += _find_wrong_ids(document)
        faults += _find_dead_links(document)
    return faults


def list_elements(document: pikepdf.Pdf) -> Iterator[tuple[Any, Any]]:
    """Yield each structure element with its parent, in reading order."""

    def descend(parent: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401
        kids = parent.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                yield kid, parent
                yield from descend(kid)

    yield from descend(document.Root.StructTreeRoot)


def list_content(document: pikepdf.Pdf) -> list[tuple[int, int]]:
    """Return the page and number of each piece of marked content, in reading order."""
    pages = {page.obj.objgen: number for number, page in enumerate(document.pages)}
    found = []
    for element, _ in list_elements(document):
        kids = element.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, int):
                found.append((pages.get(element.Pg.objgen, -1), kid))
            elif "/MCID" in kid:
                found.append(
                    (pages.get(kid.get("/Pg", element.get("/Pg")).objgen, -1), int(kid.MCID))
                )
    return found


def _read_parents(document: pikepdf.Pdf) -> dict[int, Any]:
    numbers = list(document.Root.StructTreeRoot.ParentTree.Nums)
    assert [int(key) for key in numbers[::2]] == sorted({int(key) for key in numbers[::2]})
    return dict(zip(map(int, numbers[::2]), numbers[1::2], strict=True))


def _find_lost_content(document: pikepdf.Pdf) -> list[str]:
    """Compare what the pages mark, what the tree reaches, and where the numbers lead back."""
    parents, reached = _read_parents(document), list_content(document)
    faults = [f"twice in the tree: {spot}" for spot in set(reached) if reached.count(spot) > 1]
    marked = set()
    for number, page in enumerate(document.pages):
        for said in pikepdf.parse_content_stream(page, "BDC"):
            if str(said.operator) == "BDC" and "/MCID" in said.operands[1]:
                marked.add((number, int(said.operands[1].MCID)))
    faults += [f"not reached: {spot}" for spot in marked - set(reached)]
    faults += [f"not on the page: {spot}" for spot in set(reached) - marked]
    for number, mcid in marked & set(reached):
        obj = document.pages[number].obj
        back = list(parents[int(obj.StructParents)])
        if mcid >= len(back):
            faults.append(f"leads nowhere: {number}, {mcid}")
            continue
        element = back[mcid]
        kids = element.K if isinstance(element.K, pikepdf.Array) else [element.K]
        if mcid not in [kid for kid in kids if isinstance(kid, int)]:
            faults.append(f"leads back to a stranger: {number}, {mcid}")
        if element.Pg.objgen != obj.objgen:
            faults.append(f"leads back to another page: {number}, {mcid}")
    for element, parent in list_elements(document):
        if element.P.objgen != parent.objgen:
            faults.append(f"another parent: {element.S}")
    return faults


def _find_lost_annotations(document: pikepdf.Pdf) -> list[str]:
    parents, keys, faults = _read_parents(document), [], []
    for page in document.pages:
        keys += [int(page.obj.StructParents)] if "/StructParents" in page.obj else []
        for annotation in page.obj.get("/Annots", []):
            keys.append(int(annotation.StructParent))
            kids = parents[keys[-1]].K
            objects = [kid.Obj.objgen for kid in kids if not isinstance(kid, int) and "/Obj" in kid]
            if annotation.objgen not in objects:
                faults.append(f"annotation not reached: {annotation.get('/Contents')}")
    return faults + [f"two have the number {key}" for key in set(keys) if keys.count(key) > 1]


def _find_wrong_ids(document: pikepdf.Pdf) -> list[str]:
    cells = [element for element, _ in list_elements(document) if "/ID" in element]
    ids = [bytes(cell.ID) for cell in cells]
    faults = [f"id twice: {key!r}" for key in set(ids) if ids.count(key) > 1]
    for element, _ in list_elements(document):
        headers = element.get("/A", {}).get("/Headers", [])
        faults += [f"no such header: {key}" for key in headers if bytes(key) not in ids]
    root = document.Root.StructTreeRoot
    listed = [bytes(key) for key in list(root.IDTree.Names)[::2]] if "/IDTree" in root else []
    if listed != sorted(ids):
        faults.append("the ids' tree lists others")
    return faults


def _find_dead_links(document: pikepdf.Pdf) -> list[str]:
    pages = {page.obj.objgen for page in document.pages}
    names = list(document.Root.Names.Dests.Names)
    places = {
        bytes(name): place[0].objgen for name, place in zip(names[::2], names[1::2], strict=True)
    }
    faults = [f"leads to no page: {name!r}" for name, page in places.items() if page not in pages]
    if list(places) != sorted(places) or 2 * len(places) != len(names):
        faults.append("names are not in order, or not unique")
    links = [link for page in document.pages for link in page.obj.get("/Annots", [])]
    wanted = [bytes(link.Dest) for link in links if "/Dest" in link]
    return faults + [f"dead link: {name!r}" for name in wanted if name not in places]


def find_untagged(pdf: pikepdf.Pdf) -> list[str]:
    """Return what is shown on a page but is neither an artifact nor reached from the tags."""
    reached = _reached_marks(pdf)
    parents = _parents(pdf)
    found = []
    for number, page in enumerate(pdf.pages):
        key = page.obj.objgen
        for mark in _shown_marks(page):
            if mark is None:
                found.append(f"page {number + 1}: something is shown outside all marks")
            elif mark not in reached.get(key, set()):
                found.append(f"page {number + 1}: no element holds mark {mark}")
            elif parents.get(int(page.obj.get("/StructParents", -1)), {}).get(mark) is None:
                found.append(f"page {number + 1}: the parent tree does not know mark {mark}")
    return found


def _shown_marks(page: pikepdf.Page) -> Iterator[int | None]:
    """Yield the mark that each shown text or picture stands under; nothing for artifacts."""
    stack: list[tuple[str, int | None]] = []
    for instruction in pikepdf.parse_content_stream(page):
        operands, name = instruction.operands, str(instruction.operator)
        if name in {"BMC", "BDC"}:
            properties: Any = operands[1] if name == "BDC" else {}
            if isinstance(properties, pikepdf.Name):
                properties = page.resources.Properties[properties]
            mark = properties.get("/MCID") if name == "BDC" else None
            stack.append((str(operands[0]), None if mark is None else int(mark)))
        elif name == "EMC":
            stack.pop()
        elif name in SHOWS:
            if any(tag == "/Artifact" for tag, _ in stack):
                continue
            yield next((mark for _, mark in reversed(stack) if mark is not None), None)


def _reached_marks(pdf: pikepdf.Pdf) -> dict[tuple[int, int], set[int]]:
    """Return the marks that a walk from the structure tree's root reaches, by page."""
    reached: dict[tuple[int, int], set[int]] = {}
    waiting: list[tuple[Any, Any]] = [(pdf.Root.StructTreeRoot, None)]
    while waiting:
        node, page = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting.extend((kid, page) for kid in node)
        elif isinstance(node, int):
            reached.setdefault(page.objgen, set()).add(node)
        elif isinstance(node, pikepdf.Dictionary):
            page = node.get("/Pg", page)
            if "/MCID" in node:
                reached.setdefault(page.objgen, set()).add(int(node.MCID))
            elif "/K" in node:
                waiting.append((node.K, page))
    return reached


def _parents(pdf: pikepdf.Pdf) -> dict[int, dict[int, Any]]:
    """Return the element of each mark by the page's number in the parent tree."""
    tree: dict[int, dict[int, Any]] = {}
    waiting = [pdf.Root.StructTreeRoot.ParentTree]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.get("/Kids", []))
        entries: list[Any] = list(node.get("/Nums", []))
        for key, value in zip(entries[::2], entries[1::2], strict=True):
            if isinstance(value, pikepdf.Array):
                tree[int(key)] = dict(enumerate(value))
    return tree


# ── Paper ─────────────────────────────────────────────────────────────────────────────────────────


def find_loose_fonts(pdf: pikepdf.Pdf) -> list[str]:
    """Return every font that is used and not embedded."""
    loose = []
    for value in pdf.objects:
        if isinstance(value, pikepdf.Dictionary) and value.get("/Type") == "/Font":
            simple = value.get("/DescendantFonts", [value])[0]
            descriptor = simple.get("/FontDescriptor", pikepdf.Dictionary())
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor.keys()):
                loose.append(str(value.get("/BaseFont")))
    return loose


def find_outside(data: bytes) -> list[str]:
    """Return every object, by its kind, that leaves its page by more than half a point."""
    found = []
    document = pypdfium2.PdfDocument(data)
    for number, page in enumerate(document, 1):
        width, height = page.get_size()
        for item in page.get_objects(max_depth=1):
            left, bottom, right, top = item.get_bounds()
            if left < -0.5 or bottom < -0.5 or right > width + 0.5 or top > height + 0.5:
                found.append(f"page {number}: object of type {item.type}")
    document.close()
    return found


def lowest_ink(page: pypdfium2.PdfPage) -> float:
    """Return how far down the page there is ink above the foot: 0 is the top, 1 the bottom."""
    # A pixel a point: thinner rules would drown in the paper.
    picture = page.render(scale=1, crop=(0, FOOT, 0, 0)).to_pil().convert("L")
    ink = picture.point(lambda value: 255 if value < 225 else 0).getbbox()
    return ink[3] / page.get_height() if ink else 0.0


def find_blank_pages(pdf: bytes) -> list[int]:
    """Return the number of every page that has no ink above the foot."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [number for number, page in enumerate(document, 1) if not lowest_ink(page)]
    finally:
        document.close()


def find_small_text(pdf: bytes, least: float, least_in_foot: float = 12.0) -> list[str]:
    """Return the letters and digits of each page that are set smaller than they may be."""
    found = []
    matrix = pdfium.FS_MATRIX()
    document = pypdfium2.PdfDocument(pdf)
    for number, page in enumerate(document, 1):
        text = page.get_textpage()
        small = ""
        for index in range(text.count_chars()):
            letter = chr(pdfium.FPDFText_GetUnicode(text.raw, index))
            pdfium.FPDFText_GetMatrix(text.raw, index, matrix)
            size = pdfium.FPDFText_GetFontSize(text.raw, index) * abs(matrix.d)
            wanted = least if matrix.f > FOOT else least_in_foot
            small += letter if letter.isalnum() and size < wanted - 0.05 else ""
        found += [f"page {number}: {small}"] if small else []
    document.close()
    return found


# ── Finding one's way ─────────────────────────────────────────────────────────────────────────────


def list_bookmarks(pdf: bytes) -> list[tuple[str, int]]:
    """Return the words and the page of each bookmark at the top."""
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_outline() as outline:
        pages = {page.obj.objgen: number for number, page in enumerate(document.pages, 1)}
        places = _read_places(document)
        return [(item.title, pages[_find_place(item, places)[0].objgen]) for item in outline.root]


def _read_places(document: pikepdf.Pdf) -> dict[bytes, Any]:
    names = list(document.Root.Names.Dests.Names)
    return {bytes(name): place for name, place in zip(names[::2], names[1::2], strict=True)}


def _find_place(item: pikepdf.OutlineItem, places: dict[bytes, Any]) -> Any:  # noqa: ANN401
    place: Any = item.destination
    return place if isinstance(place, pikepdf.Array) else places[bytes(place)]


def read_contents(pdf: bytes, page: int) -> list[tuple[str, int, int]]:
    """Return of each line of contents on a page its words, the page it names, and where it leads.

    A line is a link, and a number at the end of the same line.
    """
    with pikepdf.open(io.BytesIO(pdf)) as document:
        pages = {each.obj.objgen: number for number, each in enumerate(document.pages, 1)}
        places = _read_places(document)
        links = [
            ([float(edge) for edge in link.Rect], pages[places[bytes(link.Dest)][0].objgen])
            for link in document.pages[page - 1].obj.get("/Annots", [])
            if "/Dest" in link
        ]
    read = pypdfium2.PdfDocument(pdf)
    text = read[page - 1].get_textpage()
    width = read[page - 1].get_width()
    lines = []
    for (left, bottom, right, top), leads in links:
        title = text.get_text_bounded(left, bottom, right, top).strip()
        number = text.get_text_bounded(width - 100, bottom, width, top).split()[-1]
        lines.append((title, int(number), leads))
    read.close()
    return lines
