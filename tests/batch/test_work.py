"""A worker makes what it is given, file by file, and what it says of each file is true."""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pikepdf
import pytest

from handouts.batch.limit import Limit
from handouts.batch.plan import plan_batch
from handouts.batch.work import STOP, Chunk, Copy, keep_master, make_chunk
from handouts.problem import HandoutError, Report
from tests.batch.conftest import list_leavings, read_made

if TYPE_CHECKING:
    from pathlib import Path

    from handouts.batch.plan import BatchOrder

NAMES = ("Sam Green", "李明", "محمد", "Zoë 🏃")


@pytest.fixture
def chunk(order: BatchOrder) -> Chunk:
    """Return work on a real master: a copy for each of four names."""
    plan = plan_batch(order, Report())
    reader = plan.readers["sam"]
    plan.workshop.press([reader])
    order.folder.mkdir()
    file = order.folder / "0.master"
    keep_master(plan.workshop.bind(reader, Report()), file)
    copies = tuple(Copy(f"c{n}", name, f"c{n}.pdf", "in") for n, name in enumerate(NAMES))
    return Chunk(str(file), copies, str(order.folder), Limit())


def test_each_file_is_what_its_entry_says(chunk: Chunk, order: BatchOrder) -> None:
    outcomes = make_chunk(chunk)
    assert [outcome.problems for outcome in outcomes] == [()] * 4
    for outcome in outcomes:
        entry = outcome.entry
        assert entry
        file = order.folder / entry.file
        data = file.read_bytes()
        assert entry.sha256 == sha256(data).hexdigest()
        assert (entry.size, entry.modified) == (len(data), file.stat().st_mtime_ns)
        with pikepdf.open(file) as document:
            assert outcome.copy.name in str(document.docinfo.Title)
    locked = make_chunk(replace(chunk, copies=chunk.copies[:1], password="secret"))  # noqa: S106
    assert locked[0].entry
    assert locked[0].entry.sha256 == sha256((order.folder / "c0.pdf").read_bytes()).hexdigest()


def test_one_that_cannot_be_made_leaves_the_others(chunk: Chunk, order: BatchOrder) -> None:
    (order.folder / "c1.pdf").mkdir()
    copies = (replace(chunk.copies[2], name="\U0010fffd"), *chunk.copies)
    outcomes = make_chunk(replace(chunk, copies=copies))
    found = [problem.code for outcome in outcomes for problem in outcome.problems]
    assert found == ["missing-glyph", "cannot-write"]
    assert [bool(outcome.entry) for outcome in outcomes] == [False, True, False, True, True]


def test_where_the_run_is_to_stop_nothing_is_begun(chunk: Chunk, order: BatchOrder) -> None:
    (order.folder / STOP).touch()
    assert make_chunk(chunk) == []
    assert not any(order.folder.glob("*.pdf"))


def test_a_master_that_is_gone_is_a_problem(chunk: Chunk, order: BatchOrder) -> None:
    gone = replace(chunk, master=str(order.folder / "9.master"))
    outcomes = make_chunk(gone)
    assert {problem.code for out in outcomes for problem in out.problems} == {"cannot-write"}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")  # noqa: PTH110
def test_a_full_disk_is_a_problem(chunk: Chunk, monkeypatch: pytest.MonkeyPatch) -> None:
    really_open = os.open
    monkeypatch.setattr(os, "open", lambda *_: really_open("/dev/full", os.O_WRONLY))
    outcomes = make_chunk(chunk)
    assert {problem.code for out in outcomes for problem in out.problems} == {"disk-full"}


def test_a_disk_that_fails_one_file_fails_that_one_alone(
    chunk: Chunk, order: BatchOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[int] = []

    def fail_second(handle: int) -> None:
        waited.append(handle)
        if len(waited) == 2:
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail_second)
    outcomes = make_chunk(chunk)
    failed = [outcome for outcome in outcomes if not outcome.entry]
    assert [problem.code for out in failed for problem in out.problems] == ["cannot-write"]
    made = {outcome.copy.file for outcome in outcomes if outcome.entry}
    assert set(read_made(order.folder)) == made
    assert len(made) == len(NAMES) - 1
    assert list_leavings(order.folder) == ["0.master"]


def test_what_has_begun_is_gone_if_the_work_breaks_off(
    chunk: Chunk, order: BatchOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(_handle: int) -> None:
        assert len(list_leavings(order.folder)) == 1 + len(NAMES)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", break_off)
    with pytest.raises(KeyboardInterrupt):
        make_chunk(chunk)
    assert list_leavings(order.folder) == ["0.master"]


def test_what_became_of_each_is_told_in_its_order(chunk: Chunk) -> None:
    for number in (1, 8, 9, 20):
        copies = tuple(Copy(f"c{n}", f"Client {n}", f"c{n}.pdf", "in") for n in range(number))
        outcomes = make_chunk(replace(chunk, copies=copies))
        assert [outcome.copy for outcome in outcomes] == [*copies]
        assert all(out.entry and out.entry.client == out.copy.client for out in outcomes)


def test_what_is_there_already_is_not_written_again(chunk: Chunk, order: BatchOrder) -> None:
    first = make_chunk(chunk)
    for copy in chunk.copies:
        os.utime(order.folder / copy.file, (1, 1))
    again = make_chunk(chunk)
    for one, other in zip(first, again, strict=True):
        assert one.entry
        assert other.entry
        assert (other.entry.sha256, other.entry.size) == (one.entry.sha256, one.entry.size)
        assert other.entry.modified == 10**9  # as it was left a moment ago


@pytest.mark.skipif(sys.platform == "win32", reason="another name there")
def test_a_master_that_cannot_be_laid_down_is_a_problem(chunk: Chunk, tmp_path: Path) -> None:
    from handouts.batch.work import _find_master

    with pytest.raises(HandoutError, match="cannot-write"):
        keep_master(_find_master(chunk.master), tmp_path / "none" / "0.master")


def test_a_password_is_not_shown(chunk: Chunk) -> None:
    assert "hunter2" not in repr(replace(chunk, password="hunter2"))  # noqa: S106
