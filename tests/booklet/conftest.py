"""Booklets made as a person orders them, each once, and read back for many claims."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest

from handouts.booklet.run import make_booklets
from handouts.order import BookletOrder, Look
from handouts.press.plate import lay_out
from handouts.problem import Report
from handouts.source.workspace import Workspace
from tests.judge import list_bookmarks, read_feet, read_texts

if TYPE_CHECKING:
    from pathlib import Path

    from handouts.press.plate import Plate

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
)
SETTINGS = """\
[trainer]
name = "Ann Example"
practice = "Example Physio"
telephone = "+44 20 7946 0000"
email = "ann@example.org"
emergency = "999 or 112"
logo = "images/logo.svg"
"""
# Everything that a programme may prescribe; doses are made up, to be found again.
RICH = """\
title: Hips and balance
goal: Walk up a hill without a rest.
weeks: 8
introduction: |
  We meet your hips **slowly**.

  ## How to go about it

  - Put a chair beside you.
sessions:
  - name: Morning round
    days: [monday, thursday]
    prescriptions:
      - exercise: hip-hinge
        dose: 2 × 11
        note: Face the long mirror.
        progression:
          - {week: 3, dose: 3 × 13, ready_when: Your back stays flat as a board.}
          - {week: 5, rung: Add a load, dose: 4 × 6, ready_when: Thirteen feel like five.}
      - exercise: chair-squat
        side: left
        dose: 2 × 7
        note: The left one is the weak one.
      - exercise: chair-squat
        side: right
        purpose: general
        progression:
          - {week: 4, dose: 3 × 14, ready_when: Your hips stay level.}
  - name: Evening round
    prescriptions:
      - exercise: hip-hinge
        dose: 1 × 22
      - exercise: standing-hip-extension-hold
        purpose: start
        rung: Supported hold
        progression:
          - {week: 2, purpose: strength, ready_when: Nothing in you sways.}
stop_if: [Your sight blurs.]
closing: |
  Your hips will **thank** you.
overrides:
  - client: vic
    exercise: standing-hip-extension-hold
    condition: acute low back pain
    cleared_by: Dr A. Rao
    on: 2026-11-02
    why: The scan was clear.
version: 2
review_on: 2027-01-18
"""
CLIENTS = """\
id,name,conditions,size,paper
sam,Sam Green,none,,
zoe,Zoë Brontë,none,,
ann,Ann Lee,"backache, poor balance",,
bo,Bo Day,acute low back pain,,
vic,Vic Moss,acute low back pain,,
liz,Elizabeth Moore,hip replacement,large,letter
"""
EXERCISE = """\
name: {name}
summary: Sit down and stand up with no chair.
position: {position}
muscles: {{primary: [quadriceps]}}
steps:
  - title: Sit back
    do: [Bend your knees.]
errors:
  - {{name: Knees fall in, looks_like: Your knees touch., correction: Push your knees out.}}
progressions:
  - {{name: Hold on, direction: easier, how: Hold on to a chair.}}
avoid:
  - {{condition: low-back-pain, basis: general}}
stop_if: [Your knee clicks.]
"""
TINY = """\
title: Tiny plan
goal: Sit and stand.
weeks: 2
sessions:
  - name: Any time
    days: [friday]
    prescriptions:
      - {exercise: squat, dose: 2 × 9, progression: [{week: 2, dose: 3 × 9}]}
"""
START = date(2026, 11, 23)


@dataclass(frozen=True)
class Document:
    """A finished booklet, read back."""

    pdf: bytes

    @cached_property
    def texts(self) -> list[str]:
        """Each page's text above the foot, squeezed."""
        return read_texts(self.pdf)

    @cached_property
    def feet(self) -> list[str]:
        """Each page's foot."""
        return read_feet(self.pdf)

    @cached_property
    def bookmarks(self) -> list[tuple[str, int]]:
        """The words and the page of each bookmark at the top."""
        return list_bookmarks(self.pdf)

    def find_page(self, title: str) -> int:
        """Return the page on which a part begins, from 1."""
        return dict(self.bookmarks)[title]

    def read_part(self, title: str) -> str:
        """Return all that is read on the pages of one part."""
        begin = self.find_page(title)
        end = min((page for _, page in self.bookmarks if page > begin), default=None)
        return "".join(self.texts[begin - 1 : end and end - 1])

    def open(self) -> pikepdf.Pdf:
        """Open it to look into its objects."""
        return pikepdf.open(io.BytesIO(self.pdf))


