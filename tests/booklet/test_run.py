"""What comes out of an order for booklets, read back from the PDFs themselves."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pikepdf
import pypdfium2
import pytest
import yaml

from handouts.assets import LIBRARY
from handouts.model.dose import parse_dose
from handouts.theme.chain import make_chain
from handouts.theme.phrasing import say_dose
from handouts.theme.words import read_words
from tests.judge import (
    find_blank_pages,
    find_faults,
    find_loose_fonts,
    find_lost,
    find_outside,
    find_small_text,
    find_untagged,
    list_content,
    lowest_ink,
    read_contents,
    squeeze,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.booklet.conftest import Document, Run

SHIPPED = ("balance", "hip-strength-beginners", "runners-hips")
OWN = ("Welcome", "Your week at a glance", "Stay safe", "Your log", "Well done")
LARGE = {"rich-liz"}
LETTER = {"rich-liz", "balance"}
RICH = "Hips and balance"
WEEK, SAFE, LOG = OWN[1:4]
PROGRAMMES = [
    yaml.safe_load((LIBRARY / "programmes" / f"{slug}.yaml").read_text(encoding="utf-8"))
    | {"slug": slug}
    for slug in SHIPPED
]


@pytest.fixture(scope="session")
def documents(
    roster_run: Run, shipped_runs: dict[str, Run], extreme_runs: dict[str, Run]
) -> dict[str, Document]:
    """Return every booklet, by the name of its file."""
    runs = [roster_run, *shipped_runs.values(), *extreme_runs.values()]
    return {name: each for run in runs for name, each in run.documents.items()}


# ── Structure ─────────────────────────────────────────────────────────────────────────────────────


def test_all_that_was_ordered_is_there(documents: dict[str, Document]) -> None:
    clients = {f"rich-{client}" for client in ("sam", "zoe", "ann", "vic", "liz")}
    assert documents.keys() == clients | {*SHIPPED, "long", "wide"}


def test_each_booklet_is_pdf_ua_with_every_mark_link_and_id_whole(
    documents: dict[str, Document],
) -> None:
    for name, document in documents.items():
        assert find_faults(document.pdf) == [], name
        with document.open() as pdf:
            assert find_untagged(pdf) == [], name
            assert find_loose_fonts(pdf) == [], name


def test_it_is_read_in_the_order_of_its_pages(documents: dict[str, Document]) -> None:
    for name, document in documents.items():
        with document.open() as pdf:
            pages = [page for page, _ in list_content(pdf)]
            total = len(pdf.pages)
        assert pages == sorted(pages), name
        assert set(pages) == set(range(total)), name


def test_bookmarks_lead_to_each_part_in_order(documents: dict[str, Document]) -> None:
    for name, document in documents.items():
        titles = [title for title, _ in document.bookmarks]
        pages = [page for _, page in document.bookmarks]
        assert pages == sorted(pages), name
        assert [title for title in titles if title in OWN] == [*OWN], name
        for title, page in document.bookmarks:
            assert squeeze(title) in document.texts[page - 1], (name, title)


def test_the_contents_name_the_pages_to_which_they_and_the_bookmarks_lead(
    documents: dict[str, Document],
) -> None:
    for name, document in documents.items():
        pages = range(document.find_page("Welcome"), document.find_page(WEEK))
        lines = [line for page in pages for line in read_contents(document.pdf, page)]
        cover = document.bookmarks[0][0]
        wanted = [
            (title, page, page)
            for title, page in document.bookmarks
            if title not in {cover, "Welcome", "Notes"}
        ]
        assert lines == wanted, name


def test_the_week_leads_to_its_exercises(roster_run: Run) -> None:
    document = roster_run["rich-sam"]
    with document.open() as pdf:
        places = list(pdf.Root.Names.Dests.Names)
        leads = dict(zip(map(bytes, places[::2]), places[1::2], strict=True))
        pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages, 1)}
        links = [
            (str(link.Contents), pages[leads[bytes(link.Dest)][0].objgen])
            for page in pdf.pages[document.find_page(WEEK) - 1 : document.find_page(SAFE) - 1]
            for link in page.obj.get("/Annots", [])
        ]
    # A name that runs over the line is a link on each line of it.
    assert list(dict.fromkeys(title for title, _ in links)) == [*ASKED]
    assert set(links) == {(title, document.find_page(title)) for title, _ in links}


def test_language_title_and_author_are_said(documents: dict[str, Document]) -> None:
    for name, document in documents.items():
        with document.open() as pdf:
            assert str(pdf.Root.Lang) == "en"
            assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
            assert str(pdf.Root.ViewerPreferences.Duplex) == "/DuplexFlipLongEdge"
            author = "" if name in SHIPPED else "Ann Example"
            assert str(pdf.docinfo.get("/Author", "")) == author, name
            assert document.bookmarks[0][0] in str(pdf.docinfo.Title)
    with documents["rich-zoe"].open() as pdf:
        assert str(pdf.docinfo.Title) == f"{RICH} – Zoë Brontë"


# ── Paper ─────────────────────────────────────────────────────────────────────────────────────────


def test_pages_have_the_size_of_each_readers_paper_and_nothing_leaves_them(
    documents: dict[str, Document],
) -> None:
    for name, document in documents.items():
        wanted = [0, 0, 612, 792] if name in LETTER else [0, 0, 595.28, 841.89]
        with document.open() as pdf:
            for page in pdf.pages:
                edges = [float(edge) for edge in page.mediabox.as_list()]
                assert edges == pytest.approx(wanted, abs=0.01), name
        assert find_outside(document.pdf) == [], name


def test_type_is_as_large_as_the_reader_needs(documents: dict[str, Document]) -> None:
    for name, document in documents.items():
        assert find_small_text(document.pdf, 18 if name in LARGE else 12) == [], name


def test_small_type_is_found(documents: dict[str, Document]) -> None:
    page_one = find_small_text(documents["rich-sam"].pdf, 12.5)[0]
    assert page_one.startswith("page 1: ExamplePhysio")
    assert "Hipsandbalance" not in page_one
    assert len(find_small_text(documents["rich-sam"].pdf, 12, 12.5)) == 15


def test_exercises_and_log_begin_on_the_front_of_a_sheet(documents: dict[str, Document]) -> None:
    for name, document in documents.items():
        for title, page in document.bookmarks[1:]:
            if title not in {*OWN, "Notes"} or title == LOG:
                assert page % 2 == 1, (name, title, page)


def test_no_page_is_blank_and_no_sheet_is_wasted(documents: dict[str, Document]) -> None:
    for name, document in documents.items():
        assert find_blank_pages(document.pdf) == [], name
        notes = [page for title, page in document.bookmarks if title == "Notes"]
        # A page to write on stands only on the back, where a page would be blank.
        assert all(page % 2 == 0 for page in notes), name
        assert len(document.texts) not in notes, name


def test_a_blank_page_is_found() -> None:
    target = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.add_blank_page(page_size=(595, 842)).contents_add(b"0 500 595 342 re f")
        pdf.save(target)
    assert find_blank_pages(target.getvalue()) == [1]


def test_exercises_in_standard_print_keep_to_one_sheet(documents: dict[str, Document]) -> None:
    for name in documents.keys() - LARGE:
        for (title, begin), (_, end) in pairwise(documents[name].bookmarks[1:]):
            if title not in {*OWN, "Notes"}:
                assert end - begin == 2, (name, title)


def test_shipped_booklets_have_no_page_that_is_all_but_empty(
    shipped_runs: dict[str, Run],
) -> None:
    for run in shipped_runs.values():
        for name, document in run.documents.items():
            pdf = pypdfium2.PdfDocument(document.pdf)
            depths = [round(lowest_ink(page), 2) for page in pdf]
            pdf.close()
            assert min(depths) > 0.5, (name, depths)


def test_each_page_says_whose_it_is_and_which(documents: dict[str, Document]) -> None:
    names = {"sam": "Sam Green", "zoe": "Zoë Brontë", "ann": "Ann Lee", "vic": "Vic Moss"}
    for client, name in names.items():
        feet = documents[f"rich-{client}"].feet
        for number, foot in enumerate(feet, 1):
            wanted = f"{RICH} · For {name} · Ann Example Page {number} of {len(feet)}"
            assert " ".join(foot.split()) == wanted
    feet = documents["rich-liz"].feet
    for number, foot in enumerate(feet, 1):
        assert "Elizabeth Moore" in foot
        assert foot.endswith(f"Page {number} of {len(feet)}")


def test_a_booklet_of_nobody_says_which_programme_on_each_page(
    shipped_runs: dict[str, Run],
) -> None:
    feet = shipped_runs["balance"]["balance"].feet
    for number, foot in enumerate(feet, 1):
        assert " ".join(foot.split()) == f"Better balance Page {number} of {len(feet)}"


# ── What is prescribed ────────────────────────────────────────────────────────────────────────────

HINGE = ["2 sets of 11", "3 sets of 13", "4 sets of 6", "1 set of 22", "Add a load"]
HINGE += ["Your back stays flat as a board.", "Thirteen feel like five.", "Face the long mirror."]
THRUST = ["left side", "right side", "2 sets of 7", "At least 5 times", "3 sets of 14"]
THRUST += ["The left one is the weak one.", "Your hips stay level."]
HOLD = ["5–10 seconds, each leg", "Supported hold", "2–3 sets of 15–30 seconds, each leg"]
HOLD += ["Nothing in you sways."]
ASKED = {
    "Hip hinge": HINGE,
    "Chair squat": THRUST,
    "Standing hip extension hold": HOLD,
}


@pytest.mark.parametrize("client", ["sam", "ann", "vic", "liz"])
def test_all_that_is_asked_is_read_in_the_week_and_with_the_exercise(
    roster_run: Run, client: str
) -> None:
    document = roster_run[f"rich-{client}"]
    sessions = ["Morning round", "Evening round", "Monday, Thursday"]
    everything = [line for lines in ASKED.values() for line in lines]
    assert find_lost([*sessions, *everything], document.read_part(WEEK)) == []
    for title, lines in ASKED.items():
        assert find_lost(lines, document.read_part(title)) == [], title
    doses = [line for line in everything if line[0].isdigit()]
    assert find_lost([*ASKED, *doses, *sessions[:2]], document.read_part(LOG)) == []


def test_cover_and_opening_say_what_the_programme_says(roster_run: Run) -> None:
    document = roster_run["rich-zoe"]
    cover = ["Hips and balance", "Walk up a hill without a rest.", "Zoë Brontë", "8 weeks"]
    cover += ["23 November 2026", "17 January 2027", "18 January 2027", "Ann Example"]
    assert find_lost([*cover, "Example Physio", "+44 20 7946 0000"], document.texts[0]) == []
    welcome = document.read_part("Welcome")
    assert find_lost(["We meet your hips slowly.", "Put a chair beside you."], welcome) == []
    assert find_lost(["Your hips will thank you.", "Version 2."], document.texts[-1]) == []
    flags = ["Your sight blurs.", "You feel pain, not just tired muscles.", "999 or 112"]
    assert find_lost([*flags, "ann@example.org"], document.read_part(SAFE)) == []


def test_what_has_changed_is_said(roster_run: Run) -> None:
    for document in roster_run.documents.values():
        changed = ["now 2 sets of 11 (before: 2 sets of 10)", "The plan is now for 8 weeks"]
        assert find_lost(["What has changed", *changed], document.read_part("Welcome")) == []


def say_doses(exercise: dict[str, Any]) -> dict[str, str]:
    """Return the words for each dose of a shipped exercise."""
    words = read_words(make_chain("clear", None), "en")
    return {
        purpose: say_dose(words, parse_dose(typed))
        for purpose, typed in exercise.get("dose", {}).items()
    }


def list_asked(programme: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each exercise of a shipped programme, and all that is asked of it."""
    for session in programme["sessions"]:
        for row in session["prescriptions"]:
            file = LIBRARY / "exercises" / f"{row['exercise']}.yaml"
            exercise = yaml.safe_load(file.read_text(encoding="utf-8"))
            doses = say_doses(exercise)
            asked = [row["note"]] if "note" in row else []
            for stage in [row, *row.get("progression", [])]:
                asked += [stage[key] for key in ("rung", "ready_when") if key in stage]
                asked += [doses[stage["purpose"]]] if "purpose" in stage else []
            assert asked or row.keys() == {"exercise"}
            yield exercise["name"], asked


