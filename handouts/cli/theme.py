"""Turn the name of a template or style into the file that wins, or into a copy of it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import click

from handouts.cli.create import create_files, require_root
from handouts.cli.output import show_rows
from handouts.cli.shared import complete_theme, open_workspace
from handouts.problem import ExitCode, HandoutError

if TYPE_CHECKING:
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from handouts.source.workspace import Workspace
    from handouts.theme.chain import Chain, Layer

# These belong to one theme, so that a copy of them outside of it would not be read.
_THEMES_OWN = frozenset({"theme.css", "theme.toml"})

_theme_option = click.option(
    "--theme",
    "theme_name",
    metavar="NAME",
    shell_complete=complete_theme,
    help="Another theme than the workspace's.",
)


@click.group("theme")
def command() -> None:
    """See and change how handouts look."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array for a script.")
@click.pass_context
def list_command(ctx: click.Context, *, as_json: bool) -> None:
    """List the themes at hand."""
    from handouts.theme.chain import list_themes

    themes = list_themes(open_workspace(ctx).root)
    if as_json:
        rows = [
            {
                "name": theme.name,
                "label": theme.label,
                "description": theme.description,
                "from_workspace": theme.from_workspace,
                "folder": str(theme.folder),
            }
            for theme in themes
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    show_rows(
        ("Theme", "From", "What it is like"),
        [
            (theme.name, "workspace" if theme.from_workspace else "shipped", theme.description)
            for theme in themes
        ],
    )


def _complete_file(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    del param
    from click.shell_completion import CompletionItem

    try:
        chain = _make_chain(open_workspace(ctx), ctx.params.get("theme_name"))
    except HandoutError:
        return []
    names = sorted(_list_names(chain))
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@command.command("which")
@click.argument("file", shell_complete=_complete_file)
@_theme_option
@click.pass_context
def which(ctx: click.Context, file: str, theme_name: str | None) -> None:
    """Say which files answer to the name of a template or style; the first one wins.

    \b
    handouts theme which exercise.html.j2
    handouts theme which base.css
    """
    from handouts.source.workspace import show_path

    chain = _make_chain(open_workspace(ctx), theme_name)
    rows = [(layer.name, show_path(path)) for layer, path in _find(chain, file)]
    show_rows(("Layer", "File"), rows)


@command.command("copy")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, shell_complete=_complete_file)
@_theme_option
@click.pass_context
def copy(ctx: click.Context, files: tuple[str, ...], theme_name: str | None) -> None:
    """Copy templates or styles into your workspace, to change them there.

    A copy that begins with {% extends "base/…" %} needs only the blocks that it changes.

    \b
    handouts theme copy parts/header.html.j2
    """
    workspace = open_workspace(ctx)
    root = require_root(workspace)
    chain = _make_chain(workspace, theme_name)
    contents = {}
    for file in files:
        layer, path = _choose_original(_find(chain, file), file)
        folder = "templates" if path.is_relative_to(layer.templates) else "styles"
        contents[root / folder / file] = path.read_bytes()
    _create(contents)


@command.command("new")
@click.argument("name")
@click.option(
    "--from",
    "origin",
    metavar="THEME",
    default="clear",
    show_default=True,
    shell_complete=complete_theme,
    help="The theme to begin with.",
)
@click.pass_context
def new(ctx: click.Context, name: str, origin: str) -> None:
    """Begin a theme of your own with a copy of another one.

    \b
    handouts theme new my-studio --from gym
    handouts render --all --theme my-studio
    """
    from handouts.source.workspace import is_slug
    from handouts.theme.chain import find_theme

    workspace = open_workspace(ctx)
    root = require_root(workspace)
    if not is_slug(name):
        raise HandoutError.of(
            "bad-slug",
            f'"{name[:80]}" cannot be the name of a theme',
            hint="choose small letters, digits and single hyphens: my-studio",
            exit_code=ExitCode.USAGE,
        )
    theme = find_theme(origin, workspace.root)
    target = root / "styles" / "themes" / name
    contents = {}
    for file in sorted(theme.folder.rglob("*")):
        if file.is_file():
            contents[target / file.relative_to(theme.folder)] = file.read_bytes()
    settings = target / "theme.toml"
    contents[settings] = _rename_label(contents[settings], name)
    contents.setdefault(target / "theme.css", b"/* Rules that stand here win over base.css. */\n")
    _create(contents)


def _rename_label(data: bytes, name: str) -> bytes:
    label = name.replace("-", " ").capitalize()
    text, count = re.subn(r"(?m)^label\s*=.*$", f'label = "{label}"', data.decode())
    return (text if count else f'label = "{label}"\n{text}').encode()


def _make_chain(workspace: Workspace, theme_name: str | None) -> Chain:
    from handouts.order import Look, Order

    return Order(workspace, {}, Look(theme=theme_name)).chain


def _find(chain: Chain, file: str) -> list[tuple[Layer, Path]]:
    """Return every file of the name, the winner first.

    Raises:
        HandoutError: ``unknown-file``, with the nearest name.
    """
    found = chain.templates(file) or chain.styles(file)
    if found:
        return found
    from handouts.source.suggest import nearest_word

    names = _list_names(chain)
    short = {name.rpartition("/")[2]: name for name in sorted(names)}
    nearest = nearest_word(file, {**short, **{name: name for name in names}})
    raise HandoutError.of(
        "unknown-file",
        f'no template or style is called "{file[:80]}"',
        hint=f'did you mean "{nearest}"?' if nearest else "such as exercise.html.j2 or base.css",
        exit_code=ExitCode.USAGE,
    )


def _list_names(chain: Chain) -> set[str]:
    """Return the name of every template and style of the chain, but for other themes' files."""
    names = set()
    for folder in chain.folders():
        for file in folder.rglob("*"):
            name = file.relative_to(folder).as_posix()
            if file.is_file() and not name.startswith(("themes/", "templates/")):
                names.add(name)
    return names


def _choose_original(found: list[tuple[Layer, Path]], file: str) -> tuple[Layer, Path]:
    """Return the file that a copy is made of: the nearest one that is not the workspace's own."""
    if file in _THEMES_OWN:
        raise HandoutError.of(
            "themes-own-file",
            f"{file} belongs to its theme; a copy outside of it would not be read",
            hint="run: handouts theme new NAME  (or put rules into styles/custom.css)",
            exit_code=ExitCode.USAGE,
        )
    original = [(layer, path) for layer, path in found if layer.name != "workspace"]
    return (original or found)[0]


def _create(contents: dict[Path, bytes]) -> None:
    from handouts.source.workspace import show_path

    create_files(contents)
    for file in contents:
        click.echo(show_path(file))
