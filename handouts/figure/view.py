"""Turn joints in space into circles in the picture: the skeleton as a camera sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handouts.figure.outline import box_of
from handouts.figure.space import add, turn

if TYPE_CHECKING:
    from handouts.figure.outline import Box, Circle
    from handouts.figure.skeleton import Skeleton
    from handouts.figure.space import Camera, Vector


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the drawing: one outline."""

    name: str
    """What it is: ``left-leg``, ``trunk``, ``left-arm``…"""
    tone: str
    path: str
    box: Box
    depth: float
    far: bool = False
    bare: bool = False
    """Without a line round it: it covers the line between two pieces of one."""


class Viewer:
    """The skeleton as the camera sees it."""

    def __init__(self, skeleton: Skeleton, camera: Camera, window: Box | None = None) -> None:
        """Keep them; of limbs that leave the window only what is inside is drawn."""
        self.skeleton = skeleton
        self.camera = camera
        self.window = window

    def cut(self, limb: list[Circle]) -> list[Circle]:
        """Return the circles of a limb that the window shows, and the next beyond its edge."""
        window = self.window
        if window is None:
            return limb
        seen = [window.meets(box_of([circle])) for circle in limb]
        shown = [
            circle
            for number, circle in enumerate(limb)
            if any(seen[max(0, number - 1) : number + 2])
        ]
        return shown or limb[-1:]

    def circle(self, point: Vector, radius: float) -> Circle:
        """Return a ball in space as a circle in the picture."""
        x, y = self.camera.see(point)
        return (x, y, radius)

    def at(self, name: str, radius: float) -> Circle:
        """Return a ball round a joint."""
        return self.circle(self.skeleton.points[name], radius)

    def beside(self, name: str, frame: str, offset: Vector, radius: float) -> Circle:
        """Return a ball beside a joint, in the frame of a segment."""
        away = turn(self.skeleton.frames[frame], offset)
        return self.circle(add(self.skeleton.points[name], away), radius)

    def depth(self, *names: str) -> float:
        """Return how near the joints are to the viewer, on average."""
        return sum(self.camera.depth(self.skeleton.points[name]) for name in names) / len(names)