@pytest.mark.parametrize("programme", PROGRAMMES, ids=SHIPPED)
def test_all_that_a_shipped_programme_asks_is_read(
    programme: dict[str, Any], shipped_runs: dict[str, Run]
) -> None:
    document = shipped_runs[programme["slug"]][programme["slug"]]
    asked = list(list_asked(programme))
    assert len(asked) >= 3
    for name, lines in asked:
        assert find_lost([name, *lines], document.read_part(WEEK)) == []
        assert find_lost(lines, document.read_part(name)) == [], name
    assert find_lost([programme["title"], programme["goal"]], document.texts[0]) == []


def test_a_plan_without_doses_has_lines_to_write_on(extreme_runs: dict[str, Run]) -> None:
    document = extreme_runs["wide"]["wide"]
    names = [f"Move {letter}" for letter in "ABCDEFGHIJKL"]
    assert find_lost(names, document.read_part(WEEK)) == []
    for name in names:
        assert (
            find_lost(["Sets:", "Days a week:", "Reps or seconds:"], document.read_part(name)) == []
        )
    titles = [title for title, _ in document.bookmarks if title.startswith("Move")]
    # Lying, sitting, standing: one gets up once.
    assert titles == [f"Move {letter}" for letter in "BEHKCFILADGJ"]
    assert extreme_runs["wide"].codes == ["many-exercises", "no-progression"]


