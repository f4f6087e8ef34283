"""Turn runs of ``handouts`` and of its peers, taken in turns, into a table of ratios.

Run by ``make bench``; ``ARGS="--repeat 3 --output -"`` makes it short and prints the table only.
Every number is the median of a whole command, as a person waits for it: start, imports and all.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.page import read_options, write_part
from tests.bench.rivals import compiled_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CHECKOUT = Path(__file__).parents[2]
LIBRARY = CHECKOUT / "handouts" / "library" / "exercises"
EXERCISE = "hip-hinge"
HANDOUTS = (sys.executable, "-m", "handouts")
WEASYPRINT = (sys.executable, "-m", "weasyprint", "--quiet", "--pdf-variant", "pdf/ua-1")
CLICK = (sys.executable, "-c", "import click")
THOUSAND = 1000
INTRODUCTION = """\
Each number is the median of {repeat} runs of the
whole command, as a person waits for it. The runs take turns, so that whatever else the machine does
slows all of them. Code is compiled, as that of an installed package is. Caches are empty at the
start, but where it says "again".

The plain command is `weasyprint --pdf-variant pdf/ua-1 page.html page.pdf` on the page that
`handouts render --html` writes. Unlike it, `handouts` also reads and checks the data, fills the
templates, proves that the finished pages say all that they must, and prints the foot."""


@dataclass
class Runner:
    """One thing to measure: commands that run one after the other as if they were one."""

    name: str
    commands: Callable[[], Sequence[Sequence[str]]]
    cold: bool = False
    """Whether it starts with an empty cache each time."""
    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    def run(self, cache: Path) -> None:
        """Run once and note wall time and the largest resident memory of any command."""
        if self.cold:
            shutil.rmtree(cache, ignore_errors=True)
        environment = {**compiled_environment(), "HANDOUTS_CACHE_DIR": str(cache)}
        begin = time.perf_counter()
        peaks = [measure_command(command, environment) for command in self.commands()]
        self.seconds.append(time.perf_counter() - begin)
        self.megabytes.append(max(peaks))

    @property
    def median(self) -> float:
        """Seconds."""
        return statistics.median(self.seconds)

    @property
    def peak(self) -> float:
        """Megabytes."""
        return max(self.megabytes)


@dataclass(frozen=True)
class Ratio:
    """Two runners side by side, and how much of the second the first may take."""

    what: str
    ours: Runner
    theirs: Runner
    target: float

    def row(self) -> str:
        """Return the line of the table."""
        ratio = self.ours.median / self.theirs.median
        verdict = "yes" if ratio <= self.target else "**no**"
        return (
            f"| {self.what} | {self.ours.median * 1000:.0f} ms "
            f"| {self.theirs.median * 1000:.0f} ms "
            f"| {ratio:.2f} × | {self.target:g} × | {verdict} |"
        )


def measure_command(command: Sequence[str], environment: dict[str, str]) -> float:
    """Run a command that must succeed; return its largest resident memory in megabytes."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = f"{' '.join(command)} failed with {process.returncode}"
        raise SystemExit(message)
    # ru_maxrss counts kilobytes, on macOS bytes.
    return usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def strip_figures(folder: Path) -> Path:
    """Return a workspace with the shipped exercises without their figures."""
    exercises = folder / "bare" / "exercises"
    exercises.mkdir(parents=True)
    for file in LIBRARY.glob("*.yaml"):
        text = re.sub(r"(?ms)^figures:\n(?:[ #].*?\n|\n)*", "", file.read_text(encoding="utf-8"))
        bare = re.sub(r"(?m)^ *figures?: .*\n", "", text).replace(", figure: ", ", # ")
        (exercises / file.name).write_text(bare, encoding="utf-8")
    return exercises.parent


def measure_figures() -> list[tuple[str, float, int]]:
    """Return each figure of the shipped exercises: its name, milliseconds and bytes."""
    from handouts.figure.draw import draw_pose
    from handouts.figure.words import describe_pose
    from handouts.problem import Report
    from handouts.source.library import read_exercise, read_vocabulary
    from handouts.source.workspace import Workspace

    vocabulary = read_vocabulary(Workspace(), Report())
    measured = []
    for file in sorted(LIBRARY.glob("*.yaml")):
        exercise = read_exercise(file, file.name, vocabulary, Report())
        for name, pose in exercise.figures.items() if exercise else ():
            start = exercise.figures[pose.start] if exercise and pose.start else None
            times = []
            for _ in range(15):
                begin = time.perf_counter()
                svg = draw_pose(pose, start).as_svg(describe_pose(pose), 33)
                times.append(time.perf_counter() - begin)
            measured.append((f"{file.stem} {name}", statistics.median(times) * 1000, len(svg)))
    return measured


def fill_library(folder: Path) -> Path:
    """Return a workspace with a thousand exercises: copies of the shipped ones."""
    exercises = folder / "thousand" / "exercises"
    exercises.mkdir(parents=True)
    (exercises.parent / "handouts.toml").touch()
    shipped = [file.read_text(encoding="utf-8") for file in sorted(LIBRARY.glob("*.yaml"))]
    for number in range(THOUSAND):
        text = shipped[number % len(shipped)]
        (exercises / f"exercise-{number:04}.yaml").write_text(text, encoding="utf-8")
    return exercises.parent


