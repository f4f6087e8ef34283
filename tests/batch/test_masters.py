"""Masters are the same however many processes bind them, and one that cannot be bound is alone."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from handouts.batch.limit import Limit
from handouts.batch.masters import make_masters
from handouts.batch.plan import plan_batch
from handouts.problem import HandoutError, Problem, Report, Severity

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from handouts.batch.order import BatchOrder
    from handouts.batch.plan import Plan
    from handouts.booklet.desk import Reader

    Bind = Callable[[Reader, Report], Any]

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux")


@pytest.fixture
def plan(order: BatchOrder, practice: Path) -> Plan:
    """Return a plan for three clients of whom each needs a master of its own."""
    rows = ("sam,Sam,none,", "ann,Ann,backache,", "zoe,Zoe,none,letter")
    text = "\n".join(["id,name,conditions,paper", *rows, ""])
    (practice / "clients.csv").write_text(text, encoding="utf-8")
    return plan_batch(replace(order, workers=2, limit=Limit(seconds=20)), Report())


def make(plan: Plan, folder: Path, report: Report | None = None) -> list[HandoutError | None]:
    readers = [*plan.readers.values()]
    files = [folder / f"{reader.id}.master" for reader in readers]
    return make_masters(plan, readers, files, Report() if report is None else report)


def patch_bind(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, act: Callable[[Reader], object]
) -> None:
    """Do something before each master is bound."""
    bind: Bind = plan.workshop.bind

    def act_and_bind(reader: Reader, report: Report) -> Any:  # noqa: ANN401
        act(reader)
        return bind(reader, report)

    monkeypatch.setattr(plan.workshop, "bind", act_and_bind)


def test_one_process_or_several_bind_the_same(plan: Plan, tmp_path: Path) -> None:
    for name in ("several", "one"):
        (tmp_path / name).mkdir()
    assert make(plan, tmp_path / "several") == [None] * 3
    gate = threading.Event()
    other = threading.Thread(target=gate.wait)
    other.start()  # beside another thread nothing is forked
    try:
        assert make(plan, tmp_path / "one") == [None] * 3
    finally:
        gate.set()
        other.join()
    for name in ("sam", "ann", "zoe"):
        masters = [
            pickle.loads((tmp_path / way / f"{name}.master").read_bytes())  # noqa: S301  our own
            for way in ("several", "one")
        ]
        assert masters[0] == masters[1]
    assert not multiprocessing.active_children()


@on_linux
def test_each_is_bound_in_a_process_that_has_all_plates(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"

    def note(reader: Reader) -> None:
        with log.open("a") as file:
            file.write(f"{reader.id} {os.getpid()}\n")

    patch_bind(plan, monkeypatch, note)
    make(plan, tmp_path)
    rows = dict(line.split() for line in log.read_text().splitlines())
    assert set(rows) == {"sam", "ann", "zoe"}
    assert str(os.getpid()) not in rows.values()


@on_linux
@pytest.mark.parametrize(
    ("fate", "code"),
    [("hang", "took-too-long"), ("die", "worker-lost"), ("fail", "bad-thing")],
)
def test_one_that_cannot_be_bound_leaves_the_others_as_they_are(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fate: str, code: str
) -> None:
    plan.workshop.press([*plan.readers.values()])
    quick = replace(plan, order=replace(plan.order, limit=Limit(seconds=1)))

    def meet_it(reader: Reader) -> None:
        if reader.id == "ann":
            {"hang": hang, "die": die, "fail": fail}[fate]()

    patch_bind(quick, monkeypatch, meet_it)
    sam, ann, zoe = make(quick, tmp_path)
    assert (sam, zoe) == (None, None)
    assert ann
    [problem] = ann.report
    assert problem.code == code
    # Who cannot be guessed from the message itself is named in it.
    assert problem.message.startswith("tiny, the booklet of ann: ") == (fate != "fail")
    assert {file.name for file in tmp_path.glob("*.master")} == {"sam.master", "zoe.master"}


def hang() -> NoReturn:
    while True:
        time.sleep(1)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> NoReturn:
    raise HandoutError.of("bad-thing", "it cannot be", hint="leave it")


def test_what_is_told_comes_in_the_order_of_the_readers(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bind: Bind = plan.workshop.bind

    def tell(reader: Reader, report: Report) -> Any:  # noqa: ANN401
        time.sleep(0.3 if reader.id == "sam" else 0)
        report.extend([Problem("a-thing", f"seen by {reader.id}", severity=Severity.WARNING)])
        return bind(reader, report)

    monkeypatch.setattr(plan.workshop, "bind", tell)
    report = Report()
    make(plan, tmp_path, report)
    told = [problem.message for problem in report if problem.code == "a-thing"]
    assert told == ["seen by sam", "seen by ann", "seen by zoe"]
