"""Work that hangs, crashes or eats all memory is stopped, and the rest of it is done."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, NoReturn

import pytest

from handouts.batch.guard import GuardedRack, Terms, guard
from handouts.batch.limit import Limit, can_guard
from handouts.booklet.plates import Pressed
from handouts.problem import ExitCode, HandoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux")
QUICK = Limit(seconds=0.3, megabytes=300)


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load nothing: there is no layout here."""
    monkeypatch.setattr("handouts.batch.guard._LOADING", 0.0)


calls_in_fork: list[Callable[[], None]] = []
"""What is done in the middle of a fork."""
os.register_at_fork(before=lambda: [call() for call in calls_in_fork])


def give(value: object) -> object:
    """Return what was given."""
    return value


def hang() -> NoReturn:
    """Compute for ever in C, where no signal of Python's is heard."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGTERM})
    pow(7, 10**12)
    raise AssertionError


def crash(number: int) -> NoReturn:
    """End by a signal, and let nobody print a trace of it."""
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    raise AssertionError


def eat() -> object:
    """Take more memory than is allowed."""
    return bytearray(400_000_000)


def complain(code: ExitCode = ExitCode.DATA) -> NoReturn:
    """Say what is wrong."""
    raise HandoutError.of("bad-thing", "it is bad", exit_code=code)


def run(tasks: Sequence[Callable[[], object]], hands: int = 2) -> dict[int, str]:
    """Return each result or its problem's code, by number."""
    found = {}
    for number, result in guard(tasks, Terms(QUICK), hands):
        found[number] = (
            next(iter(result.report)).code if isinstance(result, HandoutError) else str(result)
        )
    assert not multiprocessing.active_children()
    return found


@pytest.mark.parametrize("hands", [1, 2, 5])
def test_all_is_done_whatever_some_of_it_does(hands: int) -> None:
    tasks: list[Callable[[], object]] = [partial(give, number) for number in range(12)]
    tasks[2], tasks[5], tasks[7], tasks[9] = hang, partial(crash, signal.SIGKILL), eat, complain
    tasks[11] = partial(crash, signal.SIGABRT)
    codes = {2: "took-too-long", 5: "worker-lost", 7: "took-too-much", 9: "bad-thing"}
    assert run(tasks, hands) == {
        **{number: str(number) for number in range(11)},
        **codes,
        11: "took-too-much",
    }


def test_no_work_is_no_result() -> None:
    assert run([]) == {}


def test_large_results_come_whole() -> None:
    assert run([partial(give, "x" * 5_000_000)]) == {0: "x" * 5_000_000}


def test_one_that_was_killed_once_is_done_again(tmp_path: Path) -> None:
    def die_once() -> str:
        if not (tmp_path / "died").exists():
            (tmp_path / "died").touch()
            crash(signal.SIGKILL)
        return "done"

    assert run([die_once, partial(give, 1)]) == {0: "done", 1: "1"}


def test_a_bug_is_raised_and_nobody_works_on() -> None:
    def stumble() -> NoReturn:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run([stumble, hang])
    assert not multiprocessing.active_children()


def test_a_signal_in_the_middle_of_a_fork_is_heard_and_a_process_hears_its_own() -> None:
    heard: list[int] = []
    within: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))

    def call() -> None:
        if os.getpid() == here:
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)
            within.extend(heard)

    here = os.getpid()
    calls_in_fork.append(call)
    try:
        assert run([partial(signal.pthread_sigmask, signal.SIG_BLOCK, ())], 1) == {0: "set()"}
    finally:
        calls_in_fork.clear()
        signal.signal(signal.SIGINT, before)
    assert (within, heard) == ([], [signal.SIGINT])


def test_who_waits_does_something_meanwhile_and_once() -> None:
    done: list[int] = []
    tasks = [partial(give, number) for number in range(5)]
    results = guard(tasks, Terms(QUICK), 2, lambda: done.append(os.getpid()))
    assert sorted(number for number, _ in results) == [*range(5)]
    assert done == [os.getpid()]


def test_what_is_done_meanwhile_is_done_whole_whoever_calls() -> None:
    done: list[str] = []

    def load() -> None:
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        done.append("whole")

    with pytest.raises(KeyboardInterrupt):
        list(guard([hang, hang], Terms(Limit()), 2, load))
    assert done == ["whole"]
    assert not multiprocessing.active_children()


def test_who_asks_no_more_leaves_nobody_behind() -> None:
    begin = time.monotonic()
    tasks: list[Callable[[], object]] = [partial(give, 1), hang, hang]
    results = guard(tasks, Terms(Limit()), 2)
    assert next(results) == (0, 1)
    results.close()  # type: ignore[attr-defined]
    assert not multiprocessing.active_children()
    assert time.monotonic() - begin < 2


def test_a_rack_keeps_what_was_made_and_what_was_wrong() -> None:
    rack = GuardedRack("tiny", QUICK, 2)
    good = Pressed(None)
    rack.make({("good",): lambda: good, ("bad",): complain, ("long",): hang})
    assert rack["good",] == good
    assert [problem.code for problem in rack["bad",].report] == ["bad-thing"]
    assert [problem.code for problem in rack["long",].report] == ["took-too-long"]
    assert next(iter(rack["long",].report)).message.startswith("tiny, long: this took longer")
    rack.make({("good",): hang})  # it is there
    with pytest.raises(HandoutError, match="bad-thing"):
        rack.make({("no engine",): partial(complain, ExitCode.ENGINE)})


def test_beside_another_thread_nothing_is_forked() -> None:
    gate = threading.Event()
    thread = threading.Thread(target=gate.wait)
    thread.start()
    try:
        assert not can_guard()
        rack = GuardedRack("tiny", QUICK, 2)
        here = os.getpid()
        pids: list[int] = []

        def work() -> Pressed:
            pids.append(os.getpid())
            return Pressed(None)

        rack.make({("plate",): work})
        assert pids == [here]
    finally:
        gate.set()
        thread.join()
    assert can_guard()
