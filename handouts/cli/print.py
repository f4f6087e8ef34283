"""Turn PDFs, or all that a batch has made, into paper: ``handouts print``."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from handouts.cli.output import show_report, show_rows
from handouts.problem import ExitCode, HandoutError, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from handouts.post.sheets import PrintJob, Wanted

_TITLES = ("File", "Pages", "Sheets", "Paper", "How")
_LIST_TITLES = ("Printer", "Default", "State")


@dataclass(frozen=True, slots=True)
class _Line:
    """The way to a printer."""

    to: str
    submit: Callable[[PrintJob], str]
    """Hands a file over, and returns the job's id where there is one."""


@click.command("print")
@click.argument("names", metavar="[FILE|RUN]…", nargs=-1, type=click.Path())
@click.option("--printer", metavar="NAME", help="Another printer than the default one.")
@click.option("--copies", type=click.IntRange(1, 999), default=1, help="Of each file.")
@click.option(
    "--duplex/--simplex", "two_sided", default=None, help="Both sides of the paper, or one."
)
@click.option("--dry-run", is_flag=True, help="Say what would be printed and how; print nothing.")
@click.option("--list", "list_printers", is_flag=True, help="List the printers.")
def command(  # noqa: PLR0913  the flags
    names: tuple[str, ...],
    *,
    printer: str | None,
    copies: int,
    two_sided: bool | None,
    dry_run: bool,
    list_printers: bool,
) -> int:
    r"""Print PDFs, or everything that a batch has made, in the order of its list.

    Sides, paper and scale are set as each file says: a folded booklet is flipped on the short
    edge, pages and cards on the long one. A RUN is the manifest that `handouts batch` writes, or
    its folder. Nothing is printed if anything is wrong.

    \b
    handouts print output/hip-hinge.pdf
    handouts print output --dry-run
    handouts print output/balance.manifest.jsonl --printer Office
    """
    if list_printers:
        return _show_printers()
    if not names:
        raise click.UsageError("name the files to print, or the folder of a run")
    from handouts.post.sheets import plan_job

    report = Report()
    planned = [plan_job(each, report, two_sided=two_sided) for each in _list_wanted(names, report)]
    jobs = [job for job in planned if job]
    # The wrong file and the missing printer are told at once; a script hears of the file first.
    code = ExitCode.DATA if report.errors else ExitCode.DELIVERY
    line = _find_line(printer, copies, report, choosy=two_sided is not None)
    summary = _summarise(jobs, copies, line)
    if dry_run:
        _show_plan(jobs, report, summary)
        return code if report.errors else ExitCode.DONE
    if report.errors or line is None:
        raise HandoutError(report, code)
    show_report(report)
    return _print(jobs, line, summary)


def _show_printers() -> int:
    from handouts.post.printer import Cups, find_system

    system = find_system()
    if not isinstance(system, Cups):
        raise click.UsageError("on Windows, the printers stand in its settings")
    printers = system.list_printers()
    rows = [(each.name, "default" if each.is_default else "", each.state) for each in printers]
    show_rows(_LIST_TITLES, rows)
    if not printers:
        click.echo("No printer is set up on this computer.", err=True)
    return ExitCode.DONE


def _list_wanted(names: Sequence[str], report: Report) -> list[Wanted]:
    """Return the files, each once, in the order of the command line and of the runs' lists."""
    from handouts.post.sheets import Wanted
    from handouts.runs import list_pieces

    pieces = list_pieces(names, report)
    return [Wanted(piece.file, piece.shown, piece.size, piece.sha256) for piece in pieces]


def _find_line(name: str | None, copies: int, report: Report, *, choosy: bool) -> _Line | None:
    """Return the way to the printer, or None after noting why there is none."""
    from handouts.post.printer import PrintVerb, choose_printer, find_system

    try:
        system = find_system()
        if isinstance(system, PrintVerb):
            if name or copies > 1 or choosy:
                message = "on Windows, printer, copies and sides are set for the printer itself"
                raise click.UsageError(f"{message}: leave --printer, --copies and --duplex out")
            return _Line("the default printer", system.submit)
        chosen = choose_printer(system.list_printers(), name, report)
    except HandoutError as error:
        report.extend(error.report)
        return None
    if chosen is None:
        return None
    return _Line(chosen.name, lambda job: system.submit(job, chosen, copies))


def _show_plan(jobs: Sequence[PrintJob], report: Report, summary: str) -> None:
    rows = [
        (job.wanted.shown, str(job.pages), str(job.sheets), job.paper or "other", job.way)
        for job in jobs
    ]
    show_rows(_TITLES, rows)
    show_report(report)
    said = "Nothing was printed: this was a dry run."
    if report.errors:
        said = "Nothing can be printed before the errors are mended."
    click.echo(f"{summary}. {said}", err=True)


def _summarise(jobs: Sequence[PrintJob], copies: int, line: _Line | None) -> str:
    """Return ``2 files on 6 sheets of A4 to Office``."""
    sheets: Counter[str] = Counter()
    for job in jobs:
        sheets[job.paper or "another size"] += job.sheets * copies
    parts = [f"{_count(number, 'sheet')} of {paper}" for paper, number in sheets.items()]
    times = f", {copies} copies of each," if copies > 1 else ""
    on = f" on {' and '.join(parts)}" if parts else ""
    return f"{_count(len(jobs), 'file')}{times}{on}{f' to {line.to}' if line else ''}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _print(jobs: Sequence[PrintJob], line: _Line, summary: str) -> int:
    """Hand the files over one by one; at the first that is not taken, say so and which are left."""
    for number, job in enumerate(jobs):
        try:
            told = line.submit(job)
        except HandoutError as error:
            show_report(error.report)
            for left in jobs[number + 1 :]:
                click.echo(f"not printed: {left.wanted.shown}", err=True)
            return error.exit_code
        click.echo(f"{job.wanted.shown}\t{told or 'handed over'}")
    click.echo(f"{summary}.", err=True)
    return ExitCode.DONE
