"""The same work, by this machine's processes, by threads, or by a cluster: the same bytes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import active_children
from typing import TYPE_CHECKING

import pytest

from handouts.batch import run as run_module
from handouts.batch.hands import hire, is_lost, size_chunk
from handouts.batch.plan import BatchOrder, plan_batch
from handouts.batch.run import Run
from handouts.problem import Report
from tests.batch.conftest import command, list_clients, list_leavings, read_made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor
    from pathlib import Path

    Ran = Callable[..., subprocess.CompletedProcess[str]]

CLUSTER = """\
import sys
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, protocol="tcp://"
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


def test_all_processors_work_unless_fewer_are_wanted(order: BatchOrder) -> None:
    assert replace(order, workers=7).count_workers() == 7
    assert replace(order, workers=0).count_workers() >= 1
    assert replace(order, workers=1).count_layers() == 1
    many, all_of_them = replace(order, workers=256), replace(order, workers=0)
    assert many.count_layers() == all_of_them.count_workers()


def test_few_are_shared_among_all_and_many_are_given_in_large_parts() -> None:
    assert size_chunk(3, 2) == 1
    assert size_chunk(60, 2) == 7  # 8 × 7 + 4
    assert size_chunk(500, 1) == size_chunk(10_000, 8) == 100
    assert all(copies / size_chunk(copies, 4) >= 16 for copies in range(16, 2000))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows counts otherwise")
def test_no_more_files_are_open_than_may_be(practice: Path) -> None:
    import resource

    (practice / "clients.csv").write_text(list_clients(150), encoding="utf-8")

    def hold() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))

    words = command("batch", "tiny", "--workers", "1")
    ran = subprocess.run(words, capture_output=True, preexec_fn=hold, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert len(read_made(practice / "output")) == 150


def test_workers_hear_no_ctrl_c_but_go_when_told(order: BatchOrder, tmp_path: Path) -> None:
    with hire(order, tmp_path) as executor:
        assert executor.submit(signal.getsignal, signal.SIGINT).result() == signal.SIG_IGN
        assert executor.submit(signal.getsignal, signal.SIGTERM).result() == signal.SIG_DFL
    assert not active_children()


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux")
def test_workers_go_even_if_one_was_killed_with_the_lock_of_the_queue(
    order: BatchOrder, tmp_path: Path
) -> None:
    for _ in range(5):
        with hire(order, tmp_path) as executor:
            executor.submit(os.getpid).result()
            waiting = [child.pid for child in active_children() if child.pid]
            os.kill(waiting[0], signal.SIGKILL)
        assert not active_children()


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux")
def test_work_that_is_still_going_on_keeps_nobody_waiting(
    order: BatchOrder, tmp_path: Path
) -> None:
    begin = time.monotonic()
    with hire(order, tmp_path) as executor:
        future = executor.submit(signal.pause)
        executor.submit(os.getpid).result()
    assert time.monotonic() - begin < 5
    error = future.exception()
    assert isinstance(error, BrokenExecutor)
    assert is_lost(error)


def test_only_a_lost_worker_is_one() -> None:
    class KilledWorker(Exception):  # noqa: N818  as Dask calls it
        """What Dask says of work that has killed several workers."""

    assert is_lost(KilledWorker())
    assert not is_lost(ZeroDivisionError())


def test_any_executor_makes_the_same_bytes(
    order: BatchOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(plan_batch(order, Report()), Report())
    assert all(outcome.entry for outcome in run.work())
    threads = ThreadPoolExecutor(2)

    @contextmanager
    def hire_threads(*_: object) -> Iterator[Executor]:
        yield threads

    # One that outlives a window keeps masters that it has read: they must not be mixed up.
    monkeypatch.setattr(run_module, "hire", hire_threads)
    monkeypatch.setattr(run_module, "_WINDOW", 1)
    elsewhere = replace(order, folder=order.folder.with_name("elsewhere"))
    run = Run(plan_batch(elsewhere, Report()), Report())
    assert len(plan_batch(elsewhere, Report()).group()) == 2
    assert all(outcome.entry for outcome in run.work())
    threads.shutdown()
    assert read_made(elsewhere.folder) == read_made(order.folder)


def test_a_cluster_makes_the_same_bytes(practice: Path, spawn: Ran) -> None:
    pytest.importorskip("distributed")
    assert spawn("batch", "tiny", "--output", "here").returncode == 0
    script = practice / "cluster.py"
    script.write_text(CLUSTER, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as cluster:
        assert cluster.stdout
        address = cluster.stdout.readline().strip()
        ran = spawn("batch", "tiny", "--output", "there", "--scheduler", address)
        assert cluster.stdin
        cluster.stdin.close()
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.endswith("3 made\n")
    assert len(ran.stdout.splitlines()) == 3
    assert read_made(practice / "there") == read_made(practice / "here")
    assert list_leavings(practice / "there") == []


def test_where_nothing_listens_there_is_no_scheduler(practice: Path, spawn: Ran) -> None:
    pytest.importorskip("distributed")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        ran = spawn("batch", "tiny", "--scheduler", address)
    assert (ran.returncode, ran.stdout.split("\t")[0]) == (3, "not made")
    assert f'error[no-scheduler] no scheduler answers at "{address}"' in ran.stderr
    assert "Traceback" not in ran.stderr
    assert read_made(practice / "output") == {}
    wrong = spawn("batch", "tiny", "--scheduler", "nonsense://x")
    assert "error[no-scheduler]" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_without_dask_one_is_told_how_to_get_it(practice: Path, spawn: Ran) -> None:
    blocker = practice / "blocker" / "distributed"
    blocker.mkdir(parents=True)
    (blocker / "__init__.py").write_text("raise ImportError('not here')\n", encoding="utf-8")
    path = os.pathsep.join([str(blocker.parent), os.environ.get("PYTHONPATH", "")])
    ran = spawn("batch", "tiny", "--scheduler", "tcp://127.0.0.1:9", PYTHONPATH=path)
    assert ran.returncode == 3
    assert "error[extra-missing] --scheduler needs Dask" in ran.stderr
    assert "hint: run: pip install 'handouts[cluster]'" in ran.stderr
