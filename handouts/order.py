"""Turn a request for handouts into a fingerprint of every file and flag that can change them."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from handouts import __version__, assets
from handouts.bind.shelf import fingerprint, fingerprint_files
from handouts.source.layers import list_variables, user_settings_file
from handouts.theme.chain import Chain, make_chain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from handouts.source.workspace import Workspace

_VOCABULARY = ("conditions.yaml", "muscles.yaml", "precautions.yaml")
_DEFAULT_THEME = "clear"


@dataclass(frozen=True)
class Look:
    """What a command's flags say about the print; None leaves it to the workspace."""

    paper: str | None = None
    size: str | None = None
    ink: str | None = None
    detail: str | None = None
    theme: str | None = None

    def chosen(self) -> dict[str, str]:
        """Return only what was said."""
        return {key: value for key, value in vars(self).items() if value is not None}


class Layout(StrEnum):
    """How a booklet's pages come onto paper."""

    PAGES = "pages"
    """Full pages, tagged, to read and to print on both sides."""
    FOLDED = "folded"
    """Half pages, two on a side, to fold once: a copy to print."""
    CARDS = "cards"
    """Pocket cards to cut out."""


@dataclass(frozen=True)
class BookletOrder:
    """Booklets to make: of which programme, for whom, how they look."""

    workspace: Workspace
    programme: str
    """Its slug."""
    clients: str | None = None
    """The path of the list, as typed; None for the workspace's own."""
    chosen: tuple[str, ...] = ()
    """The ids of clients."""
    everyone: bool = False
    """Whether every client of the list gets one, but those who have another programme."""
    look: Look = Look()
    layout: Layout = Layout.PAGES
    sequence: str | None = None
    """The order of the exercises; None for the programme's own."""
    start: date | None = None
    since: str | None = None
    """The path of the programme's last version, as typed."""
    keep_going: bool = False
    """Whether what is wrong with some clients of the list leaves the others theirs."""
    fillable: bool = False
    archive: bool = False
    password: str | None = None


@dataclass(frozen=True)
class Order:
    """Handouts to make: which exercises, how they look, for whom."""

    workspace: Workspace
    files: dict[str, Path]
    """The file of each exercise, by slug."""
    look: Look = Look()
    prescribed: str | None = None
    """The dose for this client, as it was typed."""
    client: str | None = None

    @cached_property
    def chain(self) -> Chain:
        """The theme's layers.

        Raises:
            HandoutError: ``unknown-theme`` or a fault in its ``theme.toml``.
        """
        said = self.look.theme
        name = self._workspace_theme() if said is None else said
        return make_chain(name, self.workspace.root)

    def fingerprint(self, slug: str) -> str:
        """Return what the handout of one exercise depends on, but for the pictures it names."""
        return fingerprint([self.shared_fingerprint, slug, fingerprint_files([self.files[slug]])])

    @cached_property
    def shared_fingerprint(self) -> str:
        """What all handouts of the order depend on."""
        files = list(_list_files(self.chain.folders()))
        files += [folder / name for name in _VOCABULARY for folder in self.workspace.folders("")]
        if self.workspace.settings_file:
            files.append(self.workspace.settings_file)
        files.append(user_settings_file())
        variables = [f"{name}={value}" for name, value in list_variables().items()]
        said = [f"{key}={value}" for key, value in sorted(self.look.chosen().items())]
        code = _list_files([assets.PACKAGE], ".py")
        return fingerprint(
            [
                __version__,
                *_installed_versions(),
                # A checkout changes without its version.
                fingerprint(f"{file} {file.stat().st_mtime_ns}" for file in code),
                fingerprint_files(files),
                *said,
                fingerprint(variables),
                f"dose={self.prescribed!r}",
                f"client={self.client!r}",
            ]
        )

    def _workspace_theme(self) -> str:
        """Return the theme's name without the cost of checking any file: that comes later."""
        if name := list_variables().get("HANDOUTS_THEME", "").strip():
            return name
        for file in (self.workspace.settings_file, user_settings_file()):
            try:
                name = (
                    tomllib.loads(file.read_text(encoding="utf-8"))["print"]["theme"]
                    if file
                    else ""
                )
            except (OSError, ValueError, KeyError, TypeError):
                continue
            if isinstance(name, str) and name:
                return name
        return _DEFAULT_THEME


def _installed_versions() -> list[str]:
    """Return the name and version of all that is installed beside the layout engine.

    From the names of the folders: asking ``importlib.metadata`` costs 10 ms at every start.
    """
    engine = find_spec("weasyprint")
    if engine is None or engine.origin is None:
        return []
    beside = Path(engine.origin).parent.parent
    return sorted(folder.name for folder in beside.glob("*.dist-info"))


def _list_files(folders: list[Path], suffix: str = "") -> Iterator[Path]:
    """Yield the files below folders, those below links to folders as well."""
    for folder in folders:
        entered: set[tuple[int, int]] = set()
        found: list[str] = []
        for root, below, names in os.walk(folder, followlinks=True):
            try:
                here = os.stat(root)  # noqa: PTH116  asked often
            except OSError:  # it has gone meanwhile
                continue
            if (here.st_dev, here.st_ino) in entered:  # a link may lead back to where it stands
                below.clear()
                continue
            entered.add((here.st_dev, here.st_ino))
            found += [f"{root}/{name}" for name in names if name.endswith(suffix)]
        yield from sorted(file for each in found if (file := Path(each)).is_file())
