"""What holds of every pose that a joint can take, whatever base, view, contact and gear."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handouts.figure.bases import BASES, settle_pose
from handouts.figure.draw import draw_pose
from handouts.figure.ground import GROUNDS, stand_skeleton, touch_point
from handouts.figure.motion import blend_stances
from handouts.figure.skeleton import pose_skeleton
from handouts.figure.space import add, length
from handouts.figure.words import describe_pose
from handouts.model.gallery import list_limits
from handouts.model.pose import Base, Build, Gear, Guide, JointName, PartName, Pose, Thing, View

SVG = "{http://www.w3.org/2000/svg}"
COMMAND = re.compile(r"([Mlacz])([^Mlacz]*)")
NUMBER = re.compile(r"-?\d+")
MOST_BYTES = 6_000
BONES = [
    *((f"{side}-{one}", f"{side}-{other}")
      for side in ("left", "right")
      for one, other in (("hip", "knee"), ("knee", "ankle"), ("ankle", "toe"), ("heel", "toe"),
                         ("shoulder", "elbow"), ("elbow", "wrist"), ("wrist", "hand"))),
    ("left-hip", "right-hip"),
    ("left-shoulder", "right-shoulder"),
    ("neck", "skull"),
    ("skull", "head"),
]  # fmt: skip
BONE_LENGTHS = [
    length(add(upright.points[one], upright.points[other], -1.0))
    for upright in [pose_skeleton(settle_pose(Pose()))]
    for one, other in BONES
]


def angles(limits: Any) -> st.SearchStrategy[dict[str, float]]:  # noqa: ANN401  JointLimits
    ways = {
        way: st.floats(*getattr(limits, way), width=32)
        for way in ("flexion", "abduction", "rotation")
        if getattr(limits, way)
    }
    return st.fixed_dictionaries({}, optional=ways)


def joints() -> st.SearchStrategy[dict[str, Any]]:
    found = {}
    for limits in list_limits():
        name = limits.joint
        sides = [f"left-{name[:-1]}", f"right-{name[:-1]}"] if name.endswith("s") else []
        sides = [] if name in {"lumbar", "thoracic"} else sides
        for joint in [name, *sides]:
            found[joint] = angles(limits)
    return st.fixed_dictionaries({}, optional=found)


PARTS = st.sampled_from(get_args(PartName))
HELD = {Gear.DUMBBELL, Gear.KETTLEBELL, Gear.BARBELL}
GEAR = st.fixed_dictionaries(
    {},
    optional={
        **{f"{side}-hand": st.sampled_from(sorted(HELD)) for side in ("left", "right")},
        **{f"{side}-foot": st.just(Gear.ANKLE_WEIGHT) for side in ("left", "right")},
    },
)
MUSCLES = ["gluteus-maximus", "hamstrings", "erector-spinae", "quadriceps", "soleus", "no-such"]
PLAIN = {
    "base": st.sampled_from(Base),
    "view": st.sampled_from(View),
    "build": st.sampled_from(Build),
    "joints": joints(),
    "lean": st.floats(-120, 120, width=32),
    "tilt": st.floats(-95, 95, width=32),
    "turn": st.floats(-60, 60, width=32),
}
DRESSED = {
    "contacts": st.dictionaries(PARTS, st.sampled_from(Thing), max_size=6),
    "gear": GEAR,
    "band": st.tuples(PARTS, PARTS),
    "guides": st.lists(st.sampled_from(Guide), max_size=3, unique=True),
    "hold": st.booleans(),
    "muscles": st.lists(st.sampled_from(MUSCLES), max_size=4, unique=True),
    "works": st.sampled_from(["left", "right"]),
}
ARROWS = st.lists(st.sampled_from(get_args(JointName)), min_size=1, max_size=3, unique=True)


def poses(*parts: dict[str, Any]) -> st.SearchStrategy[Pose]:
    keys = {key: value for part in parts for key, value in part.items()}
    return st.fixed_dictionaries({}, optional=keys).map(Pose.model_validate)


def trace(path: str) -> list[tuple[float, float]]:
    """Return points along a path: the ends of its steps, samples of curves and arcs."""
    x = y = 0.0
    found: list[tuple[float, float]] = []
    for command, rest in COMMAND.findall(path):
        numbers = [float(number) for number in NUMBER.findall(rest)]
        if command == "M":
            x, y = numbers
        elif command == "l":
            x, y = x + numbers[0], y + numbers[1]
        elif command == "c":
            (ax, ay, bx, by, cx, cy) = numbers
            for step in range(1, 8):
                t = step / 8
                a, b, c = 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
                found.append((x + a * ax + b * bx + c * cx, y + a * ay + b * by + c * cy))
            x, y = x + cx, y + cy
        elif command == "a":
            found += trace_arc((x, y), numbers)
            x, y = x + numbers[5], y + numbers[6]
        found.append((x, y))
    return found


def trace_arc(start: tuple[float, float], numbers: list[float]) -> list[tuple[float, float]]:
    """Return samples of an arc, by SVG 1.1, F.6.5, for circles that turn clockwise."""
    radius, large, dx, dy = numbers[0], numbers[3], numbers[5], numbers[6]
    chord = math.hypot(dx, dy)
    radius = max(radius, chord / 2)
    height = math.sqrt(radius**2 - chord**2 / 4) * (-1 if large else 1)
    cx = start[0] + dx / 2 - dy / chord * height
    cy = start[1] + dy / 2 + dx / chord * height
    first = math.atan2(start[1] - cy, start[0] - cx)
    last = math.atan2(start[1] + dy - cy, start[0] + dx - cx)
    turn = (last - first) % math.tau
    return [
        (
            cx + radius * math.cos(first + turn * k / 12),
            cy + radius * math.sin(first + turn * k / 12),
        )
        for k in range(1, 12)
    ]


def find_outside(svg: str) -> list[tuple[float, float]]:
    """Return the points of a drawing, lines' width included, that lie outside of its view box."""
    root = ET.fromstring(svg)  # noqa: S314  our own text
    left, top, wide, high = (float(number) for number in root.attrib["viewBox"].split())
    outside = []
    for path in root.iter(f"{SVG}path"):
        half = 0 if path.get("stroke") == "none" else float(path.get("stroke-width", "3.4")) / 2
        for x, y in trace(path.attrib["d"]):
            if not (
                left <= x - half + 1
                and x + half <= left + wide + 1
                and top <= y - half + 1
                and y + half <= top + high + 1
            ):
                outside.append((x, y))
    return outside


