"""Turn the name of a template or style into the file that wins: workspace, theme, shipped base."""

from __future__ import annotations

import contextlib
import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from handouts import assets
from handouts.problem import HandoutError, Place
from handouts.source.workspace import is_slug, show_path

BASE = "base/"
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True)
class Layer:
    """One place to look in: its name for people, its templates and its styles."""

    name: str
    templates: Path
    styles: Path


@dataclass(frozen=True, slots=True)
class Theme:
    """A look: data only, read from a folder ``styles/themes/NAME``."""

    name: str
    folder: Path
    label: str
    description: str
    font: str
    """Font file of the imprint, looked up like a style."""
    colour: str
    """Colour of the imprint, ``#rrggbb``."""
    from_workspace: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """The layers, nearest first, and the theme that they were made for."""

    theme: Theme
    layers: tuple[Layer, ...]

    def templates(self, name: str) -> list[tuple[Layer, Path]]:
        """Return every file that answers to the template ``name``; the first one wins."""
        return _find(name, [(layer, layer.templates) for layer in self.layers])

    def styles(self, name: str) -> list[tuple[Layer, Path]]:
        """Return every file that answers to the style, font or icon ``name``; the first wins."""
        return _find(name, [(layer, layer.styles) for layer in self.layers])

    def stylesheets(self) -> list[Path]:
        """Return the style sheets in the order of the cascade: base, theme, the trainer's own."""
        found = self.styles("base.css")[:1]
        for name, owner in (("theme.css", "theme"), ("custom.css", "workspace")):
            found += _find(
                name, [(each, each.styles) for each in self.layers if each.name == owner]
            )
        return [path for _, path in found]

    def folders(self) -> list[Path]:
        """Return every folder whose content can change a page, for fingerprints."""
        return [folder for layer in self.layers for folder in (layer.templates, layer.styles)]


def make_chain(theme_name: str, workspace: Path | None) -> Chain:
    """Return the chain for a theme by its name, inside a workspace or without one.

    Raises:
        HandoutError: ``unknown-theme``, or a fault in its ``theme.toml``.
    """
    theme = find_theme(theme_name, workspace)
    layers = [
        Layer("theme", theme.folder / "templates", theme.folder),
        Layer("shipped", assets.TEMPLATES, assets.STYLES),
    ]
    if workspace:
        layers.insert(0, Layer("workspace", workspace / "templates", workspace / "styles"))
    return Chain(theme, tuple(layers))


def find_theme(name: str, workspace: Path | None) -> Theme:
    """Return the theme called ``name``: the workspace's own before a shipped one."""
    for root in _theme_roots(workspace):
        folder = root / name
        if is_slug(name) and (folder / "theme.toml").is_file():
            return _read_theme(folder, from_workspace=root is not _SHIPPED_THEMES)
    names = [theme.name for theme in list_themes(workspace)]
    close = get_close_matches(name[:100], names, 1)
    raise HandoutError.of(
        "unknown-theme",
        f'there is no theme "{name[:100]}"',
        hint=f'did you mean "{close[0]}"?' if close else f"choose one of: {', '.join(names)}",
    )


def list_themes(workspace: Path | None) -> list[Theme]:
    """Return every theme at hand by name; a workspace's theme hides a shipped one.

    A folder whose name is no slug cannot be asked for, and is left out.
    """
    found: dict[str, Theme] = {}
    for root in _theme_roots(workspace):
        for file in sorted(root.glob("*/theme.toml")):
            if not is_slug(file.parent.name):
                continue
            theme = _read_theme(file.parent, from_workspace=root is not _SHIPPED_THEMES)
            found.setdefault(theme.name, theme)
    return [found[name] for name in sorted(found)]


_SHIPPED_THEMES = assets.STYLES / "themes"
_IMPRINT_FONT = "fonts/atkinson-hyperlegible-next/AtkinsonHyperlegibleNext-Regular.ttf"


def _theme_roots(workspace: Path | None) -> list[Path]:
    own = [workspace / "styles" / "themes"] if workspace else []
    return [*own, _SHIPPED_THEMES]


def _read_theme(folder: Path, *, from_workspace: bool) -> Theme:
    file = folder / "theme.toml"
    try:
        data: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise HandoutError.of(
            "bad-theme",
            f"this theme cannot be read: {error}",
            Place(show_path(file)),
            hint='write three lines: label = "…", description = "…", colour = "#0b4f57"',
        ) from None
    known = {"label", "description", "font", "colour"}
    wrong = [key for key, value in data.items() if key not in known or not isinstance(value, str)]
    if wrong:
        raise HandoutError.of(
            "bad-theme",
            f"{', '.join(wrong)}: a theme has only {', '.join(sorted(known))}, each a text",
            Place(show_path(file)),
            hint="a theme is data: the look itself stands in theme.css beside this file",
        )
    colour = data.get("colour", "#16191c")
    if not _COLOUR.fullmatch(colour):
        raise HandoutError.of(
            "bad-theme",
            f'colour: "{colour[:40]}" is no colour of the form #rrggbb',
            Place(show_path(file)),
            hint='write it as in style sheets, with six digits: colour = "#0b4f57"',
        )
    return Theme(
        name=folder.name,
        folder=folder,
        label=data.get("label", folder.name),
        description=data.get("description", ""),
        font=data.get("font", _IMPRINT_FONT),
        colour=colour,
        from_workspace=from_workspace,
    )


def _find(name: str, places: list[tuple[Layer, Path]]) -> list[tuple[Layer, Path]]:
    parts = Path(name).parts
    if not parts or Path(name).is_absolute() or ".." in parts:
        return []
    found = []
    for layer, folder in places:
        path = folder / name
        with contextlib.suppress(OSError, ValueError):  # too long a name, a NUL, a loop of links
            if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                found.append((layer, path))
    return found
