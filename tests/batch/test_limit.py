"""Work that takes too long or too much is stopped, and a worker ends with who gave it work."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, NoReturn

import pytest

from handouts.batch.limit import Limit
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from pathlib import Path

ORPHAN = """\
import os, sys, time
from multiprocessing import get_context
from handouts.batch.limit import follow_parent

def work():
    follow_parent()
    print(os.getpid(), flush=True)
    time.sleep(60)

if __name__ == "__main__":
    get_context("fork").Process(target=work).start()
    time.sleep(60)
"""
GREEDY = """\
from handouts.batch.limit import Limit
limit = Limit(megabytes=300)
limit.hold_memory()
data = bytearray(200_000_000)
try:
    with limit.watch():
        data += bytearray(200_000_000)
except Exception as error:
    print(error)
"""


def test_work_in_time_is_left_alone() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with Limit(seconds=60).watch():
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 50
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert signal.getsignal(signal.SIGALRM) == before


def hang() -> NoReturn:
    """Wait for ever, and take no error of Python's for an answer."""
    while True:
        with contextlib.suppress(Exception):
            time.sleep(10)


def test_work_that_takes_too_long_is_stopped_whatever_it_catches() -> None:
    begin = time.monotonic()
    with pytest.raises(HandoutError, match=r"longer than 0\.1 seconds"), Limit(0.1).watch():
        hang()
    assert time.monotonic() - begin < 2
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_want_of_memory_is_a_problem() -> None:
    with pytest.raises(HandoutError, match=r"more than 7 MB"), Limit(megabytes=7).watch():
        raise MemoryError


def test_a_thread_has_no_alarm_and_works_on() -> None:
    done = []

    def work() -> None:
        with Limit(seconds=0.01).watch():
            time.sleep(0.05)
            done.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [1]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process's memory")
def test_a_worker_gets_no_more_memory_than_it_may_have() -> None:
    command = [sys.executable, "-c", GREEDY]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("error[took-too-much] this took more than 300 MB")


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 there")
def test_a_worker_ends_with_its_parent(tmp_path: Path) -> None:
    script = tmp_path / "orphan.py"
    script.write_text(ORPHAN, encoding="utf-8")
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    # The pipe's other end goes with the worker, whoever reaps it.
    assert parent.stdout.read() == ""
    parent.stdout.close()
    end = time.monotonic() + 5
    while _is_there(worker) and time.monotonic() < end:
        time.sleep(0.01)
    assert not _is_there(worker)


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # One that has ended but was not waited for yet is a zombie.
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as status:  # noqa: PTH123
            return status.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