@given(poses(PLAIN, DRESSED))
def test_everything_is_drawn_inside_the_view_box(pose: Pose) -> None:
    assert find_outside(draw_pose(pose).as_svg("A pose", 30)) == []


@given(poses(PLAIN), poses(PLAIN), ARROWS)
def test_a_ghost_and_its_arrows_are_inside_too(start: Pose, end: Pose, arrows: list[str]) -> None:
    moving = end.model_copy(update={"arrows": tuple(arrows)})
    assert find_outside(draw_pose(moving, start).as_svg("A movement", 30)) == []


@pytest.mark.parametrize("base", Base)
@pytest.mark.parametrize("view", View)
def test_every_base_is_whole_in_every_view(base: Base, view: View) -> None:
    for build in Build:
        svg = draw_pose(Pose(base=base, view=view, build=build)).as_svg("A pose", 30)
        assert find_outside(svg) == []


def test_what_is_outside_is_found() -> None:
    def draw(path: str) -> str:
        line = 'stroke-width="2"'
        return f'<svg xmlns="{SVG[1:-1]}" viewBox="0 0 10 10"><path {line} d="{path}"/></svg>'

    assert find_outside(draw("M1 1l8 8")) == []
    assert find_outside(draw("M1 1l12 8")) == [(13.0, 9.0)]
    assert find_outside(draw("M1 5c0 20 8 20 8 0z"))
    assert find_outside(draw("M1 8a4 4 0 0 1 8 0z")) == []  # over the top
    assert find_outside(draw("M9 8a4 4 0 0 1-8 0z"))  # below
    assert find_outside(draw("M3 5a4 4 0 1 1 0 2z"))


@given(poses(PLAIN, DRESSED))
def test_the_drawing_is_well_formed_finite_and_titled(pose: Pose) -> None:
    svg = draw_pose(pose).as_svg(describe_pose(pose), 30)
    root = ET.fromstring(svg)  # noqa: S314  our own text
    assert root.attrib["role"] == "img"
    assert root[0].tag == f"{SVG}title"
    assert (root[0].text or "").strip()
    numbers = [root.attrib[side].removesuffix("mm") for side in ("width", "height")]
    assert all(0 < float(number) < 400 for number in numbers)
    assert re.search("nan|inf|None|e[+-]?[0-9]", re.sub("<title>.*</title>", "", svg)) is None


