"""A press that stands ready makes the same plates, and goes with the one who was to use it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from handouts.batch.guard import Terms, guard
from handouts.batch.limit import Limit
from handouts.batch.standby import Standby, stand_by
from handouts.booklet.plates import Pressed, press_markup
from handouts.model.markup import ImprintStyle, Markup, Phrase
from handouts.press import store
from handouts.press.plate import lay_out
from handouts.problem import ExitCode, HandoutError, Place, Report
from tests.batch.test_guard import calls_in_fork, crash, eat, hang

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from handouts.batch.order import BatchOrder

    Work = Callable[[], object]
    Press = Callable[[Markup, Place, Report, int | None], object]
    StandIn = Callable[..., Standby]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux")
QUICK = Limit(seconds=0.4, megabytes=300)
HERE = Place("exercises/squat.yaml")
STYLE = ImprintStyle(Path("font.ttf"), "#000000", 12, 51, 25, "%(number)s/%(total)s", "%(name)s")
PAGE = "<html lang=en><title>A page</title><body><h1>A page</h1><p>Stand tall</p></body></html>"
MARKUP = Markup("A page", PAGE, "p { nothing: known }", (Phrase("steps[0]", "Stand tall"),), STYLE)


@pytest.fixture
def standby() -> Iterator[Standby]:
    """Give one that is dismissed at the end, with all that it has lent."""
    found = Standby()
    yield found
    found.dismiss()
    assert not multiprocessing.active_children()


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """Return a maker of those who do some work in place of laying out a page."""
    called: list[Standby] = []

    def call(work: Work | None = None, press: Press | None = None) -> Standby:
        monkeypatch.setattr("handouts.batch.guard._LOADING", 0.0)
        monkeypatch.setattr(store, "prepare_press", lambda: None)
        monkeypatch.setattr(store, "press_plate", press or (lambda *_: work and work()))
        called.append(Standby())
        return called[0]

    yield call
    for standby in called:
        standby.dismiss()
    assert not multiprocessing.active_children()


def press(standby: Standby | None, limit: Limit = QUICK, many: int = 2) -> list[Pressed | str]:
    """Return what came of pages, or what was wrong with them, in the order of the numbers."""
    tasks = [partial(press_markup, MARKUP, HERE)] * many
    with tempfile.TemporaryDirectory() as spool:
        found = dict(guard(tasks, Terms(limit, spool, standby), 2))
    return [
        next(iter(each.report)).code if isinstance(each, HandoutError) else each
        for each in (found[number] for number in range(many))
    ]


def find_pid() -> NoReturn:
    """Say who works, by way of a problem."""
    raise HandoutError.of("pid", str(os.getpid()))


def is_alive(pid: int) -> bool:
    """Return whether a process works, and has not ended without anybody looking."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")")[1].split()[0] != "Z"
        )
    except OSError:
        return False


def await_end(*pids: int) -> None:
    """Wait until processes have gone."""
    end = time.monotonic() + 5
    while any(map(is_alive, pids)):
        assert time.monotonic() < end, "still there"
        time.sleep(0.01)


def test_it_makes_the_same_plates_with_the_same_words_and_keeps_them(standby: Standby) -> None:
    report = Report()
    plate = lay_out(MARKUP, HERE, report)
    assert [problem.code for problem in report] == ["css-ignored"]
    expected = Pressed(plate, Report([*MARKUP.problems, *report]))
    assert press(standby, Limit(), 3) == [expected] * 3
    assert store.find_plate(MARKUP, HERE) == (plate, [*report])


def test_nothing_stays_behind_in_the_folder_for_passing_files(
    standby: Standby, tmp_path: Path
) -> None:
    font = next(Path("styles/fonts").rglob("*Regular.ttf"))
    face = f'@font-face {{ font-family: A; src: url("{as_address(font)}") }} p {{ font-family: A }}'
    markup = replace(MARKUP, css=face)
    tasks = [partial(press_markup, markup, HERE)]
    before = {*Path(tempfile.gettempdir()).glob("weasyprint-*")}
    [(_, pressed)] = guard(tasks, Terms(Limit(), tmp_path, standby), 1)
    assert isinstance(pressed, Pressed)
    assert not [*pressed.report]
    assert {*Path(tempfile.gettempdir()).glob("weasyprint-*")} == before


def as_address(font: Path) -> str:
    """Return a font as an address of its bytes."""
    from handouts.theme.styles import as_data_address

    return as_data_address(font)


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (hang, "took-too-long"),
        (eat, "took-too-much"),
        (partial(crash, signal.SIGABRT), "took-too-much"),
        (partial(crash, signal.SIGKILL), "worker-lost"),
    ],
)
def test_one_that_hangs_eats_or_crashes_is_stopped(
    stand_in: StandIn, work: Work, code: str
) -> None:
    assert press(stand_in(work)) == [code, code]


def test_one_that_was_killed_once_is_asked_again(stand_in: StandIn, tmp_path: Path) -> None:
    def die_once() -> None:
        try:
            (tmp_path / "died").mkdir()
        except FileExistsError:
            return
        crash(signal.SIGKILL)

    assert press(stand_in(die_once)) == [Pressed(None)] * 2


