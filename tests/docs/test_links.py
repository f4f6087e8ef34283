"""Every link between the documents leads somewhere, and every picture is small."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
DOCUMENTS = sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)(#[\w-]+)?\)")


def find_dead_links(document: Path) -> list[str]:
    """Return the targets that are no file or folder."""
    targets = [match[1] for match in LINK.finditer(document.read_text(encoding="utf-8"))]
    return [target for target in targets if not (document.parent / target).exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.name))
def test_links_lead_to_files(document: Path) -> None:
    assert find_dead_links(document) == []


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[here](page.md) [web](https://example.org) [gone](gone.md#a)", "utf-8")
    assert find_dead_links(page) == ["gone.md"]


def test_the_readmes_pictures_are_small() -> None:
    pictures = list((CHECKOUT / "docs" / "images").glob("*.png"))
    assert pictures
    assert max(picture.stat().st_size for picture in pictures) < 200_000