@dataclass(frozen=True)
class Run:
    """What came of one order."""

    documents: dict[str, Document]
    report: Report
    root: Path
    """Of the workspace."""
    laid_out: list[str]
    """The title of each layout that was made, in any process."""

    def __getitem__(self, name: str) -> Document:
        """Return a booklet by the name of its file."""
        return self.documents[name]

    @property
    def codes(self) -> list[str]:
        """The code of each problem."""
        return [problem.code for problem in self.report]


def write_workspace(root: Path, files: dict[str, str]) -> Workspace:
    """Write the files, and what every workspace here has."""
    written = {"handouts.toml": SETTINGS, "images/logo.svg": LOGO, **files}
    for name, text in written.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return Workspace(root, root / "handouts.toml")


def make(order: BookletOrder) -> Run:
    """Make what is ordered, and note each layout, in whichever process it happens."""
    root = order.workspace.root
    assert root is not None
    log = root / f"layouts-{os.urandom(4).hex()}"
    log.touch()

    def note(markup: Any, *rest: Any) -> Plate:  # noqa: ANN401
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{markup.title}\n")
        return lay_out(markup, *rest)

    report = Report()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("handouts.press.store.lay_out", note)
        made = dict(make_booklets(order, report))
    documents = {name: Document(pdf) for name, pdf in made.items()}
    return Run(documents, report, root, log.read_text(encoding="utf-8").splitlines())


@pytest.fixture(scope="session")
def roster_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return booklets of one programme for six clients: three looks, one of them stopped."""
    root = tmp_path_factory.mktemp("roster")
    before = RICH.replace("2 × 11", "2 × 10").replace("weeks: 8", "weeks: 6")
    squat = EXERCISE.format(name="Chair squat", position="sitting")
    squat = squat.replace("low-back-pain", "hip-problem") + "dose: {general: 5+ reps each leg}\n"
    files = {"programmes/rich.yaml": RICH, "clients.csv": CLIENTS, "before/rich.yaml": before}
    files["exercises/chair-squat.yaml"] = squat
    workspace = write_workspace(root, files)
    since = str(root / "before" / "rich.yaml")
    return make(BookletOrder(workspace, "rich", everyone=True, start=START, since=since))


@pytest.fixture(scope="session")
def shipped_runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """Return the booklet of each shipped programme, each in another look."""
    looks = {
        "hip-strength-beginners": Look(),
        "balance": Look(paper="letter", ink="mono", theme="gym"),
        "runners-hips": Look(),
    }
    root = tmp_path_factory.mktemp("shipped")
    return {
        slug: make(BookletOrder(Workspace(root), slug, look=look)) for slug, look in looks.items()
    }


@pytest.fixture(scope="session")
def extreme_runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """Return booklets of plans as long and as wide as they come, of short exercises."""
    slugs = [f"move-{letter}" for letter in "abcdefghijkl"]
    positions = ["standing", "lying", "sitting"]
    files = {
        f"exercises/{slug}.yaml": EXERCISE.format(
            name=slug.replace("-", " ").title(), position=positions[number % 3]
        )
        for number, slug in enumerate(slugs)
    }
    head = "title: {}\ngoal: Go on.\nweeks: {}\norder: {}\nsessions:\n  - name: All\n"
    rows = "    prescriptions: [{}]\n"
    long = ["{exercise: move-a, side: left}", "{exercise: move-a, side: right}"]
    long += ["{exercise: move-b, progression: [{week: 52, dose: 5 × 17}]}"]
    files["programmes/long.yaml"] = head.format("Long plan", 52, "sessions") + rows.format(
        ", ".join(long)
    )
    files["programmes/wide.yaml"] = head.format("Wide plan", 1, "position") + rows.format(
        ", ".join(f"{{exercise: {slug}}}" for slug in slugs)
    )
    workspace = write_workspace(tmp_path_factory.mktemp("extreme"), files)
    return {slug: make(BookletOrder(workspace, slug)) for slug in ("long", "wide")}


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a workspace with a programme that is soon made."""
    squat = EXERCISE.format(name="Squat", position="standing")
    files = {"programmes/tiny.yaml": TINY, "exercises/squat.yaml": squat, "clients.csv": CLIENTS}
    return write_workspace(tmp_path_factory.mktemp("tiny"), files)
