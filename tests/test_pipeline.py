"""What comes out of the hops: every handout in every look, read back from the PDF itself."""

from __future__ import annotations

import io
import itertools
import os
import re
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import page as validator
import pikepdf
import pypdfium2
import pytest
import yaml

from handouts.assets import LIBRARY
from handouts.order import Look, Order
from handouts.pipeline import make_handouts
from handouts.problem import ExitCode, HandoutError, Report
from handouts.source.workspace import Workspace
from handouts.theme.chain import list_themes
from tests.judge import (
    find_loose_fonts,
    find_lost,
    find_outside,
    find_untagged,
    lowest_ink,
    read_feet,
    read_texts,
    squeeze,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLUGS = sorted(file.stem for file in (LIBRARY / "exercises").glob("*.yaml"))
PAPERS = {"a4": (595.28, 841.89), "letter": (612.0, 792.0)}  # points
LEVELS = {"avoid": "Avoid", "ask-first": "Ask first", "adapt": "Adapt"}
DIRECTIONS = {"easier": "Easier", "harder": "Harder", "other": "Another way"}


@dataclass(frozen=True)
class Combination:
    """One way to print: a value for each flag."""

    theme: str
    size: str
    ink: str
    paper: str
    detail: str

    def __str__(self) -> str:
        """Return the test's name for it."""
        return "-".join(vars(self).values())

    def flags(self) -> list[str]:
        """Return the words that ask for it on a command line."""
        return [word for key, value in vars(self).items() for word in (f"--{key}", value)]


COMBINATIONS = [
    Combination(*values)
    for values in itertools.product(
        [theme.name for theme in list_themes(None)],
        ["standard", "large"],
        ["colour", "mono"],
        PAPERS,
        ["essential", "full"],
    )
]
SHEETS = [each for each in COMBINATIONS if (each.size, each.detail) == ("standard", "essential")]


@dataclass(frozen=True)
class Document:
    """A finished handout, read back."""

    slug: str
    data: bytes

    @cached_property
    def texts(self) -> list[str]:
        """Each page's text above the foot."""
        return read_texts(self.data)

    @cached_property
    def feet(self) -> list[str]:
        """Each page's text below the page's own."""
        return read_feet(self.data)


def render(folder: Path, *words: str, **environment: str) -> dict[str, Document]:
    """Return what the real command makes of every exercise, with a cache of its own."""
    environment = {**os.environ, "HANDOUTS_CACHE_DIR": str(folder / "cache"), **environment}
    command = [sys.executable, "-m", "handouts", "render", "--all", "--output", str(folder)]
    done = subprocess.run(
        [*command, *words], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return {slug: Document(slug, (folder / f"{slug}.pdf").read_bytes()) for slug in SLUGS}


@pytest.fixture(scope="module")
def bindery(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[Combination, Future[dict[str, Document]]]]:
    """Make all that the chosen tests will read, two combinations at a time, each once."""
    specs = [item.callspec for item in request.session.items if hasattr(item, "callspec")]
    named = [spec.params["combination"] for spec in specs if "combination" in spec.params]
    chosen = sorted(set(named), key=COMBINATIONS.index)
    with ThreadPoolExecutor(max_workers=2) as workers:
        yield {
            each: workers.submit(render, tmp_path_factory.mktemp(str(each)), *each.flags())
            for each in chosen
        }
        workers.shutdown(cancel_futures=True)


@pytest.fixture(scope="module", params=COMBINATIONS, ids=str)
def combination(request: pytest.FixtureRequest) -> Combination:
    """Return one of all combinations."""
    chosen: Combination = request.param
    return chosen


@pytest.fixture(scope="module")
def documents(
    combination: Combination, bindery: dict[Combination, Future[dict[str, Document]]]
) -> list[Document]:
    """Return the five handouts of a combination."""
    return list(bindery[combination].result().values())


sheets = pytest.mark.parametrize("combination", SHEETS, ids=str, indirect=True)


# ── Structure ─────────────────────────────────────────────────────────────────────────────────────


def test_each_handout_is_pdf_ua_without_a_failed_rule(documents: list[Document]) -> None:
    profile = validator.ValidationProfile.PDF_UA_1
    for document in documents:
        report = validator.validate_pdf_bytes(document.data, profile=profile)
        assert report.is_compliant, (document.slug, report)


def test_the_validator_can_fail(documents: list[Document]) -> None:
    with pikepdf.open(io.BytesIO(documents[0].data)) as pdf:
        del pdf.Root.Lang
        del pdf.Root.MarkInfo
        cut = io.BytesIO()
        pdf.save(cut)
    profile = validator.ValidationProfile.PDF_UA_1
    assert not validator.validate_pdf_bytes(cut.getvalue(), profile=profile).is_compliant


def test_every_mark_is_reached_from_the_structure_tree(documents: list[Document]) -> None:
    for document in documents:
        with pikepdf.open(io.BytesIO(document.data)) as pdf:
            assert find_untagged(pdf) == [], document.slug


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """Return one handout in the default look."""
    folder = tmp_path_factory.mktemp("sheet")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANDOUTS_CACHE_DIR", str(folder))
        return Document("hip-hinge", make("hip-hinge"))


def make(slug: str, **look: str) -> bytes:
    """Return a handout made in this process."""
    workspace = Workspace()
    order = Order(workspace, {slug: workspace.exercise_file(slug)}, Look(**look))
    [(_, handout)] = make_handouts(order, Report())
    return handout.pdf


def test_a_branch_cut_from_the_structure_tree_is_found(sheet: Document) -> None:
    with pikepdf.open(io.BytesIO(sheet.data)) as pdf:
        assert find_untagged(pdf) == []
        root: Any = pdf.Root.StructTreeRoot.K
        document = root[0] if isinstance(root, pikepdf.Array) else root
        kids = document.K
        while len(kids) < 2:
            kids = kids[0].K
        del kids[-1]
        assert any("no element holds mark" in line for line in find_untagged(pdf))


def test_text_outside_all_marks_is_found(sheet: Document) -> None:
    with pikepdf.open(io.BytesIO(sheet.data)) as pdf:
        pdf.pages[0].contents_add(b"BT (lost) Tj ET")
        assert find_untagged(pdf) == ["page 1: something is shown outside all marks"]


def test_a_page_missing_from_the_parent_tree_is_found(sheet: Document) -> None:
    with pikepdf.open(io.BytesIO(sheet.data)) as pdf:
        pdf.Root.StructTreeRoot.ParentTree = pikepdf.Dictionary(Nums=[])
        assert any("parent tree" in line for line in find_untagged(pdf))


def test_title_author_language_and_bookmarks_are_there(documents: list[Document]) -> None:
    for document in documents:
        name = read_data(document.slug)["name"]
        with pikepdf.open(io.BytesIO(document.data)) as pdf:
            assert str(pdf.docinfo.Title) == name
            assert str(pdf.docinfo.Author) == "Exercise handout"
            assert str(pdf.Root.Lang) == "en"
            assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
            with pdf.open_outline() as outline:
                [top] = outline.root
                assert top.title == name
                below = [item.title for item in top.children]
        for heading in ("How to do it", "Who should avoid this", "Make it easier or harder"):
            assert heading in below


def test_all_fonts_are_embedded(documents: list[Document]) -> None:
    for document in documents:
        with pikepdf.open(io.BytesIO(document.data)) as pdf:
            assert find_loose_fonts(pdf) == [], document.slug


def test_a_font_that_is_not_embedded_is_found(sheet: Document) -> None:
    with pikepdf.open(io.BytesIO(sheet.data)) as pdf:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, BaseFont=pikepdf.Name.Helvetica)
        pdf.pages[0].add_resource(pdf.make_indirect(font), pikepdf.Name.Font)
        assert "/Helvetica" in find_loose_fonts(pdf)


# ── Paper ─────────────────────────────────────────────────────────────────────────────────────────


def test_pages_have_the_size_of_the_paper_and_nothing_leaves_them(
    combination: Combination, documents: list[Document]
) -> None:
    for document in documents:
        with pikepdf.open(io.BytesIO(document.data)) as pdf:
            for page in pdf.pages:
                box = [float(edge) for edge in page.mediabox.as_list()]
                assert box == pytest.approx([0, 0, *PAPERS[combination.paper]], abs=0.01)
                assert page.cropbox.as_list() == page.mediabox.as_list()
        assert find_outside(document.data) == [], document.slug


def test_what_leaves_the_page_is_found(sheet: Document) -> None:
    with pikepdf.open(io.BytesIO(sheet.data)) as pdf:
        pdf.pages[1].contents_add(b"/Artifact BMC 590 100 20 20 re f EMC")
        target = io.BytesIO()
        pdf.save(target)
    [line] = find_outside(target.getvalue())
    assert line.startswith("page 2")


@sheets
def test_the_essential_handout_fits_on_one_sheet(documents: list[Document]) -> None:
    assert {each.slug: len(each.texts) for each in documents} == dict.fromkeys(SLUGS, 2)


@sheets
def test_no_page_is_half_empty(documents: list[Document]) -> None:
    for document in documents:
        pdf = pypdfium2.PdfDocument(document.data)
        depths = [round(lowest_ink(page), 2) for page in pdf]
        pdf.close()
        assert min(depths) > 0.7, (document.slug, depths)


def test_a_half_empty_page_is_found() -> None:
    pdf = pypdfium2.PdfDocument.new()
    assert lowest_ink(pdf.new_page(595, 842)) == 0.0
    with pikepdf.new() as half:
        half.add_blank_page(page_size=(595, 842)).contents_add(b"0 500 595 342 re f")
        target = io.BytesIO()
        half.save(target)
    read = pypdfium2.PdfDocument(target.getvalue())
    assert lowest_ink(read[0]) == pytest.approx(0.41, abs=0.01)  # 342 of 842 points
    read.close()
    pdf.close()


@pytest.mark.parametrize("chosen", [SHEETS[0], COMBINATIONS[-1]], ids=str)
def test_equal_input_gives_equal_bytes(chosen: Combination, tmp_path: Path) -> None:
    """Whatever the seed of hashes, the time zone and the language of the process."""
    with ThreadPoolExecutor(max_workers=2) as workers:
        one = workers.submit(
            render, tmp_path / "1", *chosen.flags(), PYTHONHASHSEED="1", TZ="UTC", LC_ALL="C.UTF-8"
        )
        two = workers.submit(
            render, tmp_path / "2", *chosen.flags(), PYTHONHASHSEED="2", TZ="Asia/Tokyo"
        )
    assert one.result() == two.result()


# ── Words ─────────────────────────────────────────────────────────────────────────────────────────


@cache
def read_data(slug: str) -> dict[str, Any]:
    """Return an exercise as it stands in the file, every scalar a text."""
    file = LIBRARY / "exercises" / f"{slug}.yaml"
    data: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506  makes texts only
    return data


@cache
def read_list(name: str) -> dict[str, Any]:
    """Return one of the shared lists."""
    text = (LIBRARY / f"{name}.yaml").read_text(encoding="utf-8")
    rows: Any = yaml.load(text, yaml.BaseLoader)[name]  # noqa: S506  makes texts only
    return rows if isinstance(rows, dict) else {row["condition"]: row for row in rows}


def precaution_texts(slug: str) -> Iterator[str]:
    """Yield what the who-should-avoid box must say."""
    for row in read_data(slug)["avoid"]:
        yield read_list("conditions")[row["condition"]]["name"]
        shared = read_list("precautions").get(row["condition"], {})
        general = row.get("basis") == "general"
        yield shared["why"] if general else row["why"]
        yield row.get("instead") or (shared.get("instead", "") if general else "")
        yield "Ask first" if general else LEVELS[row["level"]]


def vital_texts(slug: str) -> Iterator[str]:
    """Yield every text of steps, errors, progressions and precautions."""
    data = read_data(slug)
    yield data["name"]
    yield data["summary"]
    yield data.get("breathing", "")
    yield from data.get("stop_if", [])
    for step in data["steps"]:
        yield from [step["title"], *step["do"], *step.get("cues", [])]
    for error in data["errors"]:
        yield from [error["name"], error["looks_like"], error["correction"], error.get("why", "")]
    for rung in data["progressions"]:
        yield from [rung["name"], rung["how"], DIRECTIONS[rung["direction"]]]
        yield from [rung.get("why", ""), rung.get("ready_when", "")]
    yield from precaution_texts(slug)


def all_texts(slug: str) -> Iterator[str]:
    """Yield everything that the data says, in the words of the page."""
    yield from vital_texts(slug)
    data = read_data(slug)
    yield data["position"]
    yield f"Version {data['version']}"
    for entries in data["muscles"].values():
        for entry in entries:
            name = entry if isinstance(entry, str) else entry["muscle"]
            yield read_list("muscles")[name]["name"]
            yield read_list("muscles")[name]["latin"]
            yield "" if isinstance(entry, str) else entry.get("does", "")
    doses = [*data.get("dose", {}).values(), *(r.get("dose", "") for r in data["progressions"])]
    for dose in doses:
        yield from re.findall(r"\d+(?:–\d+)?", dose)
    told = {
        "figures",
        "muscles",
        "avoid",
        "dose",
        "position",
        "version",
        "progressions",
        "steps",
        "errors",
    }
    for key, value in data.items():
        if key not in told:
            yield from leaves(value)


def leaves(value: Any) -> Iterator[str]:  # noqa: ANN401  whatever YAML holds
    """Yield every text inside, but for the keys and web addresses."""
    if isinstance(value, str):
        yield re.sub(r"^https?://(www\.)?|/$", "", value)
    else:
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)


