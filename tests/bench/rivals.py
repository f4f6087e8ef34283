"""Turn a contestant's command into a run on one core, and ``handouts batch`` into the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections import defaultdict
from compileall import compile_dir
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.bench.contest import MEGABYTE, Result
from tests.bench.original import PROGRAMME
from tests.bench.peer_html import find_browser

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

CHECKOUT = Path(__file__).parents[2]
_EVERY, _ENOUGH = 0.1, 20
"""Seconds between two looks at memory, and how many looks tell something."""
HANDOUTS = (sys.executable, "-m", "handouts")


def list_cores() -> list[int]:
    """Return the cores that this process may use; none where they cannot be chosen."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


@contextmanager
def pinned(cores: Sequence[int]) -> Iterator[None]:
    """Let what is started here have these cores, and no others (Linux only)."""
    before = list_cores()
    if before:
        os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        if before:
            os.sched_setaffinity(0, before)


@dataclass(frozen=True)
class Measured:
    """What a command gave."""

    said: str
    seconds: float
    megabytes: float
    """Largest resident memory of any of its processes that it has waited for."""
    early: float
    late: float
    """Memory of the child that worked longest, early and late in its life; 0 if that was short."""


def compiled_environment() -> dict[str, str]:
    """Return the variables for commands whose code is compiled once, as an installed package is."""
    compile_dir(CHECKOUT / "handouts", quiet=1)
    return {key: said for key, said in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def own_environment(folder: Path) -> dict[str, str]:
    """Return the variables for commands that keep what they know in a folder."""
    return {
        **compiled_environment(),
        "HANDOUTS_CACHE_DIR": str(folder / "cache"),
        "HANDOUTS_CONFIG_DIR": str(folder / "config"),
        "PYTHONPATH": str(CHECKOUT),
    }


def run_measured(command: list[str], folder: Path, cores: int) -> Measured:
    """Run a command that must succeed, on so many cores."""
    environment = own_environment(folder)
    said, told = folder / "said", folder / "told"
    with pinned(list_cores()[-cores:]), said.open("wb") as out, told.open("wb") as err:
        begin = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=err)
    with Observer(process.pid) as observer:
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.stderr.write(told.read_text(encoding="utf-8", errors="replace"))
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}")
    # ru_maxrss counts kilobytes, on macOS bytes.
    peak = usage.ru_maxrss / (MEGABYTE if sys.platform == "darwin" else 1024)
    return Measured(said.read_text(encoding="utf-8"), seconds, peak, *observer.compare())


def run_at_once(commands: Sequence[list[str]], folder: Path) -> float:
    """Run commands that must succeed, each on a core of its own; return the seconds until all end.

    Each keeps what it knows in a folder of its own.
    """
    homes = [folder / f"at-once-{number}" for number in range(len(commands))]
    environments = [own_environment(home) for home in homes]
    for home in homes:
        home.mkdir()
    begin = time.perf_counter()
    processes = []
    for command, home, variables, core in zip(
        commands, homes, environments, list_cores(), strict=False
    ):
        with pinned([core]), (home / "told").open("wb") as told:
            processes.append(
                subprocess.Popen(command, cwd=home, env=variables, stdout=told, stderr=told)
            )
    codes = [process.wait() for process in processes]
    seconds = time.perf_counter() - begin
    for home in homes:
        shutil.rmtree(home)
    if any(codes):
        raise SystemExit(f"commands at once failed with {codes}")
    return seconds


