"""Turn a contest of ``handouts batch`` with its peers into a table of rates and ratios.

Run by ``make bench``; ``ARGS="--clients 500 --full"`` measures larger samples, and 10,000 clients.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.original import (
    PAGES,
    PROGRAMME,
    make_names,
    read_original,
    write_roster,
    write_workspace,
)
from tests.bench.page import read_options, write_part
from tests.bench.rivals import Ours, Rival, find_rivals, list_cores, run_measured
from tests.bench.stand_in import STEPS
from tests.bench.verdict import find_lacks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.bench.contest import Result

MANY = 10_000
MOST_MEGABYTES = 250
FLAT = 1.1
"""Peak memory over 10,000 clients beside that over the usual number."""
# Documents that each contestant makes in a round: quickly, and in full.
SAMPLES = {
    "peer_typst": (30, 100),
    "weasyprint": (2, 20),
    "chromium": (5, 50),
    "chromium-command": (2, 10),
}
BUSY = 0.2
"""Processors at work on a machine that is not quiet."""
BOOKLET_BYTES = 400_000
INTRODUCTION = """\
## A batch of personal booklets

A booklet of {pages} pages, tagged, the client's name on its cover and in the foot of every page.
All contestants run on one core (`sched_setaffinity`), in turns, {rounds} rounds; numbers are
medians of one run of the benchmark. The judge reads the first and the last booklet of each back:
{pages} pages, tags, all {phrases} sentences of our data, the name on the cover and on each page,
or the run fails.

