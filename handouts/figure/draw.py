"""Turn a pose into a framed picture: SVG text, equal for equal input."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from handouts.figure.bases import settle_pose
from handouts.figure.body import build_parts
from handouts.figure.ground import stand_skeleton, touch_point
from handouts.figure.mark import COLOUR, JOINABLE, LINE, MONO, Look, Mark, write_mark
from handouts.figure.motion import draw_arrows, draw_ghost, draw_guides, draw_hold, stand_start
from handouts.figure.muscles import draw_muscles
from handouts.figure.outline import UNIT, Box
from handouts.figure.props import draw_band, draw_gear, draw_things
from handouts.figure.space import make_camera
from handouts.figure.view import Viewer
from handouts.model.pose import Side, View

if TYPE_CHECKING:
    from handouts.figure.space import Flat
    from handouts.figure.view import Part
    from handouts.model.pose import Pose

# Degrees from the front, to the person's right.
_CAMERAS = {View.FRONT: 0.0, View.SIDE: 90.0, View.REAR: 180.0, View.THREE_QUARTER: 50.0}
_MARGIN = 14.0
# Thousandths of the height that a close-up shows, and how much larger it is.
_FOCUS, _ZOOM = 340.0, 2.4


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing before it has a size: marks, and the box that they fill."""

    marks: tuple[Mark, ...]
    box: Box
    zoom: float = 1.0
    """How much larger than the other pictures of its scale."""

    @property
    def width(self) -> float:
        """How wide it is on paper, in thousandths of a body's height at the same scale."""
        return (self.box.right - self.box.left) * self.zoom

    def as_svg(self, words: str, height_of_body: float, *, mono: bool = False) -> str:
        """Return the picture as SVG text.

        Args:
            words: what it shows, for those who cannot see it.
            height_of_body: millimetres that a standing body would be high: pictures with the
                same value are to the same scale.
            mono: whether to draw in greys.
        """
        box, scale = self.box, self.zoom * height_of_body / 1000
        wide, high = box.right - box.left, box.bottom - box.top
        seen = " ".join(f"{value / UNIT:.0f}" for value in (box.left, box.top, wide, high))
        palette = MONO if mono else COLOUR
        title = f"<title>{escape(words, quote=False)}</title>" if words else ""
        inside = "".join(write_mark(mark, palette) for mark in _join(self.marks))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide * scale:.1f}mm" '
            f'height="{high * scale:.1f}mm" '
            f'viewBox="{seen}" role="img">{title}<g {LINE}>{inside}</g></svg>'
        )


def draw_pose(pose: Pose, start: Pose | None = None) -> Picture:
    """Return the picture of a pose, with the ghost of a start behind it."""
    stance = settle_pose(pose)
    camera = make_camera(_CAMERAS[stance.view])
    skeleton = stand_skeleton(stance)
    window = _look_at(camera.see(touch_point(skeleton, pose.focus))) if pose.focus else None
    view = Viewer(skeleton, camera, window)
    parts = build_parts(view, pose.build)
    body = _around([part.box for part in parts])
    ghost: list[Mark] = []
    arrows: list[Mark] = []
    if start is not None:
        begin = settle_pose(start)
        ghost = draw_ghost(stand_start(begin, stance, skeleton), pose.build, camera)
        arrows = draw_arrows(begin, stance, pose.arrows, view)
    marks = [*draw_things(stance, view, _around([body, *(mark.box for mark in ghost)])), *ghost]
    marks += _dress(parts, pose, view)
    marks += [*draw_gear(pose, view), *draw_band(pose, view), *draw_guides(pose, view)]
    marks += arrows
    marks += draw_hold(pose, body)
    if window:
        shown = tuple(mark for mark in marks if window.meets(mark.box))
        return Picture(shown, window, _ZOOM)
    return Picture(tuple(marks), _around([mark.box for mark in marks]).grown(_MARGIN))


def _look_at(point: Flat) -> Box:
    """Return what a close-up of a point shows; the picture's edge cuts off the rest."""
    x, y = point
    return Box(x - _FOCUS * 0.6, y - _FOCUS * 0.6, x + _FOCUS * 0.4, y + _FOCUS * 0.3)


def _dress(parts: list[Part], pose: Pose, view: Viewer) -> list[Mark]:
    muscles: dict[str, list[Mark]] = {}
    for side in [pose.works] if pose.works else list(Side):
        for name, found in draw_muscles(pose.muscles, side, view).items():
            muscles.setdefault(name, []).extend(found)
    marks = []
    # A leg that melts into the seat has its muscles painted when the seat is done.
    late: list[str] = []
    for part in parts:
        look = Look(f"{part.tone}-far" if part.far else part.tone)
        marks.append(Mark(look, part.path, part.box, bare=part.bare))
        if part.bare:
            marks += [mark for done in [*late, part.name] for mark in muscles.pop(done, [])]
        elif part.name.endswith("-leg") and not part.far:
            late.append(part.name)
        elif part.name != "seat":
            marks += muscles.pop(part.name, [])
    return marks


def _join(marks: tuple[Mark, ...]) -> list[Mark]:
    """Return the marks with those that follow one of the same kind in one path."""
    joined: list[Mark] = []
    for mark in marks:
        if joined and mark.look is joined[-1].look and mark.look in JOINABLE:
            mark = replace(mark, path=joined.pop().path + mark.path)  # noqa: PLW2901
        joined.append(mark)
    return joined


def _around(boxes: list[Box]) -> Box:
    box = boxes[0]
    for other in boxes[1:]:
        box = box.around(other)
    return box
