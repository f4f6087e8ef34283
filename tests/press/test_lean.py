"""What is left out of a PDF changes neither the print nor the text, and the tags are simpler."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pikepdf
import pypdfium2
import pytest
from PIL import ImageChops

from handouts.bind.join import bind_plates
from handouts.bind.part import Part
from handouts.press import write
from tests.judge import find_faults, list_elements, read_texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.press.plate import Plate
    from handouts.problem import Report

    Press = Callable[..., tuple[Plate, Report]]

ICON = (
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9' width='9' "
    "height='9'><circle cx='4' cy='4' r='3' fill='%23a00' stroke='%23000'/></svg>"
)
ICONS = f".icon {{ background: url(&quot;{ICON}&quot;) no-repeat; height: 12pt }}".replace(
    "&quot;", '"'
)
BODIES = {
    "lines": "<p>" + "Stand tall and hold on to the wall. " * 6 + "</p>",
    "icons": '<p class="icon">One</p><p class="icon">Two</p><p class="icon">Three</p>',
    "bold": "<p>Stand <b>tall</b>, <i>and <b>hold</b></i> on.</p><div>A <b>word</b></div>",
    "wrappers": "<main><div><div><header><h1>A</h1></header><p>B</p></div></div></main>",
    "lists": "<ul><li>One</li><li>Two <b>bold</b><ul><li>In it</li></ul></li></ul>",
    "table": "<table><tr><th scope=row>A<td><div>B</div><div>C</div><td><p>D</p></table>",
    "links": '<p id="a">Go <a href="#b">there</a> now.</p><p id="b">And <a href="#a">back</a></p>',
    "empty": "<div></div><p><span></span>A<span class='icon'></span></p><section></section>",
    "pages": "<div>" + "<p>Step after step after step.</p>" * 30 + "</div>",
    "figure": '<svg viewBox="0 0 9 9" width="40"><title>A</title><circle r="4" fill="red"/></svg>',
    "faded": '<div style="opacity: .5" class="icon"></div><p class="icon">Whole</p>',
    "kerned": "<p>AVATAR To Ty We fi ffl</p>",
}


@pytest.fixture(params=BODIES)
def both(
    request: pytest.FixtureRequest, press: Press, monkeypatch: pytest.MonkeyPatch
) -> tuple[Plate, Plate]:
    """Return a page as the engine would write it, and as we do."""
    body = BODIES[request.param]
    ours, _ = press(body, ICONS)
    monkeypatch.setattr(write, "trim_pdf", lambda _: None)
    plain, _ = press(body, ICONS)
    return plain, ours


def test_the_print_is_the_same_to_the_last_dot_and_so_is_the_text(
    both: tuple[Plate, Plate],
) -> None:
    plain, ours = (pypdfium2.PdfDocument(plate.pdf) for plate in both)
    assert len(plain) == len(ours)
    for before, after in zip(plain, ours, strict=True):
        pictures = [page.render(scale=3).to_pil() for page in (before, after)]
        extremes = ImageChops.difference(*pictures).getextrema()
        # Of 255, at the edges of icons; the types know of pictures in one colour as well.
        assert max(most for _, most in extremes) <= 2  # type: ignore[misc]
    assert read_texts(both[0].pdf) == read_texts(both[1].pdf)


def test_every_mark_is_reached_from_the_tags_and_leads_back(both: tuple[Plate, Plate]) -> None:
    assert find_faults(bind_plates([Part(both[1], "a")], "T", "en")) == []


def test_it_has_not_become_larger(both: tuple[Plate, Plate]) -> None:
    assert _weigh(both[1].pdf) <= _weigh(both[0].pdf)


@pytest.mark.parametrize(
    ("body", "tree"),
    [
        (BODIES["lines"], "P"),
        (BODIES["bold"], "P P"),
        (BODIES["wrappers"], "Part(H1 P)"),
        (BODIES["lists"], "L(LI(Lbl LBody) LI(Lbl LBody) L(LI(Lbl LBody)))"),
        (BODIES["table"], "Table(TBody(TR(TH TD(P P) TD(P))))"),
        ("<div>One<div>Two</div></div>", "P P"),
        ("<div><b>A</b> word<br><b>B</b></div>", "P"),
        ('<p>Go <a href="#x">to it</a></p><p id="x">X</p>', "P(Link(OBJR)) P"),
        ("<blockquote>Said</blockquote>", "BlockQuote(Span)"),
    ],
)
def test_what_holds_text_is_a_paragraph_and_what_says_nothing_is_not_there(
    press: Press, body: str, tree: str
) -> None:
    plate, _ = press(body)
    with pikepdf.open(io.BytesIO(plate.pdf)) as document:
        [top] = document.Root.StructTreeRoot.K
        assert _draw(top) == f"Document({tree})"


def test_an_element_with_a_language_or_a_name_of_its_own_stays(press: Press) -> None:
    plate, _ = press('<p>A</p><table><tr><th scope="row">B<td>C</table>')
    with pikepdf.open(io.BytesIO(plate.pdf)) as document:
        cells = [one for one, _ in list_elements(document) if one.get("/S") in {"/TH", "/TD"}]
        assert len(cells) == 2
        assert "/ID" in cells[0]
        assert "/Headers" in cells[1].A


def test_an_icon_is_in_the_page_and_what_is_half_seen_through_stays_a_group(press: Press) -> None:
    plate, _ = press(BODIES["icons"], ICONS)
    faded, _ = press(BODIES["faded"], ICONS)
    with pikepdf.open(io.BytesIO(plate.pdf)) as document:
        assert "/XObject" not in document.pages[0].Resources or not [
            *document.pages[0].Resources.XObject.keys()
        ]
    with pikepdf.open(io.BytesIO(faded.pdf)) as document:
        assert any("/Group" in form for form in document.pages[0].Resources.XObject.values())


def test_a_page_ends_with_the_state_that_it_began_with(press: Press) -> None:
    """What is laid over a page later counts in its points, whatever the page has done."""
    plate, _ = press(BODIES["icons"], ICONS)
    depth = 0
    with pikepdf.open(io.BytesIO(plate.pdf)) as document:
        operators = [str(step.operator) for step in pikepdf.parse_content_stream(document.pages[0])]
    for number, operator in enumerate(operators):
        assert depth > 0 or number == 0
        depth += {"q": 1, "Q": -1}.get(operator, 0)
    assert depth == 0


def _weigh(pdf: bytes) -> int:
    """Return how many bytes it has once all that nobody refers to is gone."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return len(target.getvalue())


def _draw(element: Any) -> str:  # noqa: ANN401
    kids = element.get("/K", [])
    kids = kids if isinstance(kids, pikepdf.Array) else [kids]
    inner = " ".join(_draw(kid) for kid in kids if isinstance(kid, pikepdf.Dictionary))
    name = str(element.get("/S", element.get("/Type")))[1:]
    return f"{name}({inner})" if inner else name
