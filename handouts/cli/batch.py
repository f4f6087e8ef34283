"""Turn a programme and a list of clients into everybody's booklets: ``handouts batch``."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from handouts.cli.binding import binding_options, take_order
from handouts.cli.output import show_report
from handouts.cli.shared import complete_programme, open_workspace
from handouts.problem import ExitCode, HandoutError, Report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handouts.batch.glance import Seen
    from handouts.batch.order import BatchOrder
    from handouts.batch.plan import Plan
    from handouts.batch.standby import Standby
    from handouts.batch.work import Outcome
    from handouts.cli.ledger import Row
    from handouts.problem import Problem
    from handouts.source.workspace import Workspace

_SECONDS, _MEGABYTES = click.IntRange(1, 24 * 60 * 60), click.IntRange(200, 1_000_000)
_INTERRUPTED = 130  # 128 + SIGINT, as shells expect


@click.command("batch")
@click.argument("programme", required=False, shell_complete=complete_programme)
@click.option("--all", "every_programme", is_flag=True, help="Each client's own programme.")
@binding_options
@click.option("--workers", type=click.IntRange(1, 256), help="Processes. Default: all processors.")
@click.option("--scheduler", metavar="tcp://…", help="Let a Dask cluster work instead.")
@click.option("--resume", is_flag=True, help="Go on with the run that was interrupted.")
@click.option("--keep-going", is_flag=True, help="Leave out bad rows of the list, make the rest.")
@click.option("--dry-run", is_flag=True, help="Say what would be made, and write nothing.")
@click.option("--report", "report_file", metavar="FILE", help="Who has what: .csv or .json.")
@click.option("--merge", is_flag=True, help="Make one print file of all as well.")
@click.option("--time-limit", type=_SECONDS, default=60, metavar="SECONDS", help="For each.")
@click.option("--memory-limit", type=_MEGABYTES, default=2000, metavar="MB", help="For a worker.")
@click.option("--output", metavar="DIR", help="Where to write.  [default: output]")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    programme: str | None,
    *,
    every_programme: bool,
    dry_run: bool,
    report_file: str | None,
    **said: Any,  # noqa: ANN401  the flags, as click has read them
) -> int:
    """Make the booklets of everyone in a list, as fast as this computer can.

    All is checked before anything is written. What is there already and has not changed is left as
    it is. Ctrl-C ends the run in good order; the same command goes on with it.
    Exit with 4 if some could not be made.

    \b
    handouts batch hip-strength-beginners --clients clients.csv
    handouts batch --all --clients clients.csv --report made.csv
    """
    from handouts.batch.glance import Glance
    from handouts.batch.standby import stand_by

    report = Report()
    workspace = open_workspace(ctx)
    _check_report(report_file)
    orders = _take_orders(workspace, programme, said, report, every=every_programme)
    # What several programmes say together is not noted; nor what a dry run says.
    glance = None if every_programme or dry_run else Glance(orders[0])
    if glance and (seen := glance.look()):
        report.extend(seen.problems)
        return _tell([*_list_settled(orders[0], seen)], report, report_file, None)
    with stand_by([] if dry_run else orders) as standby:
        plans = _make_plans(orders, report, standby)
        if glance:
            glance.keep(plans[0], report)
        rows = [row for plan in plans for row in _list_settled(plan.order, plan)]
        status = None
        if dry_run:
            rows += [row for plan in plans for row in _list_wanted(plan)]
        else:
            made, status = _work(plans, report)
            rows += made
            if orders and orders[0].merge and status is None:
                status = _gather(plans, report)
    return _tell(rows, report, report_file, status)


def _make_plans(orders: list[BatchOrder], report: Report, standby: Standby | None) -> list[Plan]:
    """Return what there is to do for each order; nothing is written.

    Raises:
        HandoutError: with every problem of every input of every order.
    """
    from handouts.batch.plan import check_begun, find_clashes, plan_batch

    plans: list[Plan] = []
    wrong = Report()
    for order in orders:
        try:
            plans.append(plan_batch(order, report, standby))
        except HandoutError as error:
            wrong.extend(error.report)
    wrong.extend(find_clashes(plans))
    wrong.raise_errors()
    if any(order.resume for order in orders):
        check_begun(plans)
    stops = (problems for plan in plans for problems in plan.stopped.values())
    report.extend(chain.from_iterable(stops))
    return plans


def _take_orders(
    workspace: Workspace,
    programme: str | None,
    said: dict[str, Any],
    report: Report,
    *,
    every: bool,
) -> list[BatchOrder]:
    """Return an order for each programme.

    Raises:
        click.UsageError: flags that contradict each other.
    """
    from handouts.batch.limit import Limit
    from handouts.batch.order import BatchOrder

    if said["merge"] and said["password"] is not None:
        raise click.UsageError("--merge makes a file for a copy shop, which nobody could lock")
    if bool(programme) == every:
        raise click.UsageError("name a programme, or say --all for each client's own (not both)")
    limit = Limit(said.pop("time_limit"), said.pop("memory_limit"))
    output = said.pop("output")
    folder = Path(output) if output else (workspace.root or Path()) / "output"
    if folder.is_file() or folder.suffix == ".pdf":
        raise click.UsageError(f"--output {output} is no folder")
    how = {key: said.pop(key) for key in ("workers", "scheduler", "resume", "merge")}
    how["workers"] = how["workers"] or 0
    own = {str(programme): ()}
    wanted = _group_clients(workspace, said["clients"], report) if every else own
    return [
        BatchOrder(
            take_order(workspace, slug, {**said, "chosen": chosen, "everyone": not every}),
            folder,
            limit=limit,
            **how,
        )
        for slug, chosen in wanted.items()
    ]


def _group_clients(
    workspace: Workspace, clients: str | None, report: Report
) -> dict[str, tuple[str, ...]]:
    """Return the ids of the clients by the programme that the list names for them.

    Raises:
        HandoutError: with all that is wrong with the list.
    """
    from handouts.source.roster import find_roster, read_roster
    from handouts.source.vocabulary import read_vocabulary
    from handouts.source.workspace import show_path

    file = Path(clients) if clients else find_roster(workspace)
    shown = clients or show_path(file)
    found = Report()
    vocabulary = read_vocabulary(workspace, found)
    # The good rows say whose programmes there are to check, so that all is told at once.
    people = read_roster(file, shown, workspace, vocabulary, found, keep_going=True)
    groups: dict[str, list[str]] = {}
    for client in people or ():
        if client.programme:
            groups.setdefault(client.programme, []).append(client.id)
        else:
            report.add(
                "no-programme",
                f"{client.id} has no programme in the list",
                hint="write its name into the column programme",
            )
    if not groups or not people:
        found.raise_errors()
    return {programme: tuple(ids) for programme, ids in groups.items()}


def _check_report(file: str | None) -> None:
    from handouts.cli.ledger import REPORTS

    if file and not file.lower().endswith(REPORTS):
        raise click.UsageError(f"--report {file} ends neither in .csv nor in .json")


def _list_settled(order: BatchOrder, plan: Plan | Seen) -> Iterator[Row]:
    """Yield a row for everyone of whom it is known before the work begins."""
    from handouts.cli.ledger import Row, say_reason

    programme = order.booklets.programme
    for client, problems in plan.stopped.items():
        yield Row("failed", client, programme, reason=say_reason(problems))
    for client, entry in plan.unchanged.items():
        yield Row("unchanged", client, programme, entry.file, entry.size, entry.sha256)


def _list_wanted(plan: Plan) -> Iterator[Row]:
    from handouts.cli.ledger import Row

    for client, copy in plan.copies.items():
        yield Row("would be made", client, plan.order.booklets.programme, copy.file)


def _work(plans: list[Plan], report: Report) -> tuple[list[Row], int | None]:
    """Return what became of each copy, and the exit code of work that ended before its time."""
    from handouts.batch.run import Run
    from handouts.cli.ledger import show_rate

    rows: list[Row] = []
    problems: list[Problem] = []
    status: int | None = None
    with show_rate(sum(len(plan.copies) for plan in plans)) as advance:
        for plan in plans:
            run = Run(plan, report)
            try:
                for outcome in run.work():
                    rows.append(_describe(outcome, plan))
                    problems += outcome.problems
                    advance(rows[-1])
            except HandoutError as error:
                problems += error.report
                status = error.exit_code
            if run.stopped:
                status = _INTERRUPTED if run.interrupted else status or ExitCode.DATA
            if status:
                break
    report.extend(problems)
    if status:
        rows += _list_left(plans, rows)
    return rows, status


def _gather(plans: list[Plan], report: Report) -> int | None:
    """Make the file to print of each programme; return the exit code if one cannot be made."""
    from handouts.batch.gather import gather_booklets
    from handouts.source.workspace import show_path

    for plan in plans:
        try:
            click.echo(f"gathered\t\t{show_path(gather_booklets(plan, report))}")
        except HandoutError as error:
            report.extend(error.report)
            return error.exit_code
    return None


def _describe(outcome: Outcome, plan: Plan) -> Row:
    from handouts.cli.ledger import Row, say_reason

    client, programme = outcome.copy.client, plan.order.booklets.programme
    if outcome.entry is None:
        return Row("failed", client, programme, reason=say_reason(outcome.problems))
    entry = outcome.entry
    return Row("made", client, programme, entry.file, entry.size, entry.sha256)


def _list_left(plans: list[Plan], rows: list[Row]) -> Iterator[Row]:
    """Yield a row for everyone whose turn did not come."""
    from handouts.cli.ledger import Row

    done = {(row.programme, row.client) for row in rows}
    for plan in plans:
        programme = plan.order.booklets.programme
        for client in plan.copies:
            if (programme, client) not in done:
                yield Row("not made", client, programme, reason="the run ended before")


def _tell(rows: list[Row], report: Report, report_file: str | None, status: int | None) -> int:
    from handouts.cli.ledger import count_rows, show_ledger, write_ledger

    show_ledger(rows)
    show_report(report)
    stopped = ". Stopped; --resume goes on" if status == _INTERRUPTED else ""
    click.echo(count_rows(rows) + stopped, err=True)
    if report_file:
        write_ledger(Path(report_file), rows)
    some = any(row.result not in {"failed", "not made"} for row in rows)
    if status:
        return ExitCode.BATCH if some and status != _INTERRUPTED else status
    if report.errors or any(row.result == "failed" for row in rows):
        return ExitCode.BATCH if some else ExitCode.DATA
    return ExitCode.DONE
