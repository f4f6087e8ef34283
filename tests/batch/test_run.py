"""A run makes the same bytes as the plain command, and blames nobody but the guilty."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from handouts.batch import run as run_module
from handouts.batch.manifest import Manifest, read_manifest
from handouts.batch.masters import make_masters
from handouts.batch.plan import BatchOrder, plan_batch
from handouts.batch.run import Run
from handouts.batch.work import Chunk, Outcome, make_chunk
from handouts.problem import HandoutError, Problem, Report
from tests.batch.conftest import CLIENTS, list_clients, list_leavings, read_made

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ran = Callable[..., subprocess.CompletedProcess[str]]

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux")
REVERSED = "\n".join([CLIENTS.split()[0], *CLIENTS.splitlines()[:0:-1], ""])


def work(order: BatchOrder, report: Report | None = None) -> tuple[Run, dict[str, Outcome]]:
    """Return a run that has ended, and what became of each client."""
    report = Report() if report is None else report
    run = Run(plan_batch(order, report), report)
    return run, {outcome.copy.client: outcome for outcome in run.work()}


def enlarge(order: BatchOrder, number: int) -> None:
    """Put another list of clients into the workspace."""
    root = order.booklets.workspace.root
    assert root
    (root / "clients.csv").write_text(list_clients(number), encoding="utf-8")


def test_the_bytes_are_those_of_the_plain_command(practice: Path, spawn: Ran) -> None:
    assert spawn("booklet", "tiny", "--all", "--output", "plain/").returncode == 0
    plain = read_made(practice / "plain")
    assert set(plain) == {"tiny-sam.pdf", "tiny-ann.pdf", "tiny-li.pdf"}
    for layout in ("folded", "cards"):
        spawn("booklet", "tiny", "--all", "--layout", layout, "--output", "plain/")
        assert spawn("batch", "tiny", "--layout", layout, "--output", "b").returncode == 0
    assert spawn("batch", "tiny", "--output", "b", "--workers", "3").returncode == 0
    assert read_made(practice / "b") == read_made(practice / "plain")
    words = ["batch", "tiny", "--workers", "1", "--output", "c"]
    script = f"hands._CHUNK = run._WINDOW = 1; main({words})"
    imports = "from handouts.batch import hands, run; from handouts.cli import main"
    subprocess.run([sys.executable, "-c", f"{imports}; {script}"], cwd=practice, check=True)
    assert read_made(practice / "c") == plain
    manifest = (practice / "b" / "tiny.manifest.jsonl").read_text("utf-8")
    (practice / "clients.csv").write_text(REVERSED, encoding="utf-8")
    assert spawn("batch", "tiny", "--output", "d", PYTHONHASHSEED="7").returncode == 0
    assert read_made(practice / "d") == plain
    # Nor does anything that decides what is unchanged depend on chance or order.
    inputs = [sorted(e.inputs for e in m.entries.values()) for m in _read_manifests(practice, "bd")]
    assert inputs[0] == inputs[1], manifest


def _read_manifests(practice: Path, folders: str) -> list[Manifest]:
    found = [read_manifest(practice / name / "tiny.manifest.jsonl") for name in folders]
    return [manifest for manifest in found if manifest]


@on_linux
def test_one_that_kills_its_worker_is_blamed_and_nobody_else(
    order: BatchOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    enlarge(order, 60)
    guilty = {"c0007", "c0030"}
    here = os.getpid()

    def make_or_die(chunk: Chunk) -> list[Outcome]:
        assert os.getpid() != here
        if any(copy.client in guilty for copy in chunk.copies):
            os.kill(os.getpid(), signal.SIGKILL)
        return make_chunk(chunk)

    monkeypatch.setattr(run_module, "make_chunk", _by_name(make_or_die))
    run, outcomes = work(order)
    assert {name for name, outcome in outcomes.items() if not outcome.entry} == guilty
    assert {problem.code for name in guilty for problem in outcomes[name].problems} == {
        "worker-lost"
    }
    assert not run.stopped
    assert len(read_made(order.folder)) == 58
    assert list_leavings(order.folder) == []


def _by_name(work: Callable[[Chunk], list[Outcome]]) -> Callable[[Chunk], list[Outcome]]:
    """Return the work under a name by which workers, who are forks, find it."""
    globals()["_handed"] = work
    work.__module__, work.__qualname__ = __name__, "_handed"
    sys.modules.setdefault(__name__, sys.modules[__name__])
    return work


@on_linux
def test_a_worker_that_is_killed_once_costs_nobody_a_booklet(
    order: BatchOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    enlarge(order, 60)
    sign = order.folder.parent / "died"

    def die_once(chunk: Chunk) -> list[Outcome]:
        if not sign.exists():
            sign.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return make_chunk(chunk)

    monkeypatch.setattr(run_module, "make_chunk", _by_name(die_once))
    _, outcomes = work(order)
    assert all(outcome.entry for outcome in outcomes.values())
    assert len(outcomes) == 60


@pytest.mark.parametrize("stop", ["stop", "interrupt"])
def test_a_run_that_is_stopped_keeps_what_it_made_and_goes_on(order: BatchOrder, stop: str) -> None:
    enlarge(order, 120)
    report = Report()
    run = Run(plan_batch(order, report), report)
    made = []
    for outcome in run.work():
        made.append(outcome)
        getattr(run, stop)()
    assert run.stopped
    assert 0 < len(made) < 120
    assert run.interrupted == (stop == "interrupt")
    assert not (order.folder / "tiny.manifest.jsonl").exists()
    journal = read_manifest(order.folder / ".tiny.journal.jsonl")
    assert journal
    assert set(journal.entries) == {outcome.copy.client for outcome in made}
    assert {f"tiny-{name}.pdf" for name in journal.entries} == set(read_made(order.folder))
    run, rest = work(replace(order, resume=True))
    assert not run.stopped
    assert len(rest) == 120 - len(made)
    assert list_leavings(order.folder) == []


def test_a_stop_before_the_work_begins_writes_nothing_elsewhere(
    order: BatchOrder, practice: Path
) -> None:
    run = Run(plan_batch(order, Report()), Report())
    run.stop()
    assert not (practice / "stop").exists()
    assert list(run.work()) == []
    assert run.stopped


@pytest.mark.parametrize("file", ["clients.csv", "programmes/tiny.yaml"])
def test_what_changes_during_the_run_is_told(order: BatchOrder, practice: Path, file: str) -> None:
    report = Report()
    run = Run(plan_batch(order, report), report)
    for _ in run.work():
        text = (practice / file).read_text("utf-8")
        (practice / file).write_text(text + "\n", encoding="utf-8")
    code = "roster-changed" if file == "clients.csv" else "inputs-changed"
    assert [problem.code for problem in report] == [code]
    assert len(read_made(order.folder)) == 3
    again = plan_batch(order, Report())
    # What was made while an input changed is made anew; the list says by itself who has changed.
    assert len(again.copies) == (0 if file == "clients.csv" else 3)


@pytest.mark.parametrize("fate", ["changed", "gone"])
def test_a_run_that_is_stopped_while_an_input_changes_is_not_believed(
    order: BatchOrder, practice: Path, fate: str
) -> None:
    """Even if the change is undone: what was made meanwhile may show it."""
    enlarge(order, 120)
    file, report = practice / "exercises" / "squat.yaml", Report()
    text = file.read_text("utf-8")
    run = Run(plan_batch(order, report), report)
    for _ in run.work():
        if fate == "gone":
            file.unlink(missing_ok=True)
        else:
            file.write_text(text + "\n", encoding="utf-8")
        run.stop()
    assert [problem.code for problem in report] == ["inputs-changed"]
    file.write_text(text, encoding="utf-8")
    assert len(plan_batch(order, Report()).copies) == 120


def test_a_change_that_is_undone_before_the_end_is_not_believed_either(
    order: BatchOrder, practice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, report = practice / "programmes" / "tiny.yaml", Report()
    text = file.read_text("utf-8")

    def change_and_make(*given: Any) -> Any:  # noqa: ANN401
        file.write_text(text + "\n", encoding="utf-8")
        return make_masters(*given)

    monkeypatch.setattr(run_module, "make_masters", change_and_make)
    run = Run(plan_batch(order, report), report)
    for outcome in run.work():
        file.write_text(text, encoding="utf-8")
        assert outcome.entry
        # As it stands in the journal, if this is the last that the run can do.
        assert outcome.entry.client not in find_believed(order)
    assert [problem.code for problem in report] == ["inputs-changed"]
    monkeypatch.undo()
    assert len(plan_batch(order, Report()).copies) == 3


def find_believed(order: BatchOrder) -> set[str]:
    """Return whose booklets a journal says are sound."""
    journal = read_manifest(order.journal)
    assert journal
    return {entry.client for entry in journal.entries.values() if entry.inputs}


def test_a_list_that_vanishes_during_the_run_loses_nothing(
    order: BatchOrder, practice: Path
) -> None:
    report = Report()
    run = Run(plan_batch(order, report), report)
    outcomes = []
    for outcome in run.work():
        outcomes.append(outcome)
        (practice / "clients.csv").unlink(missing_ok=True)
    assert [problem.code for problem in report] == ["roster-changed"]
    assert read_manifest(order.folder / "tiny.manifest.jsonl")
    assert len(outcomes) == 3


def test_a_full_disk_ends_the_run_and_the_journal_stays(
    order: BatchOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    enlarge(order, 120)

    def fill(chunk: Chunk) -> list[Outcome]:
        full = (Problem("disk-full", "no space"),)
        return [Outcome(copy, None, full) for copy in chunk.copies]

    monkeypatch.setattr(run_module, "make_chunk", _by_name(fill))
    run, outcomes = work(order)
    assert run.stopped
    assert not run.interrupted
    assert 0 < len(outcomes) < 120
    assert (order.folder / ".tiny.journal.jsonl").exists()


def test_a_journal_that_cannot_be_written_is_told_and_what_was_made_is_said(
    order: BatchOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise HandoutError.of("disk-full", "no space")

    monkeypatch.setattr("handouts.batch.manifest.Journal.add", refuse)
    enlarge(order, 120)
    report = Report()
    run, outcomes = work(order, report)
    assert run.stopped
    assert [problem.code for problem in report] == ["disk-full"]
    assert {f"tiny-{name}.pdf" for name in outcomes} == set(read_made(order.folder))
    monkeypatch.undo()
    monkeypatch.chdir(order.folder.parent)
    assert len(work(order)[1]) == 120


def test_a_bug_is_no_client_s_fault(order: BatchOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(chunk: Chunk) -> list[Outcome]:
        raise ZeroDivisionError(chunk)

    monkeypatch.setattr(run_module, "make_chunk", _by_name(stumble))
    with pytest.raises(ZeroDivisionError):
        work(order)
    assert list_leavings(order.folder) == [".tiny.journal.jsonl"]