`handouts batch --workers 1` is the whole command, cold: start, reading and checking, laying out,
{clients} booklets, each flushed to disk. Peers are spared their start and their first document,
and do not flush. The same figures go to all of them as the same SVG files, and the same fonts;
writing lines at the ends of pages are left out for them, and the small icons for Typst."""


def count_sample(rival: Rival, *, full: bool) -> int:
    """Return how many documents a contestant makes in a round."""
    few, many = SAMPLES.get(rival.module) or SAMPLES[rival.way]
    return many if full else few


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
        self.results: list[Result] = []

    def measure(self, rounds: int) -> None:
        """Let all take their turns, again and again; judge what they have made."""
        for _ in range(rounds):
            result = self.ours.run(self.roster, self.clients)
            note("handouts batch", result)
            self.results.append(result)
            for number in (0, self.clients - 1):
                self._judge("handouts batch", self.ours.read(number), number)
            for rival in self.rivals:
                count = count_sample(rival, full=self.full)
                output = rival.run(self.saved, self.folder, count)
                note(rival.name, rival.results[-1])
                for number in (0, count):
                    self._judge(rival.name, (output / f"{number}.pdf").read_bytes(), number)
        self._keep_best("peer_typst")

    def run_ours(self, clients: int, workers: int = 1, *, again: bool = False) -> Result:
        """Run ours once with another number of clients or workers."""
        result = self.ours.run(self._write_roster(clients), clients, workers, again=again)
        note(f"handouts batch, {clients:,} clients, {workers} workers", result)
        return result

    def measure_steps(self) -> dict[str, float]:
        """Return where the time goes: seconds of each step, and how many booklets there were."""
        output = self.folder / "steps"
        command = [sys.executable, "-m", "tests.bench.stand_in", str(self.workspace), PROGRAMME]
        shutil.rmtree(self.folder / "cache", ignore_errors=True)
        said, seconds, _ = run_measured([*command, str(self.roster), str(output)], self.folder, 1)
        shutil.rmtree(output)
        steps: dict[str, float] = json.loads(said.splitlines()[-1])
        return {**steps, "whole": seconds}

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
    """Return whether that many booklets can be written here."""
    return shutil.disk_usage(folder).free > 1.3 * clients * BOOKLET_BYTES


# ── Tables ───────────────────────────────────────────────────────────────────────────────────────


def verdict(*, met: bool) -> str:
    """Return how a target was met."""
    return "yes" if met else "**no**"


def peers_table(contest: Contest, further: float) -> list[str]:
    """Return the rates side by side.

    Args:
        contest: after its rounds.
        further: seconds for each client beyond the first number of them.
    """
    rate = statistics.median(result.rate for result in contest.results)
    lines = [
        "| Booklets a second, one core | a round | rate | ours is | target | met | peak memory |",
        "|---|---:|---:|---:|---:|---|---:|",
        (
            f"| `handouts batch`, whole command | {contest.clients} | {rate:.0f} | | | "
            f"| {peak(contest.results):.0f} MB |"
        ),
        (
            f"| `handouts batch`, each client beyond {contest.clients:,} | {contest.clients} "
            f"| {1 / further:.0f} | | | | |"
        ),
    ]
    for rival in contest.rivals:
        ratio, first = rate / median_rate(rival), rival.results[0]
        target = f"{rival.target:g} × | {verdict(met=ratio >= rival.target)}"
        memory = f"{peak(rival.results):.0f} MB" if first.megabytes else ""
        lines.append(
            f"| {rival.name} {first.version} | {first.count} | {median_rate(rival):.2f} "
            f"| {ratio:.1f} × | {target if rival.target else '|'} | {memory} |"
        )
    return lines


def peak(results: Iterable[Result]) -> float:
    """Return the largest memory of some runs, in megabytes."""
    return max(result.megabytes for result in results)


def growth_table(contest: Contest, rounds: int) -> tuple[list[str], float]:
    """Return how ours grows with workers and clients, and seconds for each further client."""
    clients = contest.clients
    one = statistics.median(result.seconds for result in contest.results)
    double_runs = [contest.run_ours(2 * clients) for _ in range(rounds)]
    double = statistics.median(result.seconds for result in double_runs)
    rows = [
        (
            f"{2 * clients:,} clients beside {clients:,}",
            f"{double:.2f} s, {one:.2f} s",
            f"{double / one:.2f} ×",
            "2.1 × or less",
            double / one <= 2.1,
        ),
        *worker_rows(contest, one, rounds),
        *again_rows(contest, clients),
    ]
    if contest.full and has_room(contest.folder, MANY):
        rows += many_rows(contest)
    lines = [
        "| `handouts batch` beside itself | measured | | target | met |",
        "|---|---:|---:|---:|---|",
    ]
    for what, measured, ratio, target, met in rows:
        lines.append(f"| {what} | {measured} | {ratio} | {target} | {verdict(met=met)} |")
    return lines, max(double - one, 1e-9) / clients


Row = tuple[str, str, str, str, bool]


def worker_rows(contest: Contest, one: float, rounds: int) -> list[Row]:
    """Return the row of two workers on two cores."""
    if len(list_cores()) < 2:
        return []
    runs = [contest.run_ours(contest.clients, 2) for _ in range(rounds)]
    two = statistics.median(result.seconds for result in runs)
    return [
        (
            f"two workers beside one, {contest.clients:,} clients",
            f"{two:.2f} s, {one:.2f} s",
            f"{one / two:.2f} ×",
            "1.8 ×",
            one / two >= 1.8,
        )
    ]


def again_rows(contest: Contest, clients: int) -> list[Row]:
    """Return the row of a run with nothing changed."""
    first = contest.run_ours(clients)
    again = contest.run_ours(clients, again=True)
    return [
        (
            f"the same again, nothing changed, {clients:,} clients",
            f"{again.seconds:.2f} s, {first.seconds:.2f} s",
            f"{again.rate:,.0f} clients a second",
            "2,000",
            again.rate >= 2000,
        )
    ]


def many_rows(contest: Contest) -> list[Row]:
    """Return the rows of 10,000 clients: memory, a run again, and two workers."""
    usual = peak(contest.results)
    one = contest.run_ours(MANY)
    again = contest.run_ours(MANY, again=True)
    rows = [
        (
            f"peak memory of a worker, {MANY:,} clients beside {contest.clients:,}",
            f"{one.megabytes:.0f} MB, {usual:.0f} MB",
            f"{one.megabytes / usual:.2f} ×",
            f"{MOST_MEGABYTES} MB or less, {FLAT:g} × or less",
            one.megabytes <= MOST_MEGABYTES and one.megabytes / usual <= FLAT,
        ),
        (
            f"the same again, nothing changed, {MANY:,} clients",
            f"{again.seconds:.2f} s, {one.seconds:.2f} s",
            f"{again.rate:,.0f} clients a second",
            "2,000",
            again.rate >= 2000,
        ),
    ]
    if len(list_cores()) < 2:
        return rows
    two = contest.run_ours(MANY, 2)
    return [
        *rows,
        (
            f"two workers beside one, {MANY:,} clients",
            f"{two.seconds:.2f} s, {one.seconds:.2f} s",
            f"{one.seconds / two.seconds:.2f} ×",
            "1.8 ×",
            one.seconds / two.seconds >= 1.8,
        ),
    ]


def steps_table(steps: dict[str, float]) -> list[str]:
    """Return where the time of a booklet goes."""
    count = steps["count"]
    known = {
        "layout": "once: layout of the plates",
        "join": "once: join into one document",
        "places": "once: places for the name",
        "compose": "each client: compose",
        "write": "each client: write",
        "fsync": "each client: flush to disk",
    }
    lines = [
        f"| Where the time goes, {count:,.0f} clients, one process | whole | each client |",
        "|---|---:|---:|",
    ]
    for step in STEPS:
        each = f"{steps[step] / count * 1000:.2f} ms" if known[step].startswith("each") else ""
        lines.append(f"| {known[step]} | {steps[step]:.2f} s | {each} |")
    rest = steps["whole"] - sum(steps[step] for step in STEPS)
    return [*lines, f"| the rest: start, reading, checking | {rest:.2f} s | |"]


def describe_machine() -> str:
    """Return the versions of all that has run, and what it ran on."""
    engines = ("handouts", "weasyprint", "pikepdf", "reportlab")
    versions = ", ".join(f"{name} {version(name)}" for name in engines)
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    return (
        f"Python {platform.python_version()}, {versions}; "
        f"{platform.system()} {platform.machine()}, {model}, {os.cpu_count()} processors."
    )


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


def describe_load(load: float) -> str:
    """Return a warning where other programs were at work: they take turns with all contestants.

    Args:
        load: processors that were at work before the benchmark began.
    """
    if load < BUSY:
        return ""
    return (
        f"**Other programs kept {load:.1f} of {os.cpu_count()} processors at work: take these\n"
        "numbers for what they are, and measure again.**"
    )


def write_table(contest: Contest, rounds: int, command: str, load: float) -> str:
    """Return the part of the page."""
    growth, further = growth_table(contest, rounds)
    ways = [rival.results[0].note for rival in contest.rivals if rival.module == "peer_typst"]
    notes = [f"Typst's best of three ways counts: {ways[0]}."] if ways else []
    if any(rival.way == "chromium" for rival in contest.rivals):
        notes.append(
            "Chromium's target counts for one browser that stays open with the page loaded; for\n"
            "each client the name is put in, and the page printed over the debugging pipe. Its\n"
            "memory is the sum of its processes' shares at the end. Started anew for each client,\n"
            "it stands there for comparison only."
        )
    introduction = INTRODUCTION.format(
        pages=PAGES,
        rounds=rounds,
        clients=f"{contest.clients:,}",
        phrases=len(contest.original.phrases),
    )
    parts = [
        introduction,
        describe_load(load),
        "\n".join(peers_table(contest, further)),
        "\n".join([*notes, *contest.missing]),
        "\n".join(growth),
        "\n".join(steps_table(contest.measure_steps())),
        f"Made by `{command}`. {describe_machine()}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def main() -> None:
    """Measure, print the tables and write them to docs/benchmarks.md."""
    options = read_options(__doc__)
    arguments = " ".join(sys.argv[1:])
    command = f'make bench ARGS="{arguments}"' if arguments else "make bench"
    load = measure_load()
    with tempfile.TemporaryDirectory() as folder:
        contest = Contest(Path(folder), options.clients, full=options.full)
        contest.measure(options.rounds)
        table = write_table(contest, options.rounds, command, load)
    sys.stdout.write(table)
    if options.output != "-":
        write_part(Path(options.output), "batch", table)


if __name__ == "__main__":
    main()
