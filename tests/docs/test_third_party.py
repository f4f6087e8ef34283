"""Every font that is shipped has its licence beside it and a line in THIRD_PARTY.md."""

from __future__ import annotations

from pathlib import Path

from handouts.assets import FONTS

CHECKOUT = Path(__file__).parents[2]
FONT_FILES = {".ttf", ".otf", ".woff", ".woff2"}


def find_unlicensed(fonts: Path, lines: list[str]) -> list[str]:
    """Return what is wrong with the fonts below a folder: no licence beside, no line, no style."""
    wrong = []
    for font in sorted(file for file in fonts.rglob("*") if file.suffix in FONT_FILES):
        licence = font.with_name("OFL.txt")
        if not licence.is_file() or "SIL Open Font License" not in licence.read_text("utf-8"):
            wrong.append(f"{font.name}: no licence beside it")
        style = font.stem.rpartition("-")[2]
        folder = f"styles/fonts/{font.parent.relative_to(fonts).as_posix()}/"
        if not any(f"`{folder}`" in line and style in line for line in lines):
            wrong.append(f"{font.name}: no line names it")
    return wrong


def test_every_font_has_its_licence_and_its_line() -> None:
    lines = (CHECKOUT / "THIRD_PARTY.md").read_text(encoding="utf-8").splitlines()
    assert find_unlicensed(FONTS, lines) == []


def test_no_line_names_a_font_that_is_gone() -> None:
    for line in (CHECKOUT / "THIRD_PARTY.md").read_text(encoding="utf-8").splitlines():
        if "`styles/fonts/" in line:
            folder = CHECKOUT / line.split("`")[1]
            assert list(folder.glob("*.ttf")), line


def test_a_font_without_licence_or_line_is_found(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "New-Bold.ttf").touch()
    assert len(find_unlicensed(tmp_path, [])) == 2
    (tmp_path / "new" / "OFL.txt").write_text("SIL Open Font License", encoding="utf-8")
    assert find_unlicensed(tmp_path, ["| New (Regular) | `styles/fonts/new/` |"])
    assert find_unlicensed(tmp_path, ["| New (Bold) | `styles/fonts/new/` |"]) == []
