"""Who cannot see a picture hears what it shows."""

from __future__ import annotations

from typing import Any

import pytest

from handouts.figure.words import describe_pose
from handouts.model.pose import Pose

CASES: list[tuple[dict[str, Any], str]] = [
    ({}, "Standing, seen from the side"),
    (
        {"base": "half-kneeling", "view": "rear"},
        "Half kneeling, seen from behind",
    ),
    (
        {"joints": {"right-hip": 80, "right-knee": {"flexion": 95}}},
        "Standing, seen from the side; right hip bent 80°; right knee bent 95°",
    ),
    (
        {"joints": {"shoulders": {"abduction": 70, "rotation": -20}, "neck": -30}},
        (
            "Standing, seen from the side; both shoulders to the side 70° and turned in 20°; "
            "neck bent back 30°"
        ),
    ),
    (
        {"joints": {"lumbar": {"abduction": 20, "rotation": 4}}},
        "Standing, seen from the side; lower back bent to the left 20°",
    ),
    (
        {
            "contacts": {"left-foot": "floor", "right-hand": "wall"},
            "gear": {"left-foot": "ankle-weight"},
        },
        "Standing, seen from the side; right hand on the wall; an ankle weight on the left foot",
    ),
    (
        {"band": ["left-foot", "right-foot"], "gear": {"left-hand": "dumbbell"}},
        (
            "Standing, seen from the side; a dumbbell on the left hand; "
            "a band from the left foot to the right foot"
        ),
    ),
    ({"words": "Ann waves.", "base": "squat"}, "Ann waves."),
]


@pytest.mark.parametrize(("data", "words"), CASES, ids=[words for _, words in CASES])
def test_a_pose_is_said_in_words(data: dict[str, Any], words: str) -> None:
    assert describe_pose(Pose.model_validate(data)) == words