def test_a_year_has_a_line_for_each_week(extreme_runs: dict[str, Run]) -> None:
    document = extreme_runs["long"]["long"]
    log = document.read_part(LOG)
    weeks = "".join(map(str, range(1, 53)))
    digits = "".join(
        letter for letter in log.replace(squeeze("5 sets of 17"), "") if letter.isdigit()
    )
    assert digits == 3 * weeks
    assert find_lost(["Move A, left side", "Move A, right side", "5 sets of 17"], log) == []
    assert find_lost(["From week 52", "5 sets of 17"], document.read_part("Move B")) == []


# ── Screening ─────────────────────────────────────────────────────────────────────────────────────


def test_who_must_avoid_an_exercise_has_no_booklet_and_the_others_have(roster_run: Run) -> None:
    assert "rich-bo" not in roster_run.documents
    [problem] = roster_run.report
    assert problem.code == "must-avoid"
    assert str(problem).startswith("error[must-avoid] bo must avoid standing-hip-extension-hold")


CLEARED = "Dr A. Rao cleared this for you on 2 November 2026: The scan was clear."
BACK = "Low back pain (back problem). Ask your doctor or physio before you do this."
ACUTE = "New or sharp low back pain (back problem). Ask your doctor or physio"
WOBBLE = "Poor balance. Do it in a way that suits you. First try the supported hold"
# What each is told, by the exercise with which it is said.
TOLD = {
    "ann": {"Hip hinge": BACK, "Standing hip extension hold": WOBBLE},
    "vic": {
        "Hip hinge": ACUTE,
        "Standing hip extension hold": f"New or sharp low back pain. {CLEARED}",
    },
    "liz": {
        "Chair squat": "Hip replacement (hip problem). Ask your doctor or physio",
        "Standing hip extension hold": "Hip replacement (hip problem). Ask your doctor or physio",
    },
}