def test_every_step_error_progression_and_precaution_is_printed(documents: list[Document]) -> None:
    for document in documents:
        assert find_lost(vital_texts(document.slug), "".join(document.texts)) == []


def test_the_full_handout_says_all_that_is_known(
    combination: Combination, documents: list[Document]
) -> None:
    if combination.detail == "essential":
        return  # the same documents serve both
    for document in documents:
        assert find_lost(all_texts(document.slug), "".join(document.texts)) == []


def test_a_lost_text_is_found(sheet: Document) -> None:
    whole = "".join(sheet.texts)
    assert find_lost(iter(["Not on the page at all."]), whole)
    background = read_data(sheet.slug)["suits"][0]["who"]
    assert background in find_lost(all_texts(sheet.slug), whole)


def test_who_should_avoid_it_stands_whole_on_the_front(documents: list[Document]) -> None:
    for document in documents:
        front, *rest = document.texts
        assert find_lost(precaution_texts(document.slug), front) == [], document.slug
        heading = squeeze("Who should avoid this")
        assert heading in front
        assert not any(heading in text for text in rest)


def test_each_page_says_its_number_and_the_exercise(documents: list[Document]) -> None:
    for document in documents:
        total = len(document.feet)
        for number, foot in enumerate(document.feet, 1):
            assert foot.startswith(read_data(document.slug)["name"])
            assert foot.endswith(f"Page {number} of {total}")


