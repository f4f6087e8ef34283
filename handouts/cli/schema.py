"""Turn a kind of file into its JSON Schema: ``handouts schema``."""

from __future__ import annotations

import click

NAMES = ("exercise", "programme", "clients", "conditions", "muscles", "precautions", "settings")


@click.command("schema")
@click.argument("name", type=click.Choice(NAMES), required=False)
def command(name: str | None) -> None:
    """Print the JSON Schema of a kind of file.

    Editors complete and check a file by it. Without a name, list the kinds.

    \b
    handouts schema exercise > schemas/exercise.schema.json
    """
    from handouts.assets import SCHEMAS

    if name is None:
        click.echo("\n".join(NAMES))
        return
    # The shipped text; a test keeps it equal to the models'.
    file = SCHEMAS / f"{name}.schema.json"
    click.echo(file.read_text(encoding="utf-8"), nl=False)
