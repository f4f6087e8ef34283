"""Turn what became of each client's file into rows, a summary, and a report for other programs."""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from handouts.problem import Problem

REPORTS = (".csv", ".json")
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_EVERY = 5.0
"""Seconds between two lines of progress where there is no terminal."""
_AT_ONCE = 0.1
"""Seconds that nobody notices."""


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one client's file."""

    result: str
    """made, unchanged, failed, not made, or would be made."""
    client: str
    programme: str
    file: str = ""
    bytes: int | None = None
    sha256: str = ""
    reason: str = ""


_COLUMNS = tuple(field.name for field in fields(Row))
_list_cells = attrgetter(*_COLUMNS)


def say_reason(problems: Iterable[Problem]) -> str:
    """Return why a file was not made, on one line."""
    return " | ".join(f"{problem.code}: {problem.message}" for problem in problems)


def count_rows(rows: Iterable[Row]) -> str:
    """Return ``480 made, 15 unchanged, 5 failed``."""
    counts = Counter(row.result for row in rows)
    return ", ".join(f"{number} {result}" for result, number in counts.items()) or "nothing to do"


def show_ledger(rows: Sequence[Row]) -> None:
    """Print a line a client for a script; a person has the summary and the problems."""
    if sys.stdout.isatty():
        return
    # At once: each echo would flush, ten thousand of them for as many clients.
    lines = (f"{row.result}\t{row.client}\t{row.file or row.reason}\n" for row in rows)
    click.echo("".join(lines), nl=False)


def write_ledger(file: Path, rows: Sequence[Row]) -> None:
    """Write the rows as CSV or JSON, by the file's ending.

    Raises:
        HandoutError: ``cannot-write``.
    """
    from handouts.bind.publish import publish

    if file.suffix.lower() == ".json":
        found = [dict(zip(_COLUMNS, values, strict=True)) for values in map(_list_cells, rows)]
        text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
        publish(file, text.encode("utf-8"))
        return
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(_COLUMNS)
    writer.writerows([_defuse(value) for value in _list_cells(row)] for row in rows)
    # The mark at the beginning tells Excel that it is UTF-8.
    publish(file, target.getvalue().encode("utf-8-sig"))


def _defuse(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


@contextmanager
def show_rate(total: int) -> Iterator[Callable[[Row], None]]:
    """Show on stderr how far it is, how fast, how long still, and how many have failed."""
    if total and sys.stderr.isatty():
        with _draw_rate(total) as advance:
            yield advance
    else:
        yield _Lines(total).advance


class _Lines:
    """A line now and then, for those who read it later."""

    def __init__(self, total: int) -> None:
        self._total, self._begin = total, time.monotonic()
        self._last, self._counts = self._begin, Counter[str]()

    def advance(self, row: Row) -> None:
        self._counts[row.result] += 1
        now = time.monotonic()
        if now - self._last < _EVERY:
            return
        self._last = now
        done, failed = self._counts.total(), self._counts["failed"]
        rate = done / (now - self._begin)
        left = (self._total - done) / rate
        said = f"{done} of {self._total}, {rate:.0f} a second, {left:.0f} s left, {failed} failed"
        click.echo(said, err=True)


@contextmanager
def _draw_rate(total: int) -> Iterator[Callable[[Row], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:.0f} a second"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failed]} failed"),
    )
    begin, failed = time.monotonic(), 0
    # Drawn when something is done, not by a thread of its own: workers are called by forking.
    with Progress(
        *columns, console=Console(stderr=True), transient=True, auto_refresh=False
    ) as progress:
        task = progress.add_task("Booklets", total=total, rate=0.0, failed=0)
        progress.refresh()
        last = begin

        def advance(row: Row) -> None:
            nonlocal failed, last
            failed += row.result == "failed"
            now = time.monotonic()
            done = progress.tasks[0].completed + 1
            rate = done / max(now - begin, _AT_ONCE)
            progress.update(task, completed=done, failed=failed, rate=rate)
            if now - last > _AT_ONCE or done == total:
                last = now
                progress.refresh()

        yield advance
