"""A few pages look as they did: rasterised, compared with a tolerance, the difference drawn."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from PIL import Image, ImageChops, ImageDraw

from handouts.order import Look

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).parent / "golden"
SCALE = 40 / 72  # 40 dots an inch
# Another version of the rasteriser smooths edges otherwise: so many pixels may differ so much.
MOST_CHANGE = 48  # of 255
MOST_PIXELS = 0.0015  # of all; a missing line of text is about 0.003
PAGES = [
    ("hip-hinge", Look(), 0),
    ("single-leg-deadlift", Look(theme="gym"), 1),
    ("standing-hip-extension-hold", Look(paper="letter", size="large", ink="mono"), 0),
]


def difference(one: Image.Image, other: Image.Image) -> tuple[float, Image.Image]:
    """Return the share of pixels that differ, and a picture of them in black."""
    if one.size != other.size:
        return 1.0, one
    change = ImageChops.difference(one.convert("L"), other.convert("L"))
    changed = change.point(lambda value: 0 if value > MOST_CHANGE else 255)
    return changed.histogram()[0] / (one.width * one.height), changed


def compare(one: Image.Image, other: Image.Image, folder: Path) -> None:
    """Fail if two pages differ, leaving a picture of where."""
    share, changed = difference(one, other)
    if share > MOST_PIXELS:
        one.save(folder / "now.png")
        changed.save(folder / "difference.png")
        pytest.fail(f"{share:.1%} of the page differs: see {folder}/difference.png")


@pytest.fixture(scope="session")
def rasterise(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Look, int], Image.Image]:
    """Return a function that draws one page of a handout, made by the real command."""

    def rasterise(slug: str, look: Look, page: int) -> Image.Image:
        file = tmp_path_factory.mktemp("raster") / "handout.pdf"
        flags = [word for key, value in look.chosen().items() for word in (f"--{key}", value)]
        command = [sys.executable, "-m", "handouts", "render", slug, *flags]
        subprocess.run([*command, "--output", str(file)], check=True, capture_output=True)
        document = pypdfium2.PdfDocument(file)
        try:
            picture: Image.Image = document[page].render(scale=SCALE).to_pil().convert("RGB")
        finally:
            document.close()
        return picture

    return rasterise


@pytest.mark.parametrize("chosen", PAGES, ids=[slug for slug, _, _ in PAGES])
def test_the_page_looks_as_it_did(
    rasterise: Callable[[str, Look, int], Image.Image],
    request: pytest.FixtureRequest,
    tmp_path: Path,
    chosen: tuple[str, Look, int],
) -> None:
    """If the change is right: ``make golden``, and look at the pictures."""
    slug, _, page = chosen
    now = rasterise(*chosen)
    file = GOLDEN / f"{slug}-{page + 1}.png"
    if request.config.getoption("--golden-refresh"):
        GOLDEN.mkdir(exist_ok=True)
        now.quantize(64).save(file, optimize=True)
        return
    with Image.open(file) as kept:
        compare(now, kept.convert("RGB"), tmp_path)


def test_a_page_with_a_line_less_is_found(
    rasterise: Callable[[str, Look, int], Image.Image], tmp_path: Path
) -> None:
    before = rasterise(*PAGES[0])
    after = before.copy()
    ImageDraw.Draw(after).rectangle((0, 92, before.width, 100), fill="white")  # a line of a step
    with pytest.raises(pytest.fail.Exception, match="of the page differs"):
        compare(after, before, tmp_path)
    with Image.open(tmp_path / "difference.png") as drawn:
        assert drawn.size == before.size
        assert drawn.getextrema() == (0, 255)


def test_a_page_in_another_theme_or_size_is_found(
    rasterise: Callable[[str, Look, int], Image.Image], tmp_path: Path
) -> None:
    slug, look, page = PAGES[0]
    for other in (Look(theme="gym"), Look(paper="letter")):
        with pytest.raises(pytest.fail.Exception):
            compare(rasterise(slug, other, page), rasterise(slug, look, page), tmp_path)