class Bench:
    """The runners and the ratios between them, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        """Write the HTML pages that the plain command gets, and the large library."""
        self.folder = folder
        self.slugs = sorted(file.stem for file in LIBRARY.glob("*.yaml"))
        pages, made = folder / "html", folder / "pdf"
        made.mkdir()
        every = (*HANDOUTS, "render", "--all", "--html", "--output", str(pages))
        subprocess.run(every, check=True, stdout=subprocess.DEVNULL)
        thousand = str(fill_library(folder))
        bare = str(strip_figures(folder))

        def plain(slug: str) -> Sequence[str]:
            return (*WEASYPRINT, str(pages / f"{slug}.html"), str(made / f"plain-{slug}.pdf"))

        def ours(*arguments: str) -> Callable[[], Sequence[Sequence[str]]]:
            return lambda: [(*HANDOUTS, *arguments)]

        render = ("render", "--output", str(made))
        listing = ("-C", thousand, "list")
        self.plain = Runner("`weasyprint`, one page", lambda: [plain(EXERCISE)])
        self.plain_five = Runner(
            "`weasyprint`, five times", lambda: [plain(slug) for slug in self.slugs]
        )
        self.bare = Runner(
            "`handouts render`, one without figures", ours("-C", bare, *render, EXERCISE), cold=True
        )
        self.one = Runner("`handouts render`, one", ours(*render, EXERCISE), cold=True)
        self.again = Runner("the same again, unchanged", ours(*render, EXERCISE))
        self.five = Runner("`handouts render --all`", ours(*render, "--all"), cold=True)
        self.click = Runner('`python -c "import click"`', lambda: [CLICK])
        self.help = Runner("`handouts --help`", ours("--help"))
        self.list = Runner("`handouts list`", ours("list"))
        self.list_cold = Runner("list 1,000 exercises", ours(*listing), cold=True)
        self.list_warm = Runner("list them again, unchanged", ours(*listing))

    def runners(self) -> list[Runner]:
        """Return all runners in the order in which they take turns: cold ones before their warm."""
        return [value for value in vars(self).values() if isinstance(value, Runner)]

    def measure(self, repeat: int) -> None:
        """Let every runner take its turn, again and again: what else the machine does hits all."""
        for _ in range(repeat):
            for runner in self.runners():
                runner.run(self.folder / "cache")
                sys.stderr.write(f"{runner.name}: {runner.seconds[-1] * 1000:.0f} ms\n")

    def ratios(self) -> list[Ratio]:
        """Return what is promised."""
        return [
            Ratio(
                "One handout, beside the plain command on the same HTML", self.one, self.plain, 1.2
            ),
            Ratio("Five handouts, beside five plain commands", self.five, self.plain_five, 0.5),
            Ratio("One handout, beside itself without its figures", self.one, self.bare, 1.3),
            Ratio(
                "One handout again, unchanged, beside the plain command",
                self.again,
                self.plain,
                0.25,
            ),
            Ratio('`handouts --help`, beside `python -c "import click"`', self.help, self.click, 3),
            Ratio('`handouts list`, beside `python -c "import click"`', self.list, self.click, 6),
        ]

    def table(self, repeat: int) -> str:
        """Return the page for the documents."""
        engines = ("weasyprint", "pikepdf", "reportlab", "pydantic", "click")
        versions = ", ".join(f"{name} {version(name)}" for name in engines)
        listing = [(self.list_cold, 2.0), (self.list_warm, 0.5)]
        memory = [self.plain, self.one, self.five, self.again, self.list_cold]
        lines = [
            "## Handouts, as a person waits for them",
            "",
            INTRODUCTION.format(repeat=repeat),
            "",
            "| What | handouts | beside it | ratio | target | met |",
            "|---|---:|---:|---:|---:|---|",
            *(ratio.row() for ratio in self.ratios()),
            "",
            "| A library of 1,000 exercises | time | target | met |",
            "|---|---:|---:|---|",
            *(
                f"| {runner.name} | {runner.median:.2f} s | {target:g} s "
                f"| {'yes' if runner.median <= target else '**no**'} |"
                for runner, target in listing
            ),
            "",
            *figure_table(),
            "",
            "| Peak memory | MB |",
            "|---|---:|",
            *(f"| {runner.name} | {runner.peak:.0f} |" for runner in memory),
            "",
            f"Python {platform.python_version()}, {versions};",
            f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors.",
        ]
        return "\n".join(lines) + "\n"


def figure_table() -> list[str]:
    """Return what the figures of the five exercises cost."""
    figures = measure_figures()
    slow, large = (max(figures, key=lambda figure: figure[at]) for at in (1, 2))
    middle = statistics.median(figure[1] for figure in figures)
    rows = [
        ("to draw one, median", f"{middle:.1f} ms", "5 ms", middle < 5),
        (f"the slowest ({slow[0]})", f"{slow[1]:.1f} ms", "5 ms", slow[1] < 5),
        (f"the largest ({large[0]})", f"{large[2]:,} bytes", "6,000 bytes", large[2] < 6000),
    ]
    return [
        f"| The {len(figures)} figures of the five exercises | cost | target | met |",
        "|---|---:|---:|---|",
        *(
            f"| {what} | {cost} | {target} | {'yes' if met else '**no**'} |"
            for what, cost, target, met in rows
        ),
    ]


def main() -> None:
    """Measure, print the table and write it to docs/benchmarks.md."""
    options = read_options(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        bench.measure(options.repeat)
        table = bench.table(options.repeat)
    sys.stdout.write(table)
    if options.output != "-":
        write_part(Path(options.output), "render", table)


if __name__ == "__main__":
    main()
