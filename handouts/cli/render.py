"""Turn exercises' names into PDF handouts: ``handouts render``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from handouts.cli.delivery import choose_destination, deliver
from handouts.cli.output import show_progress, show_report
from handouts.cli.shared import complete_exercise, look_options, open_workspace
from handouts.problem import ExitCode, HandoutError, Report

if TYPE_CHECKING:
    from pathlib import Path

    from handouts.order import Order
    from handouts.source.workspace import Workspace


@click.command("render")
@click.argument("slugs", metavar="[SLUG]…", nargs=-1, shell_complete=complete_exercise)
@click.option("--all", "everything", is_flag=True, help="Every exercise of the library.")
@look_options
@click.option("--dose", "prescribed", metavar='"3 × 10"', help="The dose for this client.")
@click.option("--client", metavar="NAME", help="The client's name, on the foot of each page.")
@click.option(
    "--output",
    metavar="DIR|FILE|-",
    help="Where to write: a folder, one file, or - for standard output.  [default: output]",
)
@click.option("--html", is_flag=True, help="Write the HTML that the PDF is made from.")
@click.option("--open", "launch", is_flag=True, help="Open what was made.")
@click.option("--strict", is_flag=True, help="Let warnings fail as errors do.")
@click.pass_context
def command(  # noqa: PLR0913  one parameter an option
    ctx: click.Context,
    /,
    slugs: tuple[str, ...],
    prescribed: str | None,
    client: str | None,
    output: str | None,
    *,
    everything: bool,
    html: bool,
    launch: bool,
    strict: bool,
    **look: str | None,
) -> None:
    """Make a PDF handout of each exercise.

    \b
    handouts render hip-hinge
    handouts render --all --paper letter --size large
    handouts render hip-hinge --client "Sam Green" --dose "3 × 10"
    """
    from handouts.order import Look, Order

    if bool(slugs) == everything:
        raise click.UsageError("name the exercises to render, or say --all (not both)")
    workspace = open_workspace(ctx)
    report = Report()
    order = Order(
        workspace,
        _find_files(workspace, slugs, report),
        Look(**look),
        prescribed,
        _clean_name(client, report),
    )
    suffix = ".html" if html else ".pdf"
    several = len(order.files) > 1
    destination = choose_destination(output, workspace.root, suffix, "exercise", several=several)
    report.raise_errors(ExitCode.USAGE)
    made = _make_pages(order, report) if html else _make_documents(order, report)
    _stop_if_faulty(report, strict=strict)
    show_report(report)
    deliver(made, destination, launch=launch)


def _find_files(workspace: Workspace, slugs: tuple[str, ...], report: Report) -> dict[str, Path]:
    if not slugs:
        return workspace.exercise_files(report)
    files = {}
    for slug in dict.fromkeys(slugs):
        try:
            files[slug] = workspace.exercise_file(slug)
        except HandoutError as error:
            report.extend(error.report)
    return files


def _clean_name(client: str | None, report: Report) -> str | None:
    if client is None:
        return None
    from handouts.source.characters import has_bad_characters

    name = " ".join(client.split())
    if not name or has_bad_characters(name):
        report.add(
            "bad-name",
            "--client: the name is empty or has characters that cannot be printed",
            hint='write it as it should stand on the page: --client "Sam Green"',
        )
    return name


def _make_documents(order: Order, report: Report) -> dict[str, bytes]:
    from handouts.pipeline import make_handouts

    made = {}
    with show_progress(len(order.files)) as advance:
        for slug, handout in make_handouts(order, report):
            made[slug] = handout.pdf
            advance()
    return made


def _make_pages(order: Order, report: Report) -> dict[str, bytes]:
    from handouts.pipeline import dress, open_desk

    desk = open_desk(order, list(order.files), report)
    pages = {slug: dress(desk, slug) for slug in order.files}
    for markup in pages.values():
        report.extend(markup.problems)
    return {slug: markup.self_contained().encode() for slug, markup in pages.items()}


def _stop_if_faulty(report: Report, *, strict: bool) -> None:
    report.raise_errors()
    if strict and len(report):
        raise HandoutError(report)
