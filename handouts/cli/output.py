"""Turn reports and paths into the lines that a person reads on the terminal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from handouts.problem import Severity

if TYPE_CHECKING:
    from handouts.problem import Problem, Report


def show_report(report: Report) -> None:
    """Print every problem to stderr, and how many there were if more than one."""
    for problem in report:
        click.echo(_paint(problem), err=True)
    if len(report) > 1:
        counts = [(len(report.errors), "error"), (len(report.warnings), "warning")]
        said = [f"{number} {word}{'s' * (number > 1)}" for number, word in counts if number]
        click.echo(", ".join(said), err=True)


def _paint(problem: Problem) -> str:
    if os.environ.get("NO_COLOR") or not sys.stderr.isatty():
        return str(problem)
    colour = "red" if problem.severity is Severity.ERROR else "yellow"
    mark = f"{problem.severity}[{problem.code}]"
    return str(problem).replace(mark, click.style(mark, fg=colour, bold=True), 1)
