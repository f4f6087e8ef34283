"""Turn a folder into a workspace: ``handouts init``."""

from __future__ import annotations

from pathlib import Path

import click

_SCHEMAS = ("exercise", "settings")


@click.command("init")
@click.argument("folder", metavar="[DIR]", default="")
@click.pass_context
def command(ctx: click.Context, folder: str) -> None:
    """Make a workspace: your details, your exercises, your handouts.

    What is there already stays as it is. Prints each file and folder that it makes.
    """
    from handouts.assets import LIBRARY, SCHEMAS
    from handouts.cli.create import create_files
    from handouts.source.workspace import SETTINGS_FILE, show_path

    root = Path(ctx.find_root().params.get("workspace") or "") / folder
    wanted = {root / SETTINGS_FILE: LIBRARY / "new" / "handouts.toml"}
    for name in _SCHEMAS:
        file = f"{name}.schema.json"
        wanted[root / "schemas" / file] = SCHEMAS / file
    missing = {file: shipped for file, shipped in wanted.items() if not file.exists()}
    folders = [root / "exercises", root / "output"]
    made = [path for path in folders if not path.exists()]
    create_files({file: shipped.read_bytes() for file, shipped in missing.items()})
    _make_folders(made)
    for path in [*missing, *made]:
        click.echo(show_path(path))
    if root / SETTINGS_FILE in missing:
        click.echo(
            f"Write your name into {show_path(root / SETTINGS_FILE)}, then: handouts render --all",
            err=True,
        )
    else:
        click.echo(f"{show_path(root / SETTINGS_FILE)} is as it was.", err=True)


def _make_folders(folders: list[Path]) -> None:
    from handouts.problem import HandoutError, Place

    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HandoutError.of(
                "cannot-write",
                f"the folder cannot be made ({error.strerror or error})",
                Place(str(folder)),
                hint="check that you may write there",
            ) from None
