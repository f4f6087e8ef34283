"""Turn the results of a match into tables of rates, ratios and targets."""

from __future__ import annotations

import os
import platform
import statistics
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.match import MANY, NEEDS, Run, median_rate
from tests.bench.original import PAGES
from tests.bench.rivals import Begin
from tests.bench.stand_in import STEPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.bench.contest import Result
    from tests.bench.match import Contest

MOST_MEGABYTES = 250
FLAT = 1.1
"""A worker's memory late in a run beside that early in it."""
BUSY = 0.2
"""Processors at work on a machine that is not quiet."""
INTRODUCTION = """\
## A batch of personal booklets

A booklet of {pages} pages, tagged, the client's name on its cover and in the foot of every page.
All contestants run on one core (`sched_setaffinity`), in turns, {rounds} rounds; numbers are
medians of one run of the benchmark. The judge reads the first and the last booklet of each back:
{pages} pages, tags, all {phrases} sentences of our data, the name on the cover and on each page,
or the run fails.

`handouts batch --workers 1` is the whole command, compiled as an installed package is, with an
empty cache: start, reading and checking, laying out, all booklets, each flushed to disk. "Pages
laid out before" is the same with the cache of an earlier run; "each further client" is what the
largest run does beyond the first. Peers are spared their start and their first document, and do
not flush; a column says how many times a peer's rate ours is. The same figures go to all of them
as the same SVG files, and the same fonts; writing lines at the ends of pages are left out for
them, and the small icons for Typst."""


def verdict(*, met: bool) -> str:
    """Return how a target was met."""
    return "yes" if met else "**no**"


def peers_table(contest: Contest) -> list[str]:
    """Return the rates side by side: a row for each contestant, a column for each way of ours."""
    ways = {
        f"{way.clients:,} clients{way.begin.value}": way.clients / middle(contest.runs[way])
        for way in list_ways(contest)
    }
    most = MANY if Run(MANY) in contest.runs else 2 * contest.clients
    further = middle(contest.runs[Run(most)]) - middle(contest.runs[Run(contest.clients)])
    ways["each further client"] = (most - contest.clients) / further if further > 0 else 0.0
    lines = [
        f"| Booklets a second, one core | rate | {' | '.join(ways)} | target | met | memory |",
        "|---|---:|" + "---:|" * len(ways) + "---:|---|---:|",
        (
            f"| `handouts batch` | | {' | '.join(f'{rate:.0f}' for rate in ways.values())} | | "
            f"| {peak(contest.runs[Run(contest.clients)]):.0f} MB |"
        ),
    ]
    for rival in contest.rivals:
        rate, first = median_rate(rival), rival.results[0]
        ratios = [ours / rate for ours in ways.values()]
        met = verdict(met=ratios[0] >= rival.target)
        target = f"{rival.target:g} × | {met}" if rival.target else "|"
        memory = f"{peak(rival.results):.0f} MB" if first.megabytes else ""
        shown = " | ".join(
            f"{ratio:.1f} ×" if ratio < 100 else f"{ratio:.0f} ×" for ratio in ratios
        )
        lines.append(
            f"| {rival.name} {first.version} | {rate:.2f} | {shown} | {target} | {memory} |"
        )
    return lines


def list_ways(contest: Contest) -> list[Run]:
    """Return the ways to run ours that stand beside the peers; targets are for the first."""
    few = [Run(contest.clients), Run(contest.clients, begin=Begin.LAID_OUT)]
    return few + ([Run(MANY)] if Run(MANY) in contest.runs else [])


def peak(results: Iterable[Result]) -> float:
    """Return the largest memory of some runs, in megabytes."""
    return max(result.megabytes for result in results)


