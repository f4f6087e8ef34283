"""Plates become one document a reader: in order, on the right side of the sheet, as was asked."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import page as validator
import pikepdf
import pypdfium2
import pytest

from handouts.booklet.bindery import Bindery, fill_booklet
from handouts.booklet.desk import open_desk
from handouts.booklet.plates import Pressed, Rack
from handouts.order import BookletOrder, Layout, Look
from handouts.problem import HandoutError, Report
from tests.booklet.conftest import EXERCISE, START, TINY, Document, make, write_workspace
from tests.judge import find_blank_pages, find_faults, read_contents, read_texts, squeeze

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from handouts.source.workspace import Workspace
    from tests.booklet.conftest import Run

    Bind = Callable[..., bytes]

OWN = {"Welcome", "Your week at a glance", "Stay safe", "Your log", "Well done"}


@pytest.fixture(scope="session")
def bind(tiny: Workspace) -> Bind:
    """Return a function that binds Sam's booklet of the tiny plan, its plates made once a look."""
    racks: dict[object, Rack] = {}

    def bind(**said: object) -> bytes:
        order = replace(BookletOrder(tiny, "tiny", chosen=("sam",)), **said)  # type: ignore[arg-type]
        desk = open_desk(order, Report())
        [reader] = desk.readers
        # All that a plate depends on beside its key is the order's: these flags change some.
        rack = racks.setdefault((order.fillable, order.layout, order.start), Rack())
        bindery = Bindery(desk, desk.find_look(reader), rack)
        rack.make(bindery.list_plates(reader))
        report = Report()
        master = bindery.make_master(reader, report)
        assert [str(problem) for problem in report] == []
        return fill_booklet(master, reader.name, order.password)

    return bind


# ── The order of the pages ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("layout", list(Layout))
def test_equal_orders_give_equal_bytes(bind: Bind, layout: Layout) -> None:
    assert bind(layout=layout) == bind(layout=layout)


def test_the_days_are_on_the_cover_or_there_is_room_for_them(bind: Bind) -> None:
    dated, open_ = (read_texts(bind(start=start))[0] for start in (START, None))
    assert squeeze("Begins 23 November 2026 Ends 6 December 2026") in dated
    assert squeeze("Begins Next check") in open_


@pytest.fixture
def clash(tmp_path: Path) -> Workspace:
    """Return a programme whose exercises are called as a booklet's own pages are."""
    slugs = ["log", "notes", "notes-1", "cover", "welcome", "week", "safety", "closing", "cards"]
    files = {
        f"exercises/{slug}.yaml": EXERCISE.format(name=f"The {slug} move", position="standing")
        for slug in slugs
    }
    rows = "\n".join(f"      - {{exercise: {slug}, dose: 2 × 9}}" for slug in slugs)
    files["programmes/clash.yaml"] = TINY.partition("      - ")[0] + rows
    return write_workspace(tmp_path, files)


def test_an_exercise_may_be_called_as_a_page_of_the_booklet_is(clash: Workspace) -> None:
    document = make(BookletOrder(clash, "clash"))["clash"]
    assert find_faults(document.pdf) == []
    lines = read_contents(document.pdf, 2)
    assert [(title, page, page) for title, page, _ in lines] == lines
    assert [title for title, _, _ in lines if title not in OWN] == [
        f"The {slug} move"
        for slug in ("log", "notes", "notes-1", "cover", "welcome", "week", "safety", "closing")
    ] + ["The cards move"]
    assert {title for title, _, _ in lines} >= OWN - {"Welcome"}


def test_a_workspace_may_link_to_the_week(tmp_path: Path) -> None:
    """As docs/themes.md says; unless an exercise is called so."""
    closing = '{% extends "base/booklet/closing.html.j2" %}{% block body %}{{ super() }}'
    closing += '<p><a href="plate:week">Look at your week</a></p>{% endblock %}'
    squat = EXERCISE.format(name="Squat", position="standing")
    files = {"programmes/tiny.yaml": TINY, "exercises/squat.yaml": squat}
    workspace = write_workspace(tmp_path, {**files, "templates/booklet/closing.html.j2": closing})
    document = make(BookletOrder(workspace, "tiny"))["tiny"]
    last = len(document.texts)
    assert read_links(document.pdf, last) == {document.find_page("Your week at a glance")}


