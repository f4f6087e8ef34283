"""Turn what is kept between runs into a few lines, or into free space: ``handouts cache``."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import click

from handouts.cli.output import show_report, show_rows
from handouts.problem import ExitCode, HandoutError, Place, Report

if TYPE_CHECKING:
    from handouts.cache import Held


@click.group("cache")
def command() -> None:
    """See or clear what is kept so that nothing is laid out twice."""


@command.command("info")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for a script.")
def info(*, as_json: bool) -> ExitCode:
    """Say where the cache is, how much is in it, and how large it may get.

    Outside a terminal, each line but the first holds what it is, how many files and how many
    bytes with tabs between them.
    """
    from handouts.cache import cache_cap, cache_folder, count_cache

    report = Report()
    _check_cap(report)
    held, cap = count_cache(), cache_cap()
    if as_json:
        click.echo(_write_json(str(cache_folder()), held, cap))
    else:
        total = sum(each.size for each in held)
        click.echo(f"{cache_folder()}: {say_size(total)}, at most {say_size(cap)}")
        rows = [(each.room.name, str(each.files), str(each.size)) for each in held]
        show_rows(("What", "Files", "Bytes"), rows)
    show_report(report)
    return ExitCode.DONE


@command.command("clear")
def clear() -> ExitCode:
    """Delete what is kept. It is made again when it is needed."""
    from handouts.cache import cache_folder, clear_cache

    cleared = clear_cache()
    files = f"{cleared.files} file{'s' * (cleared.files != 1)}"
    click.echo(f"{cache_folder()}: {files} deleted, {say_size(cleared.size)} freed")
    if cleared.stuck:
        raise HandoutError.of(
            "cannot-clear",
            f"{len(cleared.stuck)} of the cache's files cannot be deleted",
            Place(str(cleared.stuck[0].parent)),
            hint="let nobody else hold the folder, and see that you may write there",
        )
    return ExitCode.DONE


def say_size(size: int) -> str:
    """Return bytes as people read them: ``3.1 MB``."""
    from handouts.cache import MEGABYTE

    for unit, name in ((1000 * MEGABYTE, "GB"), (MEGABYTE, "MB"), (1000, "kB")):
        if size >= unit:
            return f"{size / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{size} bytes"


def _check_cap(report: Report) -> None:
    from handouts.cache import CAP_VARIABLE, read_cap

    said = os.environ.get(CAP_VARIABLE, "").strip()
    if said and read_cap(said) is None:
        report.warn(
            "bad-cache-size",
            f'"{said}" is no size, so the usual one holds',
            Place(CAP_VARIABLE),
            hint="write a number of MB, such as 500; 0 keeps nothing",
        )


def _write_json(folder: str, held: list[Held], cap: int) -> str:
    rooms = {each.room.name: {"files": each.files, "bytes": each.size} for each in held}
    total = sum(each.size for each in held)
    told = {"folder": folder, "bytes": total, "cap": cap, "rooms": rooms}
    return json.dumps(told, ensure_ascii=False, indent=2)