def growth_table(contest: Contest) -> list[str]:
    """Return how ours grows with clients and workers, and what is spared where nothing changed."""
    sizes = [contest.clients, *([MANY] if Run(MANY) in contest.runs else [])]
    lines = [
        "| `handouts batch` beside itself | measured | | target | met |",
        "|---|---:|---:|---:|---|",
    ]
    one, double = (middle(contest.runs[Run(times * contest.clients)]) for times in (1, 2))
    rows: list[Row] = [
        (
            f"{2 * contest.clients:,} clients beside {contest.clients:,}",
            f"{double:.2f} s, {one:.2f} s",
            f"{double / one:.2f} ×",
            "2.1 × or less",
            double / one <= 2.1,
        )
    ]
    for clients in sizes:
        rows += size_rows(contest, clients)
    needy = Run(contest.clients, needs=NEEDS)
    rows += workers_row(contest, needy, f"{contest.clients:,} clients of {NEEDS} different needs")
    rows += ceiling_row(contest)
    lines += [
        f"| {what} | {measured} | {ratio} | {target} | {'' if met is None else verdict(met=met)} |"
        for what, measured, ratio, target, met in rows
    ]
    return lines


Row = tuple[str, str, str, str, bool | None]


def size_rows(contest: Contest, clients: int) -> list[Row]:
    """Return the rows of a number of clients: two workers, a run again, memory."""
    ones, agains = (contest.runs[Run(clients, begin=way)] for way in (Begin.COLD, Begin.DONE))
    one, again = middle(ones), middle(agains)
    rows: list[Row] = []
    rows += workers_row(contest, Run(clients), f"{clients:,} clients who are all alike")
    rows += [
        (
            f"the same again, nothing changed, {clients:,} clients",
            f"{again:.2f} s, {one:.2f} s",
            f"{clients / again:,.0f} clients a second",
            "2,000",
            clients / again >= 2000,
        ),
        (
            f"peak memory of any process, {clients:,} clients",
            f"{peak(ones):.0f} MB",
            "",
            f"{MOST_MEGABYTES} MB or less",
            peak(ones) <= MOST_MEGABYTES,
        ),
    ]
    found = [result for result in ones if result.early and result.late]
    if clients >= MANY and found:
        worst = max(found, key=lambda result: result.late / result.early)
        rows.append(
            (
                f"a worker's memory: late in a run, and early, {clients:,} clients",
                f"{worst.late:.0f} MB, {worst.early:.0f} MB",
                f"{worst.late / worst.early:.2f} ×",
                f"{FLAT:g} × or less",
                worst.late / worst.early <= FLAT,
            )
        )
    return rows


def workers_row(contest: Contest, run: Run, whom: str) -> list[Row]:
    """Return the row of two workers beside one, where there are two cores."""
    twos = contest.runs.get(replace(run, workers=2))
    if not twos:
        return []
    one, two = middle(contest.runs[run]), middle(twos)
    figures = f"{two:.2f} s, {one:.2f} s", f"{one / two:.2f} ×"
    return [(f"two workers beside one, {whom}", *figures, "1.8 ×", one / two >= 1.8)]


def ceiling_row(contest: Contest) -> list[Row]:
    """Return the row of two commands at once beside one alone: nobody can share work better."""
    if not contest.at_once:
        return []
    one, both = middle(contest.runs[Run(contest.clients)]), middle(contest.at_once)
    what = f"two commands at once beside one alone, {contest.clients:,} clients each"
    return [(what, f"{both:.2f} s, {one:.2f} s", f"{2 * one / both:.2f} × the work", "", None)]


def middle(results: Iterable[Result]) -> float:
    """Return the median of some runs, in seconds."""
    return statistics.median(result.seconds for result in results)


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
    ways = [rival.results[0].note for rival in contest.rivals if rival.module == "peer_typst"]
    notes = [f"Typst's best of three ways counts: {ways[0]}."] if ways else []
    if any(rival.way == "chromium" for rival in contest.rivals):
        notes.append(
            "Chromium's target counts for a command for each client, and for one browser that\n"
            "stays open with the page loaded: for each client the name is put in, and the page\n"
            "printed over the debugging pipe. Its memory is the sum of its processes' shares\n"
            "at the end."
        )
    introduction = INTRODUCTION.format(
        pages=PAGES,
        rounds=rounds,
        phrases=len(contest.original.phrases),
    )
    parts = [
        introduction,
        describe_load(load),
        "\n".join(peers_table(contest)),
        "\n".join([*notes, *contest.missing]),
        "\n".join(growth_table(contest)),
        "\n".join(steps_table(contest.measure_steps())),
        f"Made by `{command}`. {describe_machine()}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