def read_links(pdf: bytes, page: int) -> set[int]:
    """Return the pages to which the links of a page lead."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        names = list(document.Root.Names.Dests.Names)
        places = dict(zip(map(bytes, names[::2]), names[1::2], strict=True))
        pages = {each.obj.objgen: number for number, each in enumerate(document.pages, 1)}
        links: Any = document.pages[page - 1].obj.get("/Annots", [])
        return {pages[places[bytes(link.Dest)][0].objgen] for link in links if "/Dest" in link}


def test_contents_longer_than_a_page_still_name_the_right_ones(clash: Workspace) -> None:
    long = "introduction: |\n" + "  A line of welcome.\n\n" * 60
    (clash.root / "programmes" / "long.yaml").write_text(  # type: ignore[operator]
        (clash.root / "programmes" / "clash.yaml").read_text(encoding="utf-8") + "\n" + long,  # type: ignore[operator]
        encoding="utf-8",
    )
    document = make(BookletOrder(clash, "long"))["long"]
    pages = range(2, document.find_page("Your week at a glance"))
    assert len(pages) > 1
    lines = [line for page in pages for line in read_contents(document.pdf, page)]
    assert [(title, page) for title, page, _ in lines] == [
        (title, page) for title, page in document.bookmarks[2:] if title != "Notes"
    ]
    assert all(page == leads for _, page, leads in lines)


# ── Forms ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_log_can_be_filled_in(bind: Bind) -> None:
    pdf = bind(fillable=True)
    assert find_faults(pdf) == []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        fields = list(document.Root.AcroForm.Fields)
        names = [str(field.T) for field in fields]
        spoken = [str(field.TU) for field in fields]
        kinds = {str(field.FT) for field in fields}
    assert len(set(names)) == len(names) == 2 * 7  # weeks × days
    assert len(set(spoken)) == len(spoken)
    assert "Squat, week 2, Friday" in spoken
    assert kinds == {"/Btn"}


def test_without_being_asked_there_is_no_form(bind: Bind) -> None:
    with pikepdf.open(io.BytesIO(bind())) as document:
        assert "/AcroForm" not in document.Root


# ── The archive and the lock ──────────────────────────────────────────────────────────────────────


def test_an_archive_is_pdf_a_and_pdf_ua_with_the_clients_name(bind: Bind) -> None:
    pdf = bind(archive=True)
    profile = validator.ValidationProfile.PDF_A_2A
    assert find_faults(pdf) == []
    assert list(validator.validate_pdf_bytes(pdf, profile=profile).failures) == []
    assert validator.validate_pdf_bytes(bind(), profile=profile).failures
    assert all("Sam Green" in foot for foot in Document(pdf).feet)


def test_only_the_password_opens_it_and_a_screen_reader_may_read(bind: Bind) -> None:
    pdf = bind(password="correct horse")  # noqa: S106
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(pdf))
    with pikepdf.open(io.BytesIO(pdf), password="correct horse") as document:  # noqa: S106
        assert document.encryption.R == 6
        assert document.allow.accessibility
        assert not document.allow.modify_other
        assert "/StructTreeRoot" in document.Root
    assert b"Sam Green" not in pdf
    assert read_texts(pdf, "correct horse") == read_texts(bind())


@pytest.mark.parametrize("password", ["", "x" * 128, "a\nb"])
def test_a_password_that_would_not_open_it_is_refused(bind: Bind, password: str) -> None:
    with pytest.raises(HandoutError, match=r"bad-password.*--password: a password has"):
        bind(password=password)


# ── Half pages ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_a_folded_booklet_has_each_page_once_and_full_sheets(bind: Bind, paper: str) -> None:
    pdf = bind(layout=Layout.FOLDED, look=Look(paper=paper))
    document = pypdfium2.PdfDocument(pdf)
    halves = []
    for page in document:
        width, height = page.get_size()
        assert width > height
        text = page.get_textpage()
        for left, right in ((0, width / 2), (width / 2, width)):
            halves.append(text.get_text_bounded(left, 0, right, height).split())
    sides = len(document)
    document.close()
    assert sides % 2 == 0  # two sides a sheet: four pages
    numbers = [(int(words[-3]), int(words[-1])) for words in halves]
    total = 2 * sides
    assert sorted(numbers) == [(number, total) for number in range(1, total + 1)]
    # The fold: beside the cover stands the last page.
    assert [number for number, _ in numbers[:4]] == [total, 1, 2, total - 1]
    assert find_blank_pages(pdf) == []
    with pikepdf.open(io.BytesIO(pdf)) as sheets:
        assert all(b"/Marks Do" in page.Contents.read_bytes() for page in sheets.pages)
        assert str(sheets.Root.ViewerPreferences.Duplex) == "/DuplexFlipShortEdge"


# ── What stops a booklet ──────────────────────────────────────────────────────────────────────────

BOX = '<section class="avoid" id="avoid"><h2>Who should avoid this</h2><ul>{% for row in exercise.'
BOX += "avoid %}<li>{{ row.condition | condition_name }}, {{ row.level | term }}. {{ row.why }}"
BOX += "{{ row.instead }}</li>{% endfor %}{% for reason in exercise.stop_if %}<li>{{ reason }}</li>"
BOX += "{% endfor %}</ul></section>"


def make_with(root: Path, template: str, text: str, *clients: str) -> Run:
    """Return what comes of the tiny plan where a workspace has a template of its own."""
    squat = EXERCISE.format(name="Squat", position="standing")
    rows = "id,name,conditions\nsam,Sam Green,none\nann,Ann Lee,backache\n"
    files = {"programmes/tiny.yaml": TINY, "exercises/squat.yaml": squat, "clients.csv": rows}
    workspace = write_workspace(root, {**files, f"templates/{template}": text})
    return make(BookletOrder(workspace, "tiny", chosen=clients))


def test_a_theme_that_drops_the_advice_stops_the_booklets_that_need_it(tmp_path: Path) -> None:
    run = make_with(tmp_path, "parts/avoid.html.j2", BOX, "sam", "ann")
    assert list(run.documents) == ["tiny-sam"]
    [problem] = run.report
    assert problem.code == "text-lost"
    assert "for-you[0]" in str(problem)
    assert str(problem.place).endswith("squat.yaml")


@pytest.mark.parametrize(
    ("template", "text", "lost"),
    [
        ("booklet/safety.html.j2", "stop_if", "Your knee clicks."),
        ("booklet/week.html.j2", "tasks[0].week-1.dose", "2 sets of 9"),
        ("booklet/log.html.j2", "tasks[0].week-2.dose", "3 sets of 9"),
        ("booklet/welcome.html.j2", "contents.", "Your log"),
        ("booklet/cover.html.j2", "goal", "Sit and stand."),
    ],
)
def test_a_theme_that_drops_what_must_be_read_is_stopped(
    tmp_path: Path, template: str, text: str, lost: str
) -> None:
    bare = '{% extends "booklet/page.html.j2" %}{% block body %}<h1>{{ title }}</h1>{% endblock %}'
    run = make_with(tmp_path, template, bare)
    assert run.documents == {}
    found = [str(problem) for problem in run.report if problem.code == "text-lost"]
    assert any(text in line and lost in line for line in found), found


def test_a_plate_that_could_not_be_made_stops_only_its_readers(tiny: Workspace) -> None:
    desk = open_desk(BookletOrder(tiny, "tiny", chosen=("sam",)), Report())
    [reader] = desk.readers
    rack = Rack()
    bindery = Bindery(desk, desk.find_look(reader), rack)

    def fail() -> Pressed:
        report = Report()
        report.add("layout-failed", "no pages")
        return Pressed(None, report)

    rack.make(dict.fromkeys(bindery.list_plates(reader), fail))
    with pytest.raises(HandoutError, match="layout-failed"):
        bindery.make_master(reader, Report())
