"""Turn real handouts into the README's pictures: front and back side by side."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image

HERE = Path(__file__).parent
PICTURES = {"single-leg-deadlift": "clear", "hip-hinge": "gym"}
PIXELS_PER_POINT = 1.1
GAP = 16
SHADE = "#d0d3d6"
# Few enough for a small file, enough for smooth letters.
COLOURS = 96
# The usual way leaves out what is rare, such as skin.
RARE_TOO = Image.Quantize.MAXCOVERAGE


def draw_sheet(pdf: Path) -> Image.Image:
    """Return the first two pages beside each other on a grey ground."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [document[number].render(scale=PIXELS_PER_POINT).to_pil() for number in (0, 1)]
    width, height = pages[0].size
    sheet = Image.new("RGB", (2 * width + 3 * GAP, height + 2 * GAP), SHADE)
    for number, page in enumerate(pages):
        sheet.paste(page, (GAP + number * (width + GAP), GAP))
    return sheet


def main() -> None:
    """Render each handout and write its picture beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        for slug, theme in PICTURES.items():
            pdf = Path(folder) / f"{slug}.pdf"
            render = [sys.executable, "-m", "handouts", "render", slug, "--theme", theme]
            subprocess.run([*render, "--output", str(pdf)], check=True)  # noqa: S603  our own
            sheet = draw_sheet(pdf).quantize(COLOURS, RARE_TOO, dither=Image.Dither.NONE)
            sheet.save(HERE / f"{slug}-{theme}.png", optimize=True)


if __name__ == "__main__":
    main()
