"""Plates to bind and to print feet on, and what is whole about a document of them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import page as validator
import pikepdf
import pytest

from handouts import assets
from handouts.model.markup import ImprintStyle, Markup
from handouts.order import Look, Order
from handouts.pipeline import dress, open_desk
from handouts.press.plate import Plate, lay_out
from handouts.problem import Report
from handouts.source.workspace import Workspace
from handouts.theme.styles import as_data_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SLUGS = ("hip-hinge", "single-leg-deadlift", "standing-hip-extension-hold")
FONT = assets.FONTS / "atkinson-hyperlegible-next" / "AtkinsonHyperlegibleNext-Regular.ttf"
SMALL = f"""\
@font-face {{ font-family: Own; src: url({as_data_address(FONT)}) }}
@page {{ size: 100mm 140mm; margin: 10mm }}
html {{ font: 12pt/1.4 Own }}
input, select, textarea {{ appearance: auto; font: inherit }}
"""


@pytest.fixture(scope="session")
def plates() -> list[Plate]:
    """Return real plates of two pages each, without feet."""
    workspace = Workspace()
    files = {slug: workspace.exercise_file(slug) for slug in SLUGS}
    desk = open_desk(Order(workspace, files, Look()), list(files), Report())
    return [lay_out(dress(desk, slug), None, Report()) for slug in SLUGS]


@pytest.fixture(scope="session")
def plate(plates: list[Plate]) -> bytes:
    """Return a real plate of two pages, without a foot."""
    return plates[0].pdf


@pytest.fixture(scope="session")
def small() -> Callable[..., Plate]:
    """Return a function that lays out the body of a small page, for real."""
    made: dict[tuple[str, ...], Plate] = {}

    def small(body: str, title: str = "A page", css: str = "", language: str = "en") -> Plate:
        key = (body, title, css, language)
        if key not in made:
            head = f"<title>{title}</title>"
            html = f'<!DOCTYPE html><html lang="{language}"><head>{head}</head><body>{body}</body>'
            style = ImprintStyle(FONT, "#000000", 12, 20, 10, "%(number)s/%(total)s", "%(name)s")
            markup = Markup(title, f"{html}</html>", SMALL + css, (), style)
            report = Report()
            made[key] = lay_out(markup, None, report)
            assert [str(problem) for problem in report] == []
        return made[key]

    return small


@pytest.fixture
def style() -> ImprintStyle:
    """Return the style of the default theme's foot."""
    return ImprintStyle(
        FONT, "#16191c", 12, 51, 25.5, "Page %(number)s of %(total)s", "For %(name)s"
    )


@pytest.fixture
def blank() -> Callable[..., bytes]:
    """Return a function that makes empty pages of the given sizes in points."""

    def blank(*sizes: tuple[float, float]) -> bytes:
        target = io.BytesIO()
        with pikepdf.new() as pdf:
            for size in sizes:
                pdf.add_blank_page(page_size=size)
            pdf.save(target)
        return target.getvalue()

    return blank


@pytest.fixture(scope="session")
def find_faults() -> Callable[[bytes], list[str]]:
    """Return a function that names what is broken in a tagged document, beyond PDF/UA's rules.

    A validator passes a file whose second half is in no structure tree.
    """

    def find_faults(pdf: bytes) -> list[str]:
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

    return find_faults


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


@pytest.fixture(scope="session")
def read_order() -> Callable[[bytes], list[tuple[int, int]]]:
    """Return a function that lists a document's marked content in reading order."""

    def read_order(pdf: bytes) -> list[tuple[int, int]]:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            return list_content(document)

    return read_order


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
