"""A run's manifest tells whose its files are; what a run could not have written leads nowhere."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from handouts.batch.manifest import Entry, write_manifest
from handouts.batch.plan import BatchOrder, plan_batch
from handouts.batch.run import Run as Batch
from handouts.order import BookletOrder, Layout
from handouts.parcels import pack_parcels
from handouts.problem import Report
from handouts.runs import list_pieces, read_run
from handouts.source.workspace import Workspace
from tests.batch.conftest import BAD_BACK, CLIENTS, write_practice

if TYPE_CHECKING:
    from handouts.parcels import Piece

HEAD = {"programme": "tiny", "flags": ["layout=pages", "start=None"], "complete": True}
ENTRIES = [Entry(name, f"tiny-{name}.pdf", "ab" * 32, 9, 1, "", "") for name in ("sam", "bo")]
RUN = "tiny.manifest.jsonl"


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a workspace; return its folder with a run's manifest."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "programmes").mkdir()
    (tmp_path / "programmes" / "tiny.yaml").touch()
    (tmp_path / "output").mkdir()
    write_manifest(tmp_path / "output" / RUN, HEAD, ENTRIES)
    return tmp_path / "output"


def find(*names: str) -> tuple[list[Piece], str]:
    """Return what the words name in the workspace here, and the problems' lines."""
    report = Report()
    pieces = list_pieces(names, report, Workspace(Path.cwd()))
    return pieces, "\n".join(map(str, report))


@pytest.mark.parametrize("name", ["output", f"output/{RUN}", "tiny"])
def test_a_run_has_three_names(output: Path, name: str) -> None:
    pieces, problems = find(name, name)
    assert problems == ""
    assert [(piece.shown, piece.client, piece.campaign) for piece in pieces] == [
        ("output/tiny-sam.pdf", "sam", "tiny"),
        ("output/tiny-bo.pdf", "bo", "tiny"),
    ]
    assert (pieces[0].size, pieces[0].sha256) == (9, "ab" * 32)
    assert find("output/tiny-bo.pdf", str(output))[0] == [
        replace(piece, file=output / f"tiny-{piece.client}.pdf", shown=f"{output}/{file}")
        for piece, file in zip(pieces[::-1], ("tiny-bo.pdf", "tiny-sam.pdf"), strict=True)
    ]


def test_a_file_or_folder_comes_before_a_programme(output: Path) -> None:
    (output.parent / "tiny").touch()
    assert [piece.shown for piece in find("tiny")[0]] == ["tiny"]
    assert list_pieces(["other"], Report())[0].shown == "other"  # outside of a workspace


def test_layouts_are_runs_of_their_own(output: Path) -> None:
    head = {**HEAD, "flags": ["layout=folded"]}
    file = output / "tiny-folded.manifest.jsonl"
    write_manifest(file, head, [replace(ENTRIES[0], file="tiny-sam-folded.pdf")])
    pieces, problems = find("tiny")
    assert pieces == []
    assert "output: error[ambiguous-run] there are 2 runs of tiny, in different layouts" in problems
    assert f"name one, or several: output/{RUN} output/{file.name}" in problems
    assert [piece.campaign for piece in find(str(file))[0]] == ["tiny-folded"]
    (output / RUN).unlink()
    assert [piece.campaign for piece in find("tiny")[0]] == ["tiny-folded"]


def test_a_programme_without_a_run(output: Path) -> None:
    (output / RUN).unlink()
    assert "error[not-a-run] nothing of tiny was made here by `handouts batch`" in find("tiny")[1]
    assert find("tinny")[1] == (
        'error[unknown-programme] there is no file and no programme "tinny"\n'
        '  hint: did you mean "tiny"?'
    )


def test_a_run_that_has_not_come_to_its_end(output: Path) -> None:
    journal = output / ".tiny.journal.jsonl"
    write_manifest(journal, {**HEAD, "complete": False}, ENTRIES[:1])
    for name in ("output", f"output/{RUN}", "tiny"):
        assert "error[not-a-run] the run that makes these files has not come" in find(name)[1]
    (output / RUN).unlink()
    for name in ("output", "tiny"):
        assert "error[not-a-run] the run that makes these files has not come" in find(name)[1]
    journal.rename(output / RUN)
    assert "error[not-a-run] the run that makes these files has not come" in find("tiny")[1]


