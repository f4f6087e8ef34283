"""Turn the contestants into the results of their turns, judged."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.original import (
    PROGRAMME,
    make_names,
    read_original,
    write_needy_roster,
    write_roster,
    write_workspace,
)
from tests.bench.rivals import Begin, Ours, Rival, find_rivals, list_cores, run_measured
from tests.bench.verdict import find_lacks

if TYPE_CHECKING:
    from tests.bench.contest import Result

MANY = 10_000
NEEDS = 60
"""Combinations of conditions in the list of those who have some."""
BOOKLET_BYTES = 300_000
# Documents that each contestant makes in a round: quickly, and in full.
SAMPLES = {
    "peer_typst": (30, 100),
    "weasyprint": (2, 20),
    "chromium": (5, 50),
    "chromium-command": (2, 10),
}


def count_sample(rival: Rival, *, full: bool) -> int:
    """Return how many documents a contestant makes in a round."""
    few, many = SAMPLES.get(rival.module) or SAMPLES[rival.way]
    return many if full else few


@dataclass(frozen=True)
class Run:
    """A way to run ours."""

    clients: int
    workers: int = 1
    begin: Begin = Begin.COLD
    needs: int = 0
    """How many combinations of conditions there are among the clients."""

    def __str__(self) -> str:
        """Return the words for it."""
        needs = f" of {self.needs} different needs" if self.needs else ""
        return f"{self.clients:,} clients{needs}, --workers {self.workers}{self.begin.value}"


class Contest:
    """Ours and the peers, in a folder of their own."""

    def __init__(self, folder: Path, clients: int, *, full: bool) -> None:
        """Make the original that all of them get."""
        self.folder, self.clients, self.full = folder, clients, full
        workspace = write_workspace(folder / "workspace")
        self.names = make_names(max(MANY, 2 * clients))
        self.roster = self._write_roster(clients)
        self.original, _ = read_original(workspace, self.roster)
        self.saved = folder / "original.json"
        self.original.save(self.saved)
        self.ours = Ours(workspace, folder)
        self.workspace = workspace
        self.rivals, self.missing = find_rivals()
        self.runs: defaultdict[Run, list[Result]] = defaultdict(list)
        self.at_once: list[Result] = []

    def measure(self, rounds: int) -> None:
        """Let all take their turns, again and again; judge what they have made."""
        for _ in range(rounds):
            self._run_ours(self.clients)
            for rival in self.rivals:
                count = count_sample(rival, full=self.full)
                output = rival.run(self.saved, self.folder, count)
                note(rival.name, rival.results[-1])
                for number in (0, count):
                    self._judge(rival.name, (output / f"{number}.pdf").read_bytes(), number)
            self._run_at_once()
            self._run_ours(2 * self.clients)
            self._run_needy()
            if self.clients < MANY and has_room(self.folder, MANY):
                self._run_ours(MANY)
        self._keep_best("peer_typst")

    def _run_ours(self, clients: int) -> None:
        """Run ours: with two workers, with one, with plates kept, and with nothing changed."""
        roster = self._write_roster(clients)
        ways = [Run(clients), Run(clients, begin=Begin.DONE), Run(clients, begin=Begin.LAID_OUT)]
        if len(list_cores()) > 1:
            ways.insert(0, Run(clients, workers=2))
        for way in ways:
            result = self.ours.run(roster, clients, way.workers, begin=way.begin)
            note(f"handouts batch, {way}", result)
            self.runs[way].append(result)
            for number in (0, clients - 1):
                self._judge("handouts batch", self.ours.read(number), number)

    def _run_needy(self) -> None:
        """Run ours with one worker and two, where clients need different pages."""
        roster = write_needy_roster(
            self.folder / "needy.csv", self.names[: self.clients], min(NEEDS, self.clients)
        )
        for workers in (1, 2) if len(list_cores()) > 1 else (1,):
            way = Run(self.clients, workers, needs=NEEDS)
            self.runs[way].append(self.ours.run(roster, self.clients, workers))
            note(f"handouts batch, {way}", self.runs[way][-1])

    def _run_at_once(self) -> None:
        """Run ours twice at once: what two processors of this machine can do at most."""
        if len(list_cores()) > 1:
            self.at_once.append(self.ours.run_at_once(self.roster, self.clients))
            note("handouts batch, two commands at once", self.at_once[-1])

    def measure_steps(self) -> dict[str, float]:
        """Return where the time goes: seconds of each step, and how many booklets there were."""
        output = self.folder / "steps"
        command = [sys.executable, "-m", "tests.bench.stand_in", str(self.workspace), PROGRAMME]
        shutil.rmtree(self.folder / "cache", ignore_errors=True)
        measured = run_measured([*command, str(self.roster), str(output)], self.folder, 1)
        shutil.rmtree(output)
        steps: dict[str, float] = json.loads(measured.said.splitlines()[-1])
        return {**steps, "whole": measured.seconds}

    def _keep_best(self, module: str) -> None:
        """Drop all but the fastest of a contestant's ways: the others have had their chance."""
        ways = [rival for rival in self.rivals if rival.module == module]
        slower = sorted(ways, key=median_rate)[:-1]
        self.rivals = [rival for rival in self.rivals if rival not in slower]

    def _judge(self, name: str, pdf: bytes, number: int) -> None:
        lacks = find_lacks(pdf, self.original.phrases, self.names[number])
        if lacks:
            raise SystemExit(f"{name}: not the same booklet:\n" + "\n".join(lacks[:20]))

    def _write_roster(self, clients: int) -> Path:
        return write_roster(self.folder / f"clients-{clients}.csv", self.names[:clients])


def note(name: str, result: Result) -> None:
    """Say on the terminal what was measured."""
    sys.stderr.write(
        f"{name}: {result.count} in {result.seconds:.2f} s, {result.rate:.1f} a second, "
        f"{result.megabytes:.0f} MB {result.note}\n"
    )


def median_rate(rival: Rival) -> float:
    """Return a contestant's documents a second."""
    return statistics.median(result.rate for result in rival.results)


def has_room(folder: Path, clients: int) -> bool:
    """Return whether that many booklets can be written here, in three ways."""
    return shutil.disk_usage(folder).free > 4 * clients * BOOKLET_BYTES


def measure_load(seconds: float = 2.0) -> float:
    """Return how many processors other programs keep at work just now (Linux only)."""

    def read() -> tuple[float, float]:
        # user, nice, system, idle, waiting for input or output, … (proc(5))
        times = [float(each) for each in counter.read_text(encoding="ascii").split()[1:9]]
        return sum(times), times[3] + times[4]

    counter = Path("/proc/stat")
    if not counter.exists():
        return 0.0
    whole, idle = read()
    time.sleep(seconds)
    whole_after, idle_after = read()
    share = (idle_after - idle) / max(whole_after - whole, 1.0)
    return (1.0 - share) * (os.cpu_count() or 1)
