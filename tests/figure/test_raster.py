"""A few figures look as they did: rasterised, compared with a tolerance."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from handouts.figure.draw import draw_pose
from handouts.model.pose import Pose
from handouts.press.raster import rasterise

GOLDEN = Path(__file__).parent / "golden"
DPI = 60
# Another version of the rasteriser smooths edges otherwise: so many pixels may differ so much.
MOST_CHANGE = 60  # of 255
MOST_PIXELS = 0.01  # of all; a forearm is about 0.02
STAND: dict[str, Any] = {"contacts": {"left-foot": "floor"}}
POSES: dict[str, tuple[dict[str, Any], dict[str, Any] | None, bool]] = {
    "squat": ({"base": "squat"}, STAND, False),
    "front": (
        {"base": "standing", "view": "front", "gear": {"left-hand": "kettlebell"}},
        None,
        True,
    ),
    "lift": (
        {**STAND, "joints": {"right-hip": 75, "right-knee": 60}, "arrows": ["right-knee"]},
        STAND,
        False,
    ),
    "bridge": ({"base": "bridge", "muscles": ["gluteus-maximus"], "hold": True}, None, True),
}


def draw(name: str) -> Image.Image:
    data, begin, mono = POSES[name]
    start = Pose.model_validate(begin) if begin is not None else None
    svg = draw_pose(Pose.model_validate(data), start).as_svg(name, 60, mono=mono)
    with Image.open(io.BytesIO(rasterise(svg, DPI))) as picture:
        return picture.convert("RGB")


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the share of pixels that differ."""
    if one.size != other.size:
        return 1.0
    change = ImageChops.difference(one.convert("L"), other.convert("L"))
    changed = change.point(lambda value: 255 if value > MOST_CHANGE else 0)
    return changed.histogram()[255] / (one.width * one.height)


@pytest.mark.parametrize("name", POSES)
def test_the_figure_looks_as_it_did(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """If the change is right: ``make golden``, and look at the pictures."""
    now, file = draw(name), GOLDEN / f"{name}.png"
    if request.config.getoption("--golden-refresh"):
        GOLDEN.mkdir(exist_ok=True)
        now.quantize(64).save(file, optimize=True)
        return
    with Image.open(file) as kept:
        share = difference(now, kept.convert("RGB"))
    if share > MOST_PIXELS:
        now.save(tmp_path / "now.png")
        pytest.fail(f"{share:.1%} of the figure differs: see {tmp_path}/now.png")


def test_a_figure_with_another_knee_is_found() -> None:
    data = {**STAND, "joints": {"right-hip": 75, "right-knee": 40}, "arrows": ["right-knee"]}
    svg = draw_pose(Pose.model_validate(data), Pose.model_validate(STAND)).as_svg("lift", 60)
    with Image.open(io.BytesIO(rasterise(svg, DPI))) as picture:
        assert difference(picture.convert("RGB"), draw("lift")) > MOST_PIXELS


def test_a_picture_is_as_large_as_its_dots_say() -> None:
    svg = draw_pose(Pose()).as_svg("Standing", 50)
    width = float(svg.partition('width="')[2].partition("mm")[0])
    with Image.open(io.BytesIO(rasterise(svg, 254))) as picture:
        assert picture.width == pytest.approx(width * 10, abs=2)  # 10 dots a millimetre
        assert picture.info["dpi"] == pytest.approx((254, 254), abs=1)
        colours = picture.convert("RGB").getcolors(100_000)
    assert colours
    assert len(colours) > 6


def test_what_has_no_size_is_refused() -> None:
    with pytest.raises(ValueError, match="width and height"):
        rasterise("<svg/>", 60)