DAMAGED: dict[str, dict[str, Any]] = {
    "a file elsewhere": {"file": "../tiny-bo.pdf"},
    "no name": {"file": 7},
    "a file that clears the screen": {"file": "\x1b[2J.pdf"},
    "a client who clears the screen": {"client": "\x1b[2J"},
    "no client's id": {"client": ""},
    "no hash": {"sha256": None},
    "no size": {"size": "9"},
    "no client": {"client": 7},
    "a list for a client": {"client": []},
    "one file for two": {"file": "tiny-SAM.pdf"},
    "one client twice": {"client": "sam"},
    "a spare key": {"spare": 1},
}


@pytest.mark.parametrize("change", DAMAGED.values(), ids=DAMAGED)
def test_a_manifest_that_no_run_has_written(output: Path, change: dict[str, Any]) -> None:
    lines = (output / RUN).read_text("utf-8").splitlines()
    lines[2] = json.dumps({**json.loads(lines[2]), **change})
    (output / RUN).write_text("\n".join(lines), encoding="utf-8")
    pieces, problems = find("tiny")
    assert pieces == []
    assert problems.startswith(f"output/{RUN}: error[not-a-run] ")


@pytest.mark.parametrize("text", ["", "[" * 100_000, '{"format": 1}', "null\n"])
def test_what_is_no_manifest(output: Path, text: str) -> None:
    (output / RUN).write_text(text, encoding="utf-8")
    assert "error[not-a-run]" in find("tiny")[1]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
def test_a_pipe_is_not_waited_for(output: Path) -> None:
    (output / RUN).unlink()
    os.mkfifo(output / RUN)
    assert "error[not-a-run] this is no manifest of a run" in find("tiny")[1]


@pytest.mark.parametrize(
    "head",
    [{"programme": "../x"}, {"programme": None}, {"flags": "layout=pages"}, {"flags": [1, "a"]}],
)
def test_a_run_of_nobody_knows_what(output: Path, head: dict[str, Any]) -> None:
    write_manifest(output / RUN, {**HEAD, **head}, ENTRIES)
    run = read_run(output / RUN, Report())
    assert run
    assert run.campaign == ""


def make(layout: Layout = Layout.PAGES) -> None:
    """Make everyone's booklets in the practice here."""
    here = Path.cwd()
    booklets = BookletOrder(Workspace(here), "tiny", everyone=True, layout=layout)
    order = BatchOrder(booklets, here / "output", workers=1)
    report = Report()
    assert all(outcome.entry for outcome in Batch(plan_batch(order, report), report).work())


def test_who_has_left_the_list_or_may_not_have_it_any_more_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And comes back: a booklet of before must not reach whom an exercise could harm now."""
    monkeypatch.chdir(tmp_path)
    write_practice(tmp_path, CLIENTS + BAD_BACK.replace("acute low back pain", "none"))
    make()
    assert [piece.client for piece in find("tiny")[0]] == ["sam", "ann", "li", "bo"]
    write_practice(tmp_path, CLIENTS.replace("sam,Sam Green,none,tiny\n", "") + BAD_BACK)
    make()
    pieces, problems = find("tiny")
    assert [piece.client for piece in pieces] == ["ann", "li"]
    assert problems.startswith(
        f"output/{RUN}: warning[left-out] left out: 2 files of earlier runs\n"
    )
    write_practice(tmp_path, CLIENTS)
    make()
    assert [piece.client for piece in find("tiny")[0]] == ["sam", "ann", "li"]


@pytest.mark.parametrize("layout", list(Layout))
def test_a_run_and_its_files_make_the_same_parcels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: Layout
) -> None:
    """So that a PDF goes once, whichever way it was named."""
    monkeypatch.chdir(tmp_path)
    write_practice(tmp_path)
    make(layout)
    report = Report()
    workspace = Workspace(tmp_path)
    files = sorted(map(str, Path("output").glob("*.pdf")))
    by_run = pack_parcels(workspace, list_pieces(["tiny"], report, workspace), report)
    by_name = pack_parcels(workspace, list_pieces(files, report, workspace), report)
    assert list(report) == []
    assert len(by_run) == 3
    assert sorted(by_run, key=lambda parcel: parcel.file) == by_name
