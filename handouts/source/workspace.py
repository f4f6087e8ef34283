"""Turn a folder into the files that a trainer keeps in it, before those of the shipped library."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.assets import LIBRARY
from handouts.problem import HandoutError, Place, Report

if TYPE_CHECKING:
    from handouts.model.settings import Settings

SETTINGS_FILE = "handouts.toml"
ROSTERS = ("clients.yaml", "clients.csv", "clients.xlsx")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_SLUG = 64


@dataclass(frozen=True)
class Workspace:
    """A trainer's folder, or only the shipped library (root None)."""

    root: Path | None = None
    settings_file: Path | None = None

    @cached_property
    def settings(self) -> Settings:
        """What environment, ``handouts.toml`` and user's folder say; read when first asked for.

        Raises:
            HandoutError: with every problem of each.
        """
        from handouts.source.settings import gather_settings

        report = Report()
        settings = gather_settings(self, report)
        if settings is None:
            raise HandoutError(report)
        return settings

    @property
    def exercise_folders(self) -> list[Path]:
        """Folders that hold exercises, the one that wins first."""
        return self.folders("exercises")

    def folders(self, name: str) -> list[Path]:
        """Return a folder's places, workspace before library, whether or not they exist."""
        return [*([self.root / name] if self.root else []), LIBRARY / name]

    def exercise_files(self, report: Report | None = None) -> dict[str, Path]:
        """Return every exercise's file by slug, sorted; the workspace's shadow the library's.

        A file whose name is no slug is noted as ``bad-slug``.
        """
        return self._slugged_files("exercises", report)

    def programme_files(self, report: Report | None = None) -> dict[str, Path]:
        """Return every programme's file by slug, as :meth:`exercise_files` does."""
        return self._slugged_files("programmes", report)

    def _slugged_files(self, name: str, report: Report | None) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for folder in reversed(self.folders(name)):
            for path in _yaml_files(folder):
                slug = path.name.removesuffix(".yaml")
                if is_slug(slug):
                    found[slug] = path
                elif report is not None:
                    note_bad_name(path, report)
        return dict(sorted(found.items()))

    def exercise_file(self, slug: str) -> Path:
        """Return one exercise's file without listing any folder.

        Raises:
            HandoutError: ``unknown-exercise``, with the nearest name.
        """
        if is_slug(slug):
            for folder in self.exercise_folders:
                path = folder / f"{slug}.yaml"
                if path.is_file():
                    return path
        from handouts.source.headings import suggest_exercise

        raise HandoutError.of(
            "unknown-exercise",
            f'there is no exercise "{slug[:100]}"',
            hint=suggest_exercise(slug, self) or "`handouts list` shows them all",
        )

    def programme_file(self, slug: str) -> Path:
        """Return one programme's file.

        Raises:
            HandoutError: ``unknown-programme``, with the nearest name.
        """
        files = self.programme_files()
        if slug in files:
            return files[slug]
        from handouts.source.suggest import did_you_mean, shorten

        raise HandoutError.of(
            "unknown-programme",
            f'there is no programme "{shorten(slug)}"',
            hint=did_you_mean(slug, files) or f"known here: {', '.join(files)}",
        )


def is_slug(text: str) -> bool:
    """Return whether the text can name a file here: ``standing-hip-extension-hold``."""
    return len(text) <= _LONGEST_SLUG and _SLUG.fullmatch(text) is not None


def find_workspace(start: Path | None, report: Report) -> Workspace:
    """Return the workspace: the folder named, or the nearest one around the current folder.

    Args:
        start: a folder named by the user; None looks for ``handouts.toml`` from here upwards.
        report: gets ``workspace-missing`` if the folder named is none.
    """
    if start is not None:
        return _named_workspace(start, report)
    try:
        here = Path.cwd()
    except OSError:  # the current folder was deleted
        return Workspace()
    for folder in (here, *here.parents):
        if (folder / SETTINGS_FILE).is_file():
            return Workspace(folder, folder / SETTINGS_FILE)
    return Workspace()


def _named_workspace(start: Path, report: Report) -> Workspace:
    settings_file = start / SETTINGS_FILE
    try:
        if settings_file.is_file():
            return Workspace(start.absolute(), settings_file.absolute())
        if (start / "exercises").is_dir():
            return Workspace(start.absolute())
        exists = start.is_dir()
    except (OSError, ValueError):  # a NUL byte, a name too long
        exists = False
    message = f"the folder has no {SETTINGS_FILE}" if exists else "there is no such folder"
    hint = "`handouts init` makes a workspace" if exists else "check the path"
    report.add("workspace-missing", message, Place(str(start)), hint=hint)
    return Workspace()


def show_path(path: Path) -> str:
    """Return a path as the user would type it: relative where it lies below the current folder."""
    try:
        return path.absolute().relative_to(Path.cwd()).as_posix()
    except (OSError, ValueError):
        pass
    if path.is_relative_to(LIBRARY):
        return f"library/{path.relative_to(LIBRARY).as_posix()}"
    return str(path)


def _yaml_files(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if _looks_like_data(entry)]
    except OSError:  # the folder need not exist
        return []
    return [folder / name for name in sorted(names)]


def _looks_like_data(entry: os.DirEntry[str]) -> bool:
    suffix = entry.name.lower().endswith((".yaml", ".yml"))
    return suffix and not entry.name.startswith((".", "~")) and not entry.is_dir()


def note_bad_name(path: Path, report: Report) -> None:
    """Note that a file's name is no slug, with one that is."""
    stem = path.name.rsplit(".", 1)[0].encode("utf-8", "replace").decode()
    better = "-".join(re.findall(r"[a-z0-9]+", stem.lower()))[:_LONGEST_SLUG].strip("-") or "squat"
    report.add(
        "bad-slug",
        "the file's name is not small letters, digits and single hyphens",
        Place(show_path(path).encode("utf-8", "replace").decode()),
        hint=f"rename it to {better}.yaml",
    )