@pytest.mark.parametrize("client", TOLD)
def test_what_a_client_must_heed_is_on_page_one_of_the_exercise_and_in_stay_safe(
    roster_run: Run, client: str
) -> None:
    document = roster_run[f"rich-{client}"]
    for title, line in TOLD[client].items():
        begin = document.find_page(title)
        # In large print, a box that fills page 1 leaves the note the top of page 2.
        first = "".join(document.texts[begin - 1 : begin + (client == "liz")])
        assert squeeze(line) in first, title
        safe = document.read_part(SAFE)
        assert squeeze(line.removeprefix("For you ")) in safe
        assert squeeze(title) in safe.partition(squeeze("You told us about your health"))[2]


def test_an_easier_rung_is_offered_where_the_data_names_no_other_way(roster_run: Run) -> None:
    document = roster_run["rich-liz"]
    part = document.read_part("Standing hip extension hold")
    assert squeeze("before you do this. Easier: Supported hold.") in part


def test_no_page_says_what_another_client_must_heed(roster_run: Run) -> None:
    lines = {client: set(told.values()) for client, told in TOLD.items()}
    people = {"Sam Green", "Zoë Brontë", "Ann Lee", "Vic Moss", "Elizabeth Moore", "Bo Day"}
    for name, document in roster_run.documents.items():
        whole = "".join(document.texts)
        own = lines.get(name.removeprefix("rich-"), set())
        others = set().union(*lines.values()) - own
        if ACUTE in own:  # whose end is another's whole line
            whole = whole.replace(squeeze(ACUTE), "")
        assert len(find_lost(others, whole)) == len(others), name
        read = whole + squeeze("".join(document.feet))
        assert sum(squeeze(person) in read for person in people) == 1, name
    for told in ("You told us about your health", "cleared this for you"):
        assert squeeze(told) not in "".join(roster_run["rich-sam"].texts)