def test_a_title_is_escaped() -> None:
    root = ET.fromstring(draw_pose(Pose()).as_svg("<b> & \"c\" 'd'", 30))  # noqa: S314  our own
    assert root[0].text == "<b> & \"c\" 'd'"


@given(poses(PLAIN))
def test_a_plain_pose_is_small_and_equal_for_equal_input(pose: Pose) -> None:
    svg = draw_pose(pose).as_svg("A pose", 30)
    assert len(svg.encode()) < MOST_BYTES
    again = Pose.model_validate(pose.model_dump(exclude_unset=True, by_alias=True))
    assert draw_pose(again).as_svg("A pose", 30) == svg


@given(poses(PLAIN, DRESSED))
def test_limbs_keep_their_lengths(pose: Pose) -> None:
    points = stand_skeleton(settle_pose(pose)).points
    found = [length(add(points[one], points[other], -1.0)) for one, other in BONES]
    assert found == pytest.approx(BONE_LENGTHS, rel=1e-9)


@given(poses(PLAIN, DRESSED))
def test_the_spine_keeps_its_lengths(pose: Pose) -> None:
    spine = [place for place, _ in stand_skeleton(settle_pose(pose)).spine]
    parts = [length(add(b, a, -1.0)) for a, b in pairwise(spine)]
    assert parts == pytest.approx([110 / 3] * 3 + [45.0] * 4)  # lumbar 110, thoracic 180


@given(poses(PLAIN, DRESSED))
def test_what_touches_the_ground_is_on_it(pose: Pose) -> None:
    stance = settle_pose(pose)
    skeleton = stand_skeleton(stance)
    heights = [
        touch_point(skeleton, part)[2]
        for part, thing in stance.contacts.items()
        if thing in GROUNDS
    ]
    assert not heights or min(heights) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("base", Base)
def test_all_that_a_base_puts_on_the_ground_is_there(base: Base) -> None:
    """Two hundredths of the height: a person of 1.70 m gives way by as much."""
    stance = settle_pose(Pose(base=base))
    skeleton = stand_skeleton(stance)
    heights = {
        part: touch_point(skeleton, part)[2]
        for part, thing in stance.contacts.items()
        if thing in GROUNDS
    }
    assert all(abs(height) < 20 for height in heights.values()), heights


@given(poses(PLAIN))
def test_a_planted_foot_is_flat(pose: Pose) -> None:
    said = {**pose.model_dump(exclude_unset=True, by_alias=True)}
    said["joints"] = {
        name: at for name, at in dict(said.get("joints", {})).items() if "ankle" not in name
    }
    flat = Pose.model_validate({**said, "base": "standing", "contacts": {"left-foot": "floor"}})
    points = stand_skeleton(settle_pose(flat)).points
    for end in ("heel", "ball", "toe"):
        assert points[f"left-{end}"][2] == pytest.approx(0, abs=1e-6)


@given(poses(PLAIN), poses(PLAIN))
def test_a_movement_begins_and_ends_with_its_ends(one: Pose, other: Pose) -> None:
    start, end = settle_pose(one), settle_pose(other)
    for share, stance in ((0.0, start), (1.0, end)):
        between = blend_stances(start, end, share)
        assert (between.lean, between.tilt, between.turn) == pytest.approx(
            (stance.lean, stance.tilt, stance.turn)
        )
        for joint in {**start.joints, **end.joints}:
            found, wanted = between.angles(joint), stance.angles(joint)
            assert found.flexion == pytest.approx(wanted.flexion)
            assert found.abduction == pytest.approx(wanted.abduction)
            assert found.rotation == pytest.approx(wanted.rotation)


def mirror(pose: dict[str, Any]) -> dict[str, Any]:
    """Return a pose with left and right exchanged."""

    def swap(name: str) -> str:
        sides = {"left": "right", "right": "left"}
        side, dash, rest = name.partition("-")
        return f"{sides[side]}{dash}{rest}" if side in sides else name

    def reflect(name: str, at: dict[str, float]) -> dict[str, float]:
        if name not in {"lumbar", "thoracic", "neck"}:
            return at
        return {way: value if way == "flexion" else -value for way, value in at.items()}

    joints = {swap(name): reflect(name, at) for name, at in pose.get("joints", {}).items()}
    contacts = {swap(name): thing for name, thing in pose["contacts"].items()}
    pelvis: dict[str, Any] = {key: -pose[key] for key in ("tilt", "turn") if key in pose}
    return {**pose, "joints": joints, "contacts": contacts, **pelvis}


