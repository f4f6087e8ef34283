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
PROGRAMME = "hip-strength-beginners"
CLIENTS = "id,name,conditions\nsam,Sam Green,poor balance\n"
PIXELS_PER_POINT = 1.1
GAP = 16
SHADE = "#d0d3d6"
# Few enough for a small file, enough for smooth letters.
COLOURS = 96
# The usual way leaves out what is rare, such as skin.
RARE_TOO = Image.Quantize.MAXCOVERAGE


def draw_sheet(pdf: Path, numbers: tuple[int, ...], scale: float) -> Image.Image:
    """Return pages beside each other on a grey ground."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [document[number].render(scale=scale).to_pil() for number in numbers]
    width, height = pages[0].size
    sheet = Image.new("RGB", (len(pages) * (width + GAP) + GAP, height + 2 * GAP), SHADE)
    for number, page in enumerate(pages):
        sheet.paste(page, (GAP + number * (width + GAP), GAP))
    return sheet


def save(sheet: Image.Image, name: str) -> None:
    """Write a picture beside this file."""
    small = sheet.quantize(COLOURS, RARE_TOO, dither=Image.Dither.NONE)
    small.save(HERE / name, optimize=True)


def main() -> None:
    """Render each handout and a booklet, and write their pictures."""
    with tempfile.TemporaryDirectory() as folder:
        for slug, theme in PICTURES.items():
            pdf = Path(folder) / f"{slug}.pdf"
            render = [sys.executable, "-m", "handouts", "render", slug, "--theme", theme]
            subprocess.run([*render, "--output", str(pdf)], check=True)  # noqa: S603  our own
            save(draw_sheet(pdf, (0, 1), PIXELS_PER_POINT), f"{slug}-{theme}.png")
        (Path(folder) / "clients.csv").write_text(CLIENTS, encoding="utf-8")
        pdf = Path(folder) / "booklet.pdf"
        bind = [sys.executable, "-m", "handouts", "booklet", PROGRAMME, "--start", "2026-11-23"]
        bind += ["--clients", f"{folder}/clients.csv", "--client", "sam", "--output", str(pdf)]
        subprocess.run(bind, check=True)  # noqa: S603  our own
        save(draw_sheet(pdf, (0, 2, 4, 10), PIXELS_PER_POINT / 2), "booklet-clear.png")


if __name__ == "__main__":
    main()
