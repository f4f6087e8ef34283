"""Turn what every command has in common on the command line into workspace, slugs and look."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from handouts.problem import HandoutError, Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.source.workspace import Workspace

PAPERS = ("a4", "letter")
SIZES = ("standard", "large")
INKS = ("colour", "mono")
DETAILS = ("essential", "full")


def open_workspace(ctx: click.Context) -> Workspace:
    """Return the workspace that ``-C`` names, or the one around the current folder.

    Raises:
        HandoutError: ``workspace-missing``.
    """
    from handouts.source.workspace import find_workspace

    named = ctx.find_root().params.get("workspace")
    report = Report()
    workspace = find_workspace(Path(named) if named else None, report)
    report.raise_errors()
    return workspace


def look_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the flags that say how pages look."""
    options = [
        click.option("--paper", type=click.Choice(PAPERS), help="Paper to lay out for."),
        click.option("--size", type=click.Choice(SIZES), help="Type of 12 pt, or of 18 pt."),
        click.option("--ink", type=click.Choice(INKS), help="What the printer prints with."),
        click.option("--detail", type=click.Choice(DETAILS), help="One sheet, or everything."),
        click.option("--theme", metavar="NAME", shell_complete=complete_theme, help="The look."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def complete_exercise(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the slugs that begin so, with the exercise's name beside each."""
    del param
    from handouts.source.headings import list_headings

    try:
        headings = list_headings(open_workspace(ctx), Report())
    except HandoutError:
        return []
    return [
        CompletionItem(heading.slug, help=heading.name)
        for heading in headings
        if heading.slug.startswith(incomplete)
    ]


def complete_programme(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the programmes that begin so."""
    del param
    try:
        slugs = open_workspace(ctx).programme_files()
    except HandoutError:
        return []
    return [CompletionItem(slug) for slug in slugs if slug.startswith(incomplete)]


def complete_theme(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the themes that begin so."""
    del param
    from handouts.theme.chain import list_themes

    try:
        themes = list_themes(open_workspace(ctx).root)
    except HandoutError:
        return []
    return [
        CompletionItem(theme.name, help=theme.label)
        for theme in themes
        if theme.name.startswith(incomplete)
    ]
