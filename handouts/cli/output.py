"""Turn reports, rows and paths into the lines that a person or a script reads."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from handouts.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from handouts.problem import Problem, Report

_WIDEST = 100  # characters; longer lines are hard to follow


def show_report(report: Report) -> None:
    """Print every problem to stderr, and how many there were if more than one."""
    for problem in report:
        click.echo(paint(problem, to_stderr=True), err=True)
    if len(report) > 1:
        click.echo(count_problems(report), err=True)


def count_problems(report: Report) -> str:
    """Return ``2 errors, 1 warning``, or ``no problems``."""
    counts = [(len(report.errors), "error"), (len(report.warnings), "warning")]
    said = [f"{number} {word}{'s' * (number > 1)}" for number, word in counts if number]
    return ", ".join(said) or "no problems"


def paint(problem: Problem, *, to_stderr: bool) -> str:
    """Return a problem's lines, with its kind in colour where that can be seen."""
    if not has_colour(to_stderr=to_stderr):
        return str(problem)
    colour = "red" if problem.severity is Severity.ERROR else "yellow"
    mark = f"{problem.severity}[{problem.code}]"
    return str(problem).replace(mark, click.style(mark, fg=colour, bold=True), 1)


def has_colour(*, to_stderr: bool = False) -> bool:
    """Return whether the stream is a terminal whose user has not said ``NO_COLOR``."""
    stream = sys.stderr if to_stderr else sys.stdout
    return not os.environ.get("NO_COLOR") and stream.isatty()


def style_heading(text: str) -> str:
    """Return a heading for stdout, bold where that can be seen."""
    return click.style(text, bold=True) if has_colour() else text


def text_width() -> int:
    """Return the width to wrap text to: the terminal's, within reason."""
    return max(40, min(_WIDEST, shutil.get_terminal_size().columns))


def show_rows(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table on a terminal; elsewhere the rows alone, with tabs between the cells."""
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(" ".join(cell.split()) for cell in row))
        return
    columns = list(zip(titles, *rows, strict=True))
    widths = [max(len(cell) for cell in column) for column in columns]
    room = shutil.get_terminal_size().columns - sum(widths[:-1]) - 2 * len(widths[:-1])
    for number, row in enumerate([titles, *rows]):
        *cells, last = row
        padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
        line = "  ".join([*padded, _cut(last, max(room, 20))]).rstrip()
        click.echo(style_heading(line) if number == 0 else line)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1].rstrip()}…"


@contextmanager
def show_progress(total: int) -> Iterator[Callable[[], None]]:
    """Draw a bar on stderr when it is a terminal and there is more than one page to wait for."""
    if total < 2 or not sys.stderr.isatty():  # noqa: PLR2004  "more than one"
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    # Drawn when something is done, not by a thread of its own: a crew is called by forking.
    with Progress(console=Console(stderr=True), transient=True, auto_refresh=False) as progress:
        task = progress.add_task("Handouts", total=total)
        progress.refresh()

        def advance() -> None:
            progress.advance(task)
            progress.refresh()

        yield advance
