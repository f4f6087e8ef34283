"""A small vocabulary, an exercise that is right, and a workspace to put them into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handouts.model.vocabulary import Condition, GeneralPrecaution, Muscle, Region
from handouts.source.vocabulary import Vocabulary
from handouts.source.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

SQUAT = b"""\
name: Squat
aliases: [Knee bend]
summary: Sit down and stand up with no chair. It builds strong legs.
position: standing
equipment: {needed: [Wall]}
muscles: {primary: [quadriceps]}
steps:
  - title: Sit back
    do: [Bend your knees.]
avoid:
  - {condition: knee-pain, level: adapt, why: It loads the knee., instead: Bend less.}
  - {condition: pregnancy, basis: general}
dose: {strength: "3 \xc3\x97 10"}
"""


@pytest.fixture
def squat() -> bytes:
    """Return the bytes of an exercise without a fault."""
    return SQUAT


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """Return three conditions, two muscles and one general precaution."""
    conditions = {
        "knee-problem": Condition(name="Knee problem", medical="Knee disorder"),
        "knee-pain": Condition(
            name="Knee pain",
            medical="Gonalgia",
            synonyms=("sore knee",),
            parents=("knee-problem",),
        ),
        "pregnancy": Condition(name="Pregnancy", medical="Gravidity"),
    }
    muscles = {
        "quadriceps": Muscle(
            name="Front thigh", latin="Quadriceps", region=Region.THIGH, synonyms=("quads",)
        ),
        "gluteus-maximus": Muscle(name="Buttock", latin="Gluteus maximus", region=Region.HIP),
    }
    shared = GeneralPrecaution(
        condition="pregnancy", why="Your body changes.", instead="Ask which."
    )
    return Vocabulary(conditions, muscles, {"pregnancy": shared})


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep every test's cache to itself."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("HANDOUTS_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return a workspace with settings and one exercise."""
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "squat.yaml").write_bytes(SQUAT)
    (tmp_path / "handouts.toml").write_text('[trainer]\nname = "Ann"\n', encoding="utf-8")
    return Workspace(tmp_path, tmp_path / "handouts.toml")
