"""Turn joint angles and contacts into a checked pose that a body can take."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from handouts.model.base import Frozen, Line, NumberOrMapping, Slug, from_number


class Base(StrEnum):
    """A pose to start from."""

    STANDING = "standing"
    HINGE = "hinge"
    SQUAT = "squat"
    HALF_KNEELING = "half-kneeling"
    TALL_KNEELING = "tall-kneeling"
    QUADRUPED = "quadruped"
    SEATED = "seated"
    SUPINE = "supine"
    HOOK_LYING = "hook-lying"
    BRIDGE = "bridge"
    HIP_THRUST = "hip-thrust"
    SIDE_LYING = "side-lying"
    PRONE = "prone"
    PLANK = "plank"


class View(StrEnum):
    """Where the viewer stands; ``side`` sees the person facing right."""

    SIDE = "side"
    FRONT = "front"
    REAR = "rear"
    THREE_QUARTER = "three-quarter"


class Thing(StrEnum):
    """What a part of the body touches."""

    FLOOR = "floor"
    MAT = "mat"
    STEP = "step"
    BENCH = "bench"
    CHAIR = "chair"
    WALL = "wall"
    CUSHION = "cushion"


class Gear(StrEnum):
    """What a hand holds or an ankle wears."""

    DUMBBELL = "dumbbell"
    KETTLEBELL = "kettlebell"
    BARBELL = "barbell"
    ANKLE_WEIGHT = "ankle-weight"


class Guide(StrEnum):
    """A line that shows the point of the picture."""

    SPINE = "spine"
    HIPS_LEVEL = "hips-level"
    PLANK = "plank"


class Build(StrEnum):
    """One of the mannequins."""

    A = "a"
    B = "b"


class Side(StrEnum):
    """One half of the body, as the person herself calls it."""

    LEFT = "left"
    RIGHT = "right"


def _within(low: float, high: float) -> Any:  # noqa: ANN401  an annotation's metadata
    return Field(ge=low, le=high)


class Angles(Frozen):
    """A joint's angles in degrees, 0 in upright standing with the palms to the thighs.

    The limits are those beyond which a healthy adult's joint does not go, rounded outwards
    (limbs: AAOS 1965; spine: White & Panjabi 1990).
    """

    flexion: float = 0.0
    """Forwards; of the ankle: toes up; of the knee and elbow: bend. Negative is extension."""
    abduction: float = 0.0
    """Away from the body; a spine's part bends to the left."""
    rotation: float = 0.0
    """Outwards; a spine's part turns to the left."""


class Hip(Angles):
    """The ball joint of the thigh."""

    flexion: Annotated[float, _within(-35, 135)] = 0.0
    abduction: Annotated[float, _within(-35, 60)] = 0.0
    rotation: Annotated[float, _within(-50, 60)] = 0.0


class Knee(Angles):
    """The hinge of the leg."""

    flexion: Annotated[float, _within(-8, 155)] = 0.0
    abduction: Annotated[float, _within(-12, 12)] = 0.0
    """Negative falls in."""
    rotation: Annotated[float, _within(0, 0)] = 0.0


class Ankle(Angles):
    """The joint above the foot."""

    flexion: Annotated[float, _within(-55, 35)] = 0.0
    abduction: Annotated[float, _within(-35, 25)] = 0.0
    rotation: Annotated[float, _within(0, 0)] = 0.0


class Shoulder(Angles):
    """The ball joint of the arm."""

    flexion: Annotated[float, _within(-65, 185)] = 0.0
    abduction: Annotated[float, _within(-50, 185)] = 0.0
    rotation: Annotated[float, _within(-90, 90)] = 0.0


class Elbow(Angles):
    """The hinge of the arm."""

    flexion: Annotated[float, _within(-8, 155)] = 0.0
    abduction: Annotated[float, _within(0, 0)] = 0.0
    rotation: Annotated[float, _within(0, 0)] = 0.0


class Wrist(Angles):
    """The joint above the hand."""

    flexion: Annotated[float, _within(-85, 85)] = 0.0
    abduction: Annotated[float, _within(0, 0)] = 0.0
    rotation: Annotated[float, _within(0, 0)] = 0.0


class Lumbar(Angles):
    """The lower back, from the pelvis to the ribs; its bend is spread along it."""

    flexion: Annotated[float, _within(-40, 65)] = 0.0
    abduction: Annotated[float, _within(-35, 35)] = 0.0
    rotation: Annotated[float, _within(-20, 20)] = 0.0


class Thoracic(Angles):
    """The upper back."""

    flexion: Annotated[float, _within(-30, 50)] = 0.0
    abduction: Annotated[float, _within(-35, 35)] = 0.0
    rotation: Annotated[float, _within(-40, 40)] = 0.0


class Neck(Angles):
    """The neck, with the head."""

    flexion: Annotated[float, _within(-75, 60)] = 0.0
    abduction: Annotated[float, _within(-45, 45)] = 0.0
    rotation: Annotated[float, _within(-80, 80)] = 0.0