class Observer:
    """Looks at the memory of a process's children, now and then (Linux only)."""

    def __init__(self, parent: int) -> None:
        """Keep whose children they are."""
        self._children = Path(f"/proc/{parent}/task/{parent}/children")
        self._seen: defaultdict[int, list[float]] = defaultdict(list)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        page = os.sysconf("SC_PAGE_SIZE")
        while not self._end.wait(_EVERY):
            try:
                for child in self._children.read_text(encoding="ascii").split():
                    pages = Path(f"/proc/{child}/statm").read_text(encoding="ascii").split()[1]
                    self._seen[int(child)].append(int(pages) * page / MEGABYTE)
            except (OSError, ValueError, IndexError):
                continue  # it has gone while we looked

    def compare(self) -> tuple[float, float]:
        """Return the memory early and late in the life of the child that lived longest."""
        seen = max(self._seen.values(), key=len, default=[])
        if len(seen) < _ENOUGH:
            return 0.0, 0.0
        tenth = len(seen) // 10
        return max(seen[tenth : 3 * tenth]), max(seen[-2 * tenth :])

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Look no more."""
        self._end.set()
        self._thread.join()


@dataclass
class Rival:
    """A contestant beside ours."""

    name: str
    module: str
    way: str
    target: float
    """How many times its rate ours is to be; 0 where nothing is promised."""
    results: list[Result] = field(default_factory=list)

    def run(self, original: Path, folder: Path, count: int) -> Path:
        """Run it once; return the folder with its documents."""
        output = folder / f"{self.module}-{self.way}"
        shutil.rmtree(output, ignore_errors=True)
        command = [sys.executable, "-m", f"tests.bench.{self.module}", str(original), str(output)]
        told = run_measured([*command, "--count", str(count), "--way", self.way], folder, 1).said
        self.results.append(Result(**json.loads(told.splitlines()[-1])))
        return output


def find_rivals() -> tuple[list[Rival], list[str]]:
    """Return the contestants that are installed, and what to say of the others."""
    rivals = [Rival("plain WeasyPrint", "peer_html", "weasyprint", 50)]
    missing = []
    if find_spec("typst"):
        ways = ("fresh", "kept", "file")
        rivals[:0] = [Rival("Typst", "peer_typst", way, 5) for way in ways]
    else:
        missing.append("Typst is not installed here: its row is left out.")
    if find_browser():
        rivals.append(Rival("headless Chromium, kept open,", "peer_html", "chromium", 100))
        rivals.append(
            Rival("headless Chromium, a command each,", "peer_html", "chromium-command", 100)
        )
    else:
        missing.append("Chromium is not installed here: its row is left out.")
    return rivals, missing


class Begin(Enum):
    """What there is when a batch begins, and the words for it."""

    COLD = ""
    LAID_OUT = ", pages laid out before"
    DONE = ", the same again"


class Ours:
    """``handouts batch``, whole: from the start of the command to its end."""

    def __init__(self, workspace: Path, folder: Path) -> None:
        """Keep where the programme is, and a folder for what is made."""
        self._workspace, self._folder = workspace, folder
        self._runs = 0

    def run(
        self, roster: Path, count: int, workers: int = 1, *, begin: Begin = Begin.COLD
    ) -> Result:
        """Make everyone's booklet, with what is there at the beginning."""
        # A folder of its own each time, deleted when all is over: after thousands of files were
        # deleted, some file systems search for minutes before each new one (ext4: 0.5 ms).
        self._runs += begin is not Begin.DONE
        output = self.output
        if begin is Begin.COLD:
            shutil.rmtree(self._folder / "cache", ignore_errors=True)
        measured = run_measured(self._command(roster, workers, output), self._folder, workers)
        made = len([*output.glob("*.pdf")])
        if made != count:
            raise SystemExit(f"handouts batch made {made} booklets of {count}")
        memory = measured.megabytes
        return Result(count, measured.seconds, memory, early=measured.early, late=measured.late)

    def run_at_once(self, roster: Path, count: int) -> Result:
        """Make all booklets twice at once, by two commands that know nothing of each other."""
        outputs = [self._folder / f"ours-{self._runs}-{half}" for half in ("a", "b")]
        commands = [self._command(roster, 1, output) for output in outputs]
        return Result(2 * count, run_at_once(commands, self._folder), 0.0)

    def _command(self, roster: Path, workers: int, output: Path) -> list[str]:
        command = [*HANDOUTS, "-C", str(self._workspace), "batch", PROGRAMME]
        command += ["--clients", str(roster), "--workers", str(workers)]
        return [*command, "--output", str(output)]

    def read(self, number: int) -> bytes:
        """Return the booklet of the client with that number."""
        return (self.output / f"{PROGRAMME}-c{number:05}.pdf").read_bytes()

    @property
    def output(self) -> Path:
        """Where the booklets of the last run are."""
        return self._folder / f"ours-{self._runs}"
