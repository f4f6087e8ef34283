"""Everything is read, checked and screened before a page is laid out; each client has their own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from handouts.booklet.desk import Desk, Reader, open_desk
from handouts.consultation import consult
from handouts.model.settings import Size
from handouts.order import BookletOrder, Layout, Look
from handouts.problem import ExitCode, HandoutError, Report
from handouts.source.library import read_vocabulary
from handouts.source.workspace import Workspace
from tests.booklet.conftest import CLIENTS, EXERCISE, TINY, write_workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Workspace]

SHIPPED = ("balance", "hip-strength-beginners", "runners-hips")
SQUAT = EXERCISE.format(name="Squat", position="standing")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a workspace with the tiny plan, some files in other words."""

    def write(**changed: str) -> Workspace:
        files = {
            "programmes/tiny.yaml": changed.get("plan", TINY),
            "exercises/squat.yaml": changed.get("squat", SQUAT),
            "clients.csv": changed.get("clients", CLIENTS),
            "images/logo.svg": changed.get("logo", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
        }
        return write_workspace(tmp_path, files)

    return write


def refuse(order: BookletOrder) -> list[str]:
    """Return the problems that stop an order before a page is laid out."""
    with pytest.raises(HandoutError) as caught:
        open_desk(order, Report())
    assert caught.value.exit_code is ExitCode.DATA
    return [str(problem).partition(" ")[0] for problem in caught.value.report.errors]


# ── Whom for ──────────────────────────────────────────────────────────────────────────────────────


def test_without_a_client_it_is_for_nobody_and_needs_no_list(write: Write) -> None:
    workspace = write(clients="broken")
    desk = open_desk(BookletOrder(workspace, "tiny"), Report())
    assert desk.readers == (Reader(None, {}),)
    assert (desk.readers[0].name, desk.readers[0].id) == (None, None)


def test_clients_come_in_the_order_in_which_they_were_named(write: Write) -> None:
    order = BookletOrder(write(), "tiny", chosen=("zoe", "sam"))
    assert [reader.id for reader in open_desk(order, Report()).readers] == ["zoe", "sam"]


def test_every_unknown_client_is_named_with_the_nearest(write: Write) -> None:
    with pytest.raises(HandoutError) as caught:
        open_desk(BookletOrder(write(), "tiny", chosen=("sma", "ann", "xxxxx")), Report())
    first, second = caught.value.report
    assert (first.code, first.hint) == ("unknown-client", 'did you mean "sam"?')
    assert second.hint == "known here: sam, zoe, ann, bo, vic, liz"
    assert str(first.place).endswith("clients.csv")


ELSEWHERE = "id,name,conditions,programme\nsam,Sam,none,balance\nann,Ann,none,{}\n"


def test_all_leaves_out_those_who_have_another_programme(write: Write) -> None:
    workspace = write(clients=ELSEWHERE.format("tiny"))
    report = Report()
    desk = open_desk(BookletOrder(workspace, "tiny", everyone=True), report)
    assert [reader.id for reader in desk.readers] == ["ann"]
    [warning] = [problem for problem in report if problem.code == "other-programme"]
    assert "sam" in warning.message
    chosen = open_desk(BookletOrder(workspace, "tiny", chosen=("sam",)), Report())
    assert [reader.id for reader in chosen.readers] == ["sam"]


def test_all_of_a_list_in_which_nobody_has_the_programme(write: Write) -> None:
    workspace = write(clients=ELSEWHERE.format("balance"))
    with pytest.raises(HandoutError, match=r"clients\.csv: error\[no-clients\]"):
        open_desk(BookletOrder(workspace, "tiny", everyone=True), Report())


def test_who_reads_another_language_is_noted(write: Write) -> None:
    rows = "id,name,conditions,language\nsam,Sam,none,de\nann,Ann,none,en-GB\n"
    report = Report()
    desk = open_desk(BookletOrder(write(clients=rows), "tiny", everyone=True), report)
    assert len(desk.readers) == 2
    assert [problem.code for problem in report] == ["other-language"]
    assert "sam reads de" in str(next(iter(report)))


# ── How it looks ──────────────────────────────────────────────────────────────────────────────────


def test_flags_come_before_what_a_client_needs(write: Write) -> None:
    workspace = write()
    order = BookletOrder(workspace, "tiny", chosen=("liz",))
    desk = open_desk(order, Report())
    [liz] = desk.readers
    assert desk.find_look(liz) == Look(paper="letter", size="large")
    flagged = replace(desk, order=replace(order, look=Look(size="standard", ink="mono")))
    assert flagged.find_look(liz) == Look(paper="letter", size="standard", ink="mono")
    assert desk.find_look(Reader(None, {})) == Look()


def test_half_pages_are_laid_out_large_and_not_for_those_who_need_more(write: Write) -> None:
    order = BookletOrder(write(), "tiny", chosen=("sam", "liz"), layout=Layout.FOLDED)
    desk = open_desk(order, Report())
    assert [reader.id for reader in desk.readers] == ["sam"]
    [[problem]] = desk.stopped.values()
    assert (*desk.stopped, problem.code) == ("liz", "half-page-large")
    look = desk.find_look(desk.readers[0])
    assert look.size == Size.LARGE
    assert desk.make_dresser(look, halves=True).settings.print.size is Size.LARGE


# ── What is wrong is said at once ─────────────────────────────────────────────────────────────────


def test_the_problems_of_settings_programme_exercises_and_list_come_together(write: Write) -> None:
    workspace = write(
        logo="not a picture",
        plan=TINY.replace("2 × 9", "2 ×"),
        squat=SQUAT.replace("standing", "upright"),
        clients=CLIENTS.replace("backache", "bacache"),
    )
    found = refuse(BookletOrder(workspace, "tiny", everyone=True))
    files = [problem.rpartition("/")[2].partition(":")[0] for problem in found]
    assert files == ["handouts.toml", "squat.yaml", "tiny.yaml", "clients.csv"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"plan": TINY.replace("squat", "squta")}, "unknown-exercise"),
        ({"plan": TINY.replace("2 × 9", "often")}, "dose-unknown"),
        ({"plan": "title: X\ngoal: Y\nweeks: 2\nsessions: []\n"}, "too-few"),
        ({"plan": ""}, "empty-file"),
        ({"squat": "name: ["}, "yaml"),
        ({"clients": CLIENTS + "sam,Sam Again,none,,\n"}, "duplicate-id"),
        ({"clients": CLIENTS.replace("Sam Green", "S" * 300)}, "too-long"),
        ({"clients": CLIENTS.replace("Sam Green", "Sam\x07")}, "bad-character"),
        ({"clients": CLIENTS.replace("Sam Green", "Sam\u202e")}, "bad-character"),
        ({"clients": ""}, "no-clients"),
        ({"logo": "not a picture"}, "picture-broken"),
    ],
)
def test_each_fault_is_a_problem_with_its_place(
    write: Write, changed: dict[str, str], code: str
) -> None:
    with pytest.raises(HandoutError) as caught:
        open_desk(BookletOrder(write(**changed), "tiny", everyone=True), Report())
    errors = caught.value.report.errors
    assert any(problem.code.startswith(code) for problem in errors), [str(e) for e in errors]
    assert all(problem.place for problem in errors)