_Short = (BeforeValidator(from_number), NumberOrMapping)
HipEntry = Annotated[Hip, *_Short]
KneeEntry = Annotated[Knee, *_Short]
AnkleEntry = Annotated[Ankle, *_Short]
ShoulderEntry = Annotated[Shoulder, *_Short]
ElbowEntry = Annotated[Elbow, *_Short]
WristEntry = Annotated[Wrist, *_Short]


class Joints(Frozen):
    """The angles of the joints that are not as the base has them; ``hips`` means both."""

    model_config = ConfigDict(alias_generator=lambda name: name.replace("_", "-"))

    hips: HipEntry | None = None
    left_hip: HipEntry | None = None
    right_hip: HipEntry | None = None
    knees: KneeEntry | None = None
    left_knee: KneeEntry | None = None
    right_knee: KneeEntry | None = None
    ankles: AnkleEntry | None = None
    left_ankle: AnkleEntry | None = None
    right_ankle: AnkleEntry | None = None
    shoulders: ShoulderEntry | None = None
    left_shoulder: ShoulderEntry | None = None
    right_shoulder: ShoulderEntry | None = None
    elbows: ElbowEntry | None = None
    left_elbow: ElbowEntry | None = None
    right_elbow: ElbowEntry | None = None
    wrists: WristEntry | None = None
    left_wrist: WristEntry | None = None
    right_wrist: WristEntry | None = None
    lumbar: Annotated[Lumbar, *_Short] | None = None
    thoracic: Annotated[Thoracic, *_Short] | None = None
    neck: Annotated[Neck, *_Short] | None = None

    def spread(self) -> dict[str, Angles]:
        """Return the angles of each single joint; one side's own win over those of both."""
        # A set has another order in each process: pictures and words would have, too.
        names = [name for name in type(self).model_fields if name in self.model_fields_set]
        said = {name: getattr(self, name) for name in names}
        both = {
            f"{side}-{name.removesuffix('s')}": angles
            for name, angles in said.items()
            if name.endswith("s")
            for side in Side
        }
        own = {name.replace("_", "-"): at for name, at in said.items() if not name.endswith("s")}
        return {**both, **own}


# fmt: off
JointName = Literal[
    "left-hip", "left-knee", "left-ankle", "left-shoulder", "left-elbow", "left-wrist",
    "right-hip", "right-knee", "right-ankle", "right-shoulder", "right-elbow", "right-wrist",
    "neck", "head", "pelvis",
]
PartName = Literal[
    "left-foot", "left-knee", "left-hand", "left-elbow", "left-side",
    "right-foot", "right-knee", "right-hand", "right-elbow", "right-side",
    "left-toes", "right-toes", "seat", "back", "upper-back", "belly",
]
GearPlace = Literal["left-hand", "right-hand", "left-foot", "right-foot"]
# fmt: on


def _worn_where_it_can(gear: dict[GearPlace, Gear]) -> dict[GearPlace, Gear]:
    for place, thing in gear.items():
        if place.endswith("hand") == (thing is Gear.ANKLE_WEIGHT):
            raise PydanticCustomError(
                "bad-gear",
                "{thing} is not for the {place}",
                {
                    "thing": f"the {thing}",
                    "place": place,
                    "hint": "hands hold dumbbell, kettlebell or barbell; feet wear ankle-weight",
                },
            )
    return gear


class Pose(Frozen):
    """How a body stands, lies or moves, what it touches, and from where we look."""

    base: Base = Base.STANDING
    """The pose to start from; what is not said here is as it is there."""
    view: View = View.SIDE
    build: Build = Build.A
    joints: Joints = Joints()
    lean: Annotated[float, _within(-120, 120)] | None = None
    """Degrees of the pelvis forwards from upright: 90 is face down, -90 on the back."""
    tilt: Annotated[float, _within(-95, 95)] | None = None
    """Degrees of the pelvis to the side: positive lifts the left hip."""
    turn: Annotated[float, _within(-60, 60)] | None = None
    """Degrees of the pelvis about its own long axis, to the left."""
    contacts: Annotated[dict[PartName, Thing], Field(max_length=12)] | None = None
    """What each part touches; a foot that touches stands flat unless its ankle is given."""
    gear: Annotated[
        dict[GearPlace, Gear], Field(max_length=4), AfterValidator(_worn_where_it_can)
    ] = {}  # noqa: RUF012  frozen
    """What a hand holds; the feet wear ankle weights."""
    band: tuple[PartName, PartName] | None = None
    """The two parts between which a resistance band is taut."""
    guides: Annotated[tuple[Guide, ...], Field(max_length=3)] = ()
    arrows: Annotated[tuple[JointName, ...], Field(max_length=3)] = ()
    """The joints whose path from ``start`` is drawn."""
    start: Slug | None = None
    """Another figure of the same exercise, drawn as a ghost behind this one."""
    hold: bool = False
    focus: PartName | None = None
    """Show only what is about this part, larger."""
    muscles: Annotated[tuple[Slug, ...], Field(max_length=8)] = ()
    """Muscles to mark on the body."""
    works: Side | None = None
    """The side on which the muscles are marked; both where it is left out."""
    words: Line | None = None
    """What the picture shows; made from the data where it is left out."""
