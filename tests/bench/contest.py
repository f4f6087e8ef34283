"""Turn a contestant's function into a measured run: one document first, then the clock.

Each contestant is a process of its own. It makes one document that is not counted, so that starting
up, reading fonts and filling caches cost it nothing; then those that are. It writes them to files,
as they come, and says on standard output how long that took.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.original import make_names

if TYPE_CHECKING:
    from collections.abc import Callable

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Result:
    """What a run gave."""

    count: int
    seconds: float
    megabytes: float
    """Largest resident memory, of all processes of the contestant."""
    version: str = ""
    note: str = ""
    early: float = 0.0
    """Memory of the process that worked longest, early in the run; 0 where it was too short."""
    late: float = 0.0

    @property
    def rate(self) -> float:
        """Documents a second."""
        return self.count / self.seconds


def read_arguments() -> argparse.Namespace:
    """Return what every contestant is told."""
    parser = argparse.ArgumentParser()
    parser.add_argument("original", type=Path, help="the saved original")
    parser.add_argument("output", type=Path, help="folder for the documents")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--way", default="", help="one of the contestant's own ways")
    return parser.parse_args()


def measure(make: Callable[[str], bytes], output: Path, count: int) -> tuple[int, float]:
    """Make a document that is not counted, then the others; return their number and seconds.

    The first remains as ``0.pdf``: the judges read it, and the last.
    """
    output.mkdir(parents=True, exist_ok=True)
    names = make_names(count + 1)
    (output / "0.pdf").write_bytes(make(names[0]))
    begin = time.perf_counter()
    for number, name in enumerate(names[1:], 1):
        (output / f"{number}.pdf").write_bytes(make(name))
    return count, time.perf_counter() - begin


def say(result: Result) -> None:
    """Write the result where the benchmark reads it."""
    sys.stdout.write(json.dumps(asdict(result)) + "\n")


def own_peak() -> float:
    """Return this process's largest resident memory in megabytes."""
    # ru_maxrss counts kilobytes, on macOS bytes.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (MEGABYTE if sys.platform == "darwin" else 1024)


def pin(core: int) -> None:
    """Keep this process, and all that it starts, on one core (Linux only)."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