def test_a_bug_is_raised(
    stand_in: StandIn,
) -> None:
    def stumble() -> NoReturn:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        press(stand_in(stumble))


def test_a_missing_engine_is_told(stand_in: StandIn) -> None:
    def miss() -> NoReturn:
        raise HandoutError.of("engine-missing", "no Pango", exit_code=ExitCode.ENGINE)

    assert press(stand_in(miss), many=1) == ["engine-missing"]


def test_what_was_found_before_it_failed_is_told_as_well(stand_in: StandIn) -> None:
    def fail(_: Markup, place: Place, report: Report, __: int | None) -> None:
        report.warn("odd", "it is odd", place)
        report.add("bad", "it is bad", place)

    [pressed] = press(stand_in(press=fail), many=1)
    assert isinstance(pressed, Pressed)
    assert [(problem.code, problem.place) for problem in pressed.report] == [
        ("odd", HERE),
        ("bad", HERE),
    ]


def test_where_it_has_gone_pages_are_laid_out_without_it(standby: Standby) -> None:
    os.kill(standby._process.pid or 0, signal.SIGKILL)  # noqa: SLF001
    standby._process.join()  # noqa: SLF001
    assert standby.lend(QUICK, None) is None
    [pressed] = press(standby, Limit(), 1)
    assert isinstance(pressed, Pressed)
    assert pressed.plate


def test_who_is_no_more_wanted_takes_the_press_along(
    stand_in: StandIn,
) -> None:
    standby = stand_in(find_pid)
    tasks: list[Work] = [*[partial(press_markup, MARKUP)] * 2, hang]
    results = guard(tasks, Terms(Limit(), None, standby), 1)
    pids = []
    with closing(results):  # type: ignore[type-var]
        for _ in range(2):
            _, result = next(results)
            assert isinstance(result, HandoutError)
            [problem] = result.report
            pids.append(int(problem.message))
        assert pids[0] == pids[1]  # one for each who works, not for each page
        assert is_alive(pids[0])
    await_end(pids[0])


def test_one_that_does_not_answer_holds_up_nobody(stand_in: StandIn) -> None:
    standby = stand_in(hang)
    pid = standby._process.pid or 0  # noqa: SLF001
    os.kill(pid, signal.SIGSTOP)
    begin = time.monotonic()
    assert press(standby, many=1) == ["took-too-long"]
    assert time.monotonic() - begin < 8  # of 60 that a page may take
    await_end(pid)


def test_ctrl_c_while_it_is_called_leaves_nobody_behind(
    order: BatchOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handouts.batch.order.count_processors", lambda: 2)
    here = os.getpid()

    def call() -> None:
        if os.getpid() == here:
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    calls_in_fork.append(call)
    try:
        with pytest.raises(KeyboardInterrupt), stand_by([replace(order, workers=2)]):
            raise AssertionError
    finally:
        calls_in_fork.clear()
    assert not multiprocessing.active_children()


def test_where_there_is_no_room_for_another_process_it_is_done_without(
    order: BatchOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> NoReturn:
        raise BlockingIOError("fork: resource temporarily unavailable")

    monkeypatch.setattr("handouts.batch.order.count_processors", lambda: 2)
    monkeypatch.setattr(os, "fork", fail)
    with stand_by([replace(order, workers=2)]) as standby:
        assert standby is None


FORGETFUL = """\
from handouts.batch.standby import Standby

standby = Standby()
print(standby._process.pid, flush=True)
"""


def test_a_command_that_forgets_it_ends_all_the_same() -> None:
    words = [sys.executable, "-c", FORGETFUL]
    made = subprocess.run(words, capture_output=True, text=True, check=True, timeout=20)
    await_end(int(made.stdout))


ORPHANS = """\
import os, signal
from handouts.batch.limit import Limit
from handouts.batch.standby import Standby, ask_press
from handouts.press import store
from handouts.press.plate import lay_out
from handouts.problem import Report
from tests.batch.test_standby import MARKUP, HERE

store.prepare_press = lambda: None
store.press_plate = lambda *_: os.getpid()
standby = Standby()
lent = standby.lend(Limit(), None)
press = ask_press(lent.pipe, MARKUP, HERE, Report())
print(standby._process.pid, press, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_it_ends_with_the_command_even_if_that_is_killed() -> None:
    made = subprocess.run(
        [sys.executable, "-c", ORPHANS], capture_output=True, text=True, check=False
    )
    pids = [*map(int, made.stdout.split())]
    assert len(pids) == 2, made.stderr
    await_end(*pids)


def test_it_is_called_only_where_a_processor_is_to_spare(
    order: BatchOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handouts.batch.order.count_processors", lambda: 2)
    two, one = replace(order, workers=2), replace(order, workers=1)
    with stand_by([one, two]) as standby:
        assert standby
    assert not multiprocessing.active_children()
    for orders in ([], [one]):
        with stand_by(orders) as standby:
            assert standby is None
    gate = threading.Event()
    other = threading.Thread(target=gate.wait)
    other.start()
    try:
        with stand_by([two]) as standby:
            assert standby is None
    finally:
        gate.set()
        other.join()
