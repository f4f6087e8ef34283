"""Turn an exercise, or a file of poses, into figures that can be drawn one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.cli.shared import open_workspace
from handouts.problem import HandoutError, Place, Report

if TYPE_CHECKING:
    import click

    from handouts.model.exercise import Exercise
    from handouts.model.pose import Pose

# Millimetres that a standing body is high: all that the command draws is to one scale.
_BODY = 60.0


@dataclass(frozen=True)
class Drawable:
    """The poses of one file, and what is known of each."""

    file: Path
    poses: dict[str, Pose]
    title: str = ""
    """What stands before the words of each picture."""
    uses: dict[str, list[str]] = field(default_factory=dict)
    """What each is for: ``step 2, Sink``; photos stand under their file's name."""

    def draw(self, name: str, *, mono: bool) -> str:
        """Return one figure as SVG text."""
        from handouts.figure.draw import draw_pose
        from handouts.figure.words import describe_pose

        pose = self.poses[name]
        start = self.poses[pose.start] if pose.start else None
        words = f"{self.title}{describe_pose(pose)}"
        return draw_pose(pose, start).as_svg(words, _BODY, mono=mono) + "\n"

    def choose(self, name: str | None) -> list[str]:
        """Return the figures that are meant: the one named, or all.

        Raises:
            HandoutError: ``unknown-figure``.
        """
        from handouts.source.suggest import did_you_mean, shorten
        from handouts.source.workspace import show_path

        if name is None or name in self.poses:
            return [name] if name else list(self.poses)
        known = ", ".join(self.poses)
        raise HandoutError.of(
            "unknown-figure",
            f'there is no figure "{shorten(name)}"',
            Place(show_path(self.file)),
            hint=did_you_mean(name, self.poses) or (f"known here: {known}" if known else ""),
        )


def read_drawable(ctx: click.Context, slug: str | None, pose_file: str | None) -> Drawable:
    """Return the poses of an exercise or of a file.

    Raises:
        HandoutError: with everything that is wrong with the file.
    """
    from handouts.source.library import read_exercise, read_vocabulary
    from handouts.source.poses import read_poses
    from handouts.source.workspace import show_path

    workspace, report = open_workspace(ctx), Report()
    vocabulary = read_vocabulary(workspace, report)
    if pose_file:
        poses = read_poses(Path(pose_file), vocabulary, report)
        report.raise_errors()
        return Drawable(Path(pose_file), poses or {})
    file = workspace.exercise_file(slug or "")
    exercise = read_exercise(file, show_path(file), vocabulary, report)
    report.raise_errors()
    if exercise is None:
        raise HandoutError(report)
    return Drawable(file, dict(exercise.figures), f"{exercise.name}: ", _find_uses(exercise))


def _find_uses(exercise: Exercise) -> dict[str, list[str]]:
    uses: dict[str, list[str]] = {}
    for path, figure in exercise.used_figures():
        part, number, *rest = *path, 0
        if part == "figure":
            uses.setdefault(figure.drawn or f"{figure.file} (photo)", []).append("cards and covers")
            continue
        entry = getattr(exercise, str(part))[int(number)]
        if part == "steps":
            use = f"step {int(number) + 1}: {entry.title}"
        elif part == "errors":
            use = f"error {int(number) + 1}, {rest[-1]}: {entry.name}"
        else:
            use = f"{entry.direction}: {entry.name}"
        uses.setdefault(figure.drawn or f"{figure.file} (photo)", []).append(use)
    for name, pose in exercise.figures.items():
        if pose.start:
            uses.setdefault(pose.start, []).append(f"start of {name}")
    return uses