BOTH_SIDES = sorted(set(Base) - {Base.HALF_KNEELING, Base.SIDE_LYING})


@given(poses({**PLAIN, "base": st.sampled_from(BOTH_SIDES)}))
def test_a_mirrored_pose_is_a_mirrored_body(pose: Pose) -> None:
    said = pose.model_dump(exclude_unset=True, by_alias=True, mode="json")
    said = {**said, "view": "front", "contacts": dict(settle_pose(pose).contacts)}
    one, other = (
        stand_skeleton(settle_pose(Pose.model_validate(each))).points
        for each in (said, mirror(said))
    )
    for name, (x, y, z) in one.items():
        side, _, rest = name.partition("-")
        twin = {"left": f"right-{rest}", "right": f"left-{rest}"}.get(side, name)
        assert other[twin] == pytest.approx((x, -y, z), abs=1e-6)


FREE = sorted(set(BOTH_SIDES) - {Base.SEATED, Base.HIP_THRUST})


@pytest.mark.parametrize("base", [Base.SEATED, Base.HIP_THRUST])
def test_furniture_stands_in_the_middle_from_the_front(base: Base) -> None:
    box = draw_pose(Pose(base=base, view=View.FRONT)).box
    assert -box.left == pytest.approx(box.right, abs=4)


@given(poses({**PLAIN, "base": st.sampled_from(FREE)}))
def test_a_mirrored_pose_is_as_wide_and_high_from_the_front(pose: Pose) -> None:
    said = pose.model_dump(exclude_unset=True, by_alias=True, mode="json")
    said = {**said, "view": "front", "contacts": dict(settle_pose(pose).contacts)}
    one, other = (draw_pose(Pose.model_validate(each)).box for each in (said, mirror(said)))
    assert (-one.right, one.top, -one.left, one.bottom) == pytest.approx(
        (other.left, other.top, other.right, other.bottom), abs=4
    )


def test_every_base_has_an_entry_and_can_be_taken() -> None:
    assert set(BASES) == set(Base)
    assert len({repr(settle_pose(Pose(base=base))) for base in Base}) == len(Base)


def test_the_plural_means_both_sides_and_a_side_wins() -> None:
    stance = settle_pose(Pose.model_validate({"joints": {"knees": 20, "left-knee": 50}}))
    assert stance.angles("right-knee").flexion == 20
    assert stance.angles("left-knee").flexion == 50
    assert stance.angles("left-hip").flexion == 0


def test_what_is_not_said_is_as_the_base_has_it() -> None:
    base = settle_pose(Pose(base=Base.HINGE))
    changed = settle_pose(Pose.model_validate({"base": "hinge", "joints": {"neck": 10}}))
    assert changed.angles("right-hip") == base.angles("right-hip")
    assert (changed.lean, changed.contacts) == (base.lean, base.contacts)
    assert changed.angles("neck").flexion == 10


@settings(max_examples=30)
@given(st.floats(10, 130), st.sampled_from(["side", "three-quarter"]))
def test_an_arrow_ends_at_its_joint(flexion: float, view: str) -> None:
    """Drawn from the start to the end: the tip is just before the limb."""
    from handouts.figure.mark import Look
    from handouts.figure.space import make_camera

    said = {"view": view, "contacts": {"left-foot": "floor"}}
    start = Pose.model_validate(said)
    end = Pose.model_validate(
        {**said, "joints": {"right-hip": flexion}, "start": "x", "arrows": ["right-ankle"]}
    )
    heads = [mark for mark in draw_pose(end, start).marks if mark.look is Look.ARROW_HEAD]
    camera = make_camera(90 if view == "side" else 50)
    there = camera.see(stand_skeleton(settle_pose(end)).points["right-ankle"])
    for head in heads:
        box = head.box.grown(60)
        assert box.left <= there[0] <= box.right
        assert box.top <= there[1] <= box.bottom
    assert heads or flexion < 30


def test_nothing_moves_no_arrow() -> None:
    pose = Pose.model_validate({"start": "x", "arrows": ["right-ankle"]})
    plain = Pose()
    assert len(draw_pose(pose, plain).marks) == len(draw_pose(plain, plain).marks)
