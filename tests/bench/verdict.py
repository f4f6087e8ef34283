"""Turn a contestant's PDF into the list of what it lacks of the original."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pikepdf
import pypdfium2

from tests.bench.original import PAGES
from tests.judge import find_lost, squeeze

if TYPE_CHECKING:
    from collections.abc import Sequence


def find_lacks(pdf: bytes, phrases: Sequence[str], name: str) -> list[str]:
    """Return what is wrong: pages, tags, sentences that are lost, pages without the name.

    The whole of each page counts, its foot too: contestants write it in places of their own.
    """
    document = pypdfium2.PdfDocument(pdf)
    try:
        texts = [squeeze(page.get_textpage().get_text_bounded()) for page in document]
    finally:
        document.close()
    lacks = [] if len(texts) == PAGES else [f"{len(texts)} pages, not {PAGES}"]
    lacks += [f"lost: {phrase}" for phrase in find_lost(phrases, "".join(texts))]
    foot = squeeze(f"For {name} ·")
    lacks += [f"page {n} lacks {name}" for n, text in enumerate(texts, 1) if foot not in text]
    # On the cover, beside its foot, the name stands once more.
    if texts and texts[0].count(squeeze(name)) < 2:
        lacks.append(f"the cover lacks {name}")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        if "/StructTreeRoot" not in opened.Root:
            lacks.append("no tags")
    return lacks
