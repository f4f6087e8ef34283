"""Turn texts into new files, all of them or none, and never over one that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handouts.problem import ExitCode, HandoutError, Place, Report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from handouts.source.workspace import Workspace


def require_root(workspace: Workspace) -> Path:
    """Return the workspace's folder.

    Raises:
        HandoutError: ``no-workspace`` where only the shipped library serves.
    """
    if workspace.root is None:
        raise HandoutError.of(
            "no-workspace",
            "this folder is not in a workspace, so there is no place for the file",
            hint="run: handouts init",
            exit_code=ExitCode.USAGE,
        )
    return workspace.root


def create_files(contents: Mapping[Path, bytes]) -> None:
    """Write every file anew, with the folders that it needs.

    Raises:
        HandoutError: ``file-exists`` for each that is there already, before any is written;
            ``cannot-write``.
    """
    from handouts.source.workspace import show_path

    report = Report()
    for file in contents:
        if file.exists() or file.is_symlink():
            hint = "nothing was written; choose another name, or move that file away"
            report.add(
                "file-exists", "this file is there already", Place(show_path(file)), hint=hint
            )
    report.raise_errors(ExitCode.USAGE)
    for file, data in contents.items():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("xb") as stream:  # x: not even one that appeared just now
                stream.write(data)
        except OSError as error:
            raise HandoutError.of(
                "cannot-write",
                f"the file cannot be written ({error.strerror or error})",
                Place(show_path(file)),
                hint="check that the folder exists and that you may write to it",
            ) from None