# ── Shared plates ─────────────────────────────────────────────────────────────────────────────────


def test_what_clients_have_in_common_is_laid_out_once(roster_run: Run) -> None:
    """Five readers in two looks: four share a plate of each kind, but for what is personal."""
    made = {title: roster_run.laid_out.count(title) for title in set(roster_run.laid_out)}
    assert {title: made[title] for title in (WEEK, LOG, "Well done", "Notes")} == {
        WEEK: 2,
        LOG: 2,
        "Well done": 2,
        "Notes": 2,
    }
    assert made[RICH] <= 5  # covers
    assert made[SAFE] == 4  # Sam's is Zoë's


def test_pages_without_advice_are_the_same_ink_for_all(roster_run: Run) -> None:
    sam, ann, vic = (roster_run[f"rich-{client}"] for client in ("sam", "ann", "vic"))
    hold = "Standing hip extension hold"
    assert sam.read_part(WEEK) == ann.read_part(WEEK) == vic.read_part(WEEK)
    assert sam.read_part(hold) != ann.read_part(hold)
    assert sam.read_part("Chair squat") == ann.read_part("Chair squat")


# ── The same again ────────────────────────────────────────────────────────────────────────────────


def test_booklets_are_equal_whatever_the_hash_seed(
    extreme_runs: dict[str, Run], tmp_path: Path
) -> None:
    root = next(iter(extreme_runs.values())).root
    command = [sys.executable, "-m", "handouts", "-C", str(root), "booklet", "long"]
    # The seed of the process that runs the tests is by chance.
    environment = {**os.environ, "PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"}
    subprocess.run([*command, "--output", str(tmp_path)], env=environment, check=True)
    assert (tmp_path / "long.pdf").read_bytes() == extreme_runs["long"]["long"].pdf
