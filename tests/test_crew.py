"""A crew does what one would do alone: the same results, in order, whatever befalls a worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from handouts import crew
from handouts.crew import share_out
from handouts.problem import ExitCode, HandoutError, Place

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["squat", "lunge", "hinge", "press", "row"]
forking = pytest.mark.skipif(sys.platform != "linux", reason="crews are called on Linux only")


def say_where(tools: str, name: str) -> tuple[str, int]:
    return f"{tools}: {name}", os.getpid()


def refuse_hinge(_tools: object, name: str) -> str:
    if name == "hinge":
        raise HandoutError.of("made-up", "no hinge", Place("a.yaml", 3), exit_code=ExitCode.ENGINE)
    return name


def die_on_lunge(boss: int, name: str) -> str:
    if name == "lunge" and os.getpid() != boss:
        os.kill(os.getpid(), signal.SIGKILL)
    return name


@pytest.fixture(autouse=True)
def _two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "count_processors", lambda: 2)
    # Other tests may have left a thread behind.
    idle = threading.active_count()
    monkeypatch.setattr(crew, "_IDLE", idle)


@forking
def test_results_come_in_order_from_other_processes() -> None:
    done = [(name, *finish()) for name, finish in share_out(say_where, "tools", NAMES)]
    assert [name for name, _, _ in done] == NAMES
    assert [said for _, said, _ in done] == [f"tools: {name}" for name in NAMES]
    assert os.getpid() not in {process for _, _, process in done}


def test_a_few_are_made_here() -> None:
    done = [finish() for _, finish in share_out(say_where, "tools", NAMES[:2])]
    assert done == [("tools: squat", os.getpid()), ("tools: lunge", os.getpid())]


def test_a_process_with_a_second_thread_is_not_doubled() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        done = {finish()[1] for _, finish in share_out(say_where, "tools", NAMES)}
    finally:
        stop.set()
        thread.join()
    assert done == {os.getpid()}


@forking
def test_an_error_comes_back_whole_and_stops_only_its_own() -> None:
    made, failed = [], []
    for name, finish in share_out(refuse_hinge, None, NAMES):
        try:
            made.append(finish())
        except HandoutError as error:
            failed.append((name, error.exit_code, str(error)))
    assert made == [name for name in NAMES if name != "hinge"]
    assert failed == [("hinge", ExitCode.ENGINE, "a.yaml:3: error[made-up] no hinge")]


@forking
def test_a_killed_worker_loses_nothing() -> None:
    assert [finish() for _, finish in share_out(die_on_lunge, os.getpid(), NAMES)] == NAMES


@forking
def test_who_stops_waiting_leaves_no_worker_behind() -> None:
    shared = share_out(say_where, "tools", NAMES)
    _, finish = next(shared)
    _, process = finish()
    shared.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


@forking
def test_alone_and_in_a_crew_the_bytes_are_the_same(tmp_path: Path) -> None:
    for folder, what in (("alone", "hip-hinge"), ("crew", "--all")):
        command = [sys.executable, "-m", "handouts", "render", what, "--output", folder]
        cache = {"HANDOUTS_CACHE_DIR": str(tmp_path / f"{folder}-cache")}
        subprocess.run(command, cwd=tmp_path, env={**os.environ, **cache}, check=True)
    alone, crew_made = (tmp_path / folder / "hip-hinge.pdf" for folder in ("alone", "crew"))
    assert alone.read_bytes() == crew_made.read_bytes()