def test_a_list_or_an_earlier_version_that_is_not_there(write: Write, tmp_path: Path) -> None:
    workspace = write()
    missing = str(tmp_path / "none.yaml")
    [listed] = refuse(BookletOrder(workspace, "tiny", clients=missing, everyone=True))
    [since] = refuse(BookletOrder(workspace, "tiny", since=missing))
    assert listed == since == f"{missing}:"


def test_an_earlier_version_that_is_broken(write: Write, tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(TINY.replace("weeks: 2", "weeks: two"), encoding="utf-8")
    [found] = refuse(BookletOrder(write(), "tiny", since=str(tmp_path / "old.yaml")))
    assert "old.yaml:3" in found


def test_the_same_version_has_changed_nothing(write: Write, tmp_path: Path) -> None:
    order = BookletOrder(write(), "tiny", since=str(tmp_path / "programmes" / "tiny.yaml"))
    assert open_desk(order, Report()).readers[0].changes == ()


OVERRIDE = """\
overrides:
  - client: bo
    exercise: squat
    condition: acute low back pain
    cleared_by: Dr Rao
    on: 2026-11-02
    why: {}
"""


def test_what_was_cleared_for_one_client_is_no_news_to_another(
    write: Write, tmp_path: Path
) -> None:
    squat = SQUAT.replace(
        "{condition: low-back-pain, basis: general}",
        "{condition: acute-low-back-pain, level: avoid, why: It could tear.}",
    )
    workspace = write(plan=TINY + OVERRIDE.format("Healed."), squat=squat)
    (tmp_path / "old.yaml").write_text(TINY, encoding="utf-8")
    order = BookletOrder(workspace, "tiny", chosen=("bo", "sam"), since=str(tmp_path / "old.yaml"))
    bo, sam = open_desk(order, Report()).readers
    assert any("Dr Rao" in line for line in bo.changes)
    assert sam.changes == ()
    assert "Dr Rao cleared this for you on 2 November 2026: Healed." in bo.advice["squat"][0].text
    assert sam.advice == {}


# ── Screening ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("programme", SHIPPED)
def test_each_finding_stops_its_client_or_is_said_to_that_client_alone(
    programme: str, tmp_path: Path
) -> None:
    """One client for each condition there is: nothing is lost, nothing is another's."""
    conditions = read_vocabulary(Workspace(), Report()).conditions
    rows = "".join(f"c-{slug},Client,{slug}\n" for slug in conditions)
    workspace = write_workspace(tmp_path, {"clients.csv": f"id,name,conditions\n{rows}"})
    desk = open_desk(BookletOrder(workspace, programme, everyone=True), Report())
    consulted = consult(workspace, programme, None, Report())
    stopped = {cell.client.id for cell in consulted.cells if cell.blocked}
    readers = {reader.id: reader for reader in desk.readers}
    assert readers.keys() == {f"c-{slug}" for slug in conditions} - stopped
    assert desk.stopped.keys() == stopped
    assert all(problem.code == "must-avoid" for found in desk.stopped.values() for problem in found)
    said = 0
    for cell in consulted.cells:
        if cell.client.id in readers:
            lines = readers[cell.client.id].advice.get(cell.exercise.slug, ())
            said += len(lines)
            assert len(lines) == len(cell.findings)
            own = conditions[cell.client.id.removeprefix("c-")].name
            assert all(line.about.casefold().startswith(own.casefold()) for line in lines)
    assert said > 10


def test_of_a_desk_all_that_is_read_is_at_hand(write: Write) -> None:
    desk: Desk = open_desk(BookletOrder(write(), "tiny", sequence="position"), Report())
    assert str(desk.place()).endswith("programmes/tiny.yaml")
    assert str(desk.place("squat")).endswith("exercises/squat.yaml")
    assert desk.pictures.keys() == {"images/logo.svg"}
    assert [exercise.slug for exercise in desk.booklet.exercises] == ["squat"]
