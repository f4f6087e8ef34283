"""Turn the readers of a batch into masters in files: plates first, then bound, several at once."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

from handouts.batch.guard import Terms, guard, name_problems
from handouts.batch.limit import can_guard
from handouts.batch.work import keep_master
from handouts.problem import HandoutError, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from handouts.batch.plan import Plan
    from handouts.booklet.desk import Reader

    Result = Report | HandoutError


def make_masters(
    plan: Plan, readers: Sequence[Reader], files: Sequence[Path], report: Report
) -> list[HandoutError | None]:
    """Make the master of each reader, and lay it into its file.

    Args:
        plan: how.
        readers: who stand for all that have the same needs.
        files: one for each of them.
        report: gets what is worth telling and stops nobody.

    Returns:
        For each what has stopped it; None where the master is there.

    Raises:
        HandoutError: ``engine-missing``.
    """
    # Who is guarded is stopped from outside, whatever it does; elsewhere there is the alarm.
    plan.workshop.press(readers, nullcontext if can_guard() else plan.order.limit.watch)
    tasks = [
        partial(_bind, plan, reader, file) for reader, file in zip(readers, files, strict=True)
    ]
    results = dict(_bind_all(plan, tasks))
    for _, result in sorted(results.items()):
        if isinstance(result, Report):
            report.extend(result)
    return [_name(plan, reader, results[number]) for number, reader in enumerate(readers)]


def _name(plan: Plan, reader: Reader, result: Result) -> HandoutError | None:
    if not isinstance(result, HandoutError):
        return None
    programme, what = plan.order.booklets.programme, f"the booklet of {reader.id}"
    return HandoutError(name_problems(result.report, programme, what), result.exit_code)


def _bind_all(plan: Plan, tasks: Sequence[Callable[[], Report]]) -> Iterator[tuple[int, Result]]:
    limit, spool = plan.order.limit, plan.rack.spool
    if len(tasks) > 1 and can_guard():
        # A process has all plates at hand from its beginning; what it has bound lies in a file.
        yield from guard(tasks, Terms(limit, spool), plan.order.count_layers())
        return
    for number, task in enumerate(tasks):
        try:
            with limit.watch():
                yield number, task()
        except HandoutError as error:
            yield number, error


def _bind(plan: Plan, reader: Reader, file: Path) -> Report:
    found = Report()
    keep_master(plan.workshop.bind(reader, found), file)
    return found