# ── The hops ──────────────────────────────────────────────────────────────────────────────────────


BROKEN = "name: Squat\nposition: upright\nsteps: []\n"


def test_the_problems_of_all_inputs_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "exercises").mkdir()
    (tmp_path / "handouts.toml").write_text('[print]\npaper = "a5"\n', encoding="utf-8")
    for slug in ("one", "two"):
        (tmp_path / "exercises" / f"{slug}.yaml").write_text(BROKEN, encoding="utf-8")
    workspace = Workspace(tmp_path, tmp_path / "handouts.toml")
    order = Order(workspace, {slug: workspace.exercise_file(slug) for slug in ("one", "two")})
    with pytest.raises(HandoutError) as caught:
        list(make_handouts(order, Report()))
    names = {str(problem.place).split(":")[0].split("/")[-1] for problem in caught.value.report}
    assert names == {"handouts.toml", "one.yaml", "two.yaml"}
    assert caught.value.exit_code is ExitCode.DATA


def test_what_stops_one_handout_does_not_hide_the_next_one(tmp_path: Path) -> None:
    """Each template that fails is reported; so is each exercise that it fails for."""
    parts = tmp_path / "templates" / "parts"
    parts.mkdir(parents=True)
    (parts / "tips.html.j2").write_text("", encoding="utf-8")
    workspace = Workspace(tmp_path)
    files = {slug: workspace.exercise_file(slug) for slug in SLUGS}
    report = Report()
    made = dict(make_handouts(Order(workspace, files, Look(detail="full")), report))
    with_tips = {slug for slug in SLUGS if read_data(slug).get("tips")}
    assert with_tips
    assert set(made) == set(SLUGS) - with_tips
    lost = {str(problem.place) for problem in report if problem.code == "text-lost"}
    assert {place.rpartition("/")[2] for place in lost} == {f"{slug}.yaml" for slug in with_tips}


def test_a_missing_engine_stops_at_the_first_handout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from handouts.press import engine

    def fail() -> None:
        raise OSError("no pango")

    monkeypatch.setenv("HANDOUTS_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(engine, "_import_quickly", fail)
    engine.load_engine.cache_clear()
    workspace = Workspace()
    order = Order(workspace, {slug: workspace.exercise_file(slug) for slug in SLUGS})
    report = Report()
    try:
        with pytest.raises(HandoutError) as caught:
            list(make_handouts(order, report))
    finally:
        engine.load_engine.cache_clear()
    assert caught.value.exit_code is ExitCode.ENGINE
    assert [problem.code for problem in caught.value.report] == ["engine-missing"]
