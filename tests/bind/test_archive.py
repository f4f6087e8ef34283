"""One file for the archive and for the screen reader: PDF/A-2a and PDF/UA-1 together."""

from __future__ import annotations

import base64
import io
from functools import partial
from typing import TYPE_CHECKING

import page as validator
import pikepdf
import pytest
from PIL import Image

from handouts.bind import archive
from handouts.bind.archive import archive_pdf
from handouts.bind.imprint import lay_feet
from handouts.bind.join import bind_plates
from handouts.bind.part import Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.model.markup import ImprintStyle
    from handouts.press.plate import Plate

    Small = Callable[..., Plate]

PROFILES = (validator.ValidationProfile.PDF_A_2A, validator.ValidationProfile.PDF_UA_1)


def find_failures(pdf: bytes) -> list[str]:
    """Return what the two standards find wrong."""
    reports = [validator.validate_pdf_bytes(pdf, profile=profile) for profile in PROFILES]
    return [str(failure) for report in reports for failure in report.failures]


def test_a_real_booklet_is_both(plates: list[Plate], style: ImprintStyle) -> None:
    parts = [Part(plate, f"p{number}") for number, plate in enumerate([*plates, *plates])]
    finish = partial(lay_feet, titles=["Hips"] * 12, style=style, client="Zoë")
    pdf = bind_plates(parts, "Hips", "en", "Sam", finish=finish)
    assert any("PDFA2A" in failure for failure in find_failures(pdf))
    assert find_failures(archive_pdf(pdf)) == []


def test_a_handout_is_both(plate: bytes) -> None:
    assert find_failures(archive_pdf(plate)) == []


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "LA"), ("PNG", "P"), ("JPEG", "RGB"), ("JPEG", "L")],
)
def test_pictures_of_any_kind_may_be_on_the_page(small: Small, kind: str, mode: str) -> None:
    assert find_failures(archive_pdf(show_picture(small, kind, mode))) == []


def test_a_picture_in_printers_colours_is_refused(small: Small) -> None:
    with pytest.raises(ValueError, match="CMYK"):
        archive_pdf(show_picture(small, "JPEG", "CMYK"))


def test_a_style_in_printers_colours_is_refused(small: Small) -> None:
    body = '<h1>X</h1><p style="color: device-cmyk(0 1 1 0.5)">ink</p>'
    with pytest.raises(ValueError, match="CMYK"):
        archive_pdf(bind_plates([Part(small(body), "a")], "T", "en"))


def show_picture(small: Small, kind: str, mode: str) -> bytes:
    """Return a bound page with a picture of this kind."""
    target = io.BytesIO()
    Image.effect_noise((40, 40), 80).convert("RGBA").convert(mode).save(target, kind)
    data = base64.b64encode(target.getvalue()).decode()
    body = f'<h1>P</h1><img src="data:image/{kind.lower()};base64,{data}" alt="Noise">'
    return bind_plates([Part(small(body), "a")], "T", "en")


@pytest.mark.parametrize(
    "body",
    [
        '<p><a href="https://example.org/">out</a> <a href="#x">in</a></p><p id="x">X</p>',
        '<p style="border: 2px solid rgba(0, 0, 0, 0.4); border-radius: 4px">clear</p>',
        '<p style="background: linear-gradient(red, blue); height: 2em">x</p>',
        '<p style="color: lab(40% 50 20)">lab</p><p style="color: oklch(40% 0.1 200)">oklch</p>',
    ],
)
def test_what_a_theme_may_draw_is_both(small: Small, body: str) -> None:
    pdf = bind_plates([Part(small(f"<h1>X</h1>{body}"), "a")], "T", "en")
    assert find_failures(archive_pdf(pdf)) == []


def test_streams_that_end_by_chance_like_a_line_are_told_from_it(small: Small) -> None:
    """One compressed stream in 256 ends with a carriage return: plates are made until one does."""
    found, pdf = False, b""
    for number in range(600):
        svg = (
            f'<svg width="{40 + number}" height="9"><title>A</title><path d="M0 0h{number}"/></svg>'
        )
        pdf = bind_plates([Part(small(f"<h1>X {number}</h1>{svg}"), "a")], f"T{number}", "en")
        found = b"\r\nendstream" in pdf
        if found:
            break
    assert found
    archived = archive_pdf(pdf)
    assert b"\r\nendstream" not in archived
    assert find_failures(archived) == []


def test_a_form_is_not_archived(small: Small) -> None:
    body = '<h1>X</h1><form><label>A <input name="a" type="text"></label></form>'
    with pytest.raises(ValueError, match="a form to fill in"):
        archive_pdf(bind_plates([Part(small(body), "a")], "T", "en"))


def test_a_document_that_says_nothing_of_itself_is_refused(blank: Callable[..., bytes]) -> None:
    with pytest.raises(ValueError, match="does not say what it is"):
        archive_pdf(blank((100, 100)))


def test_equal_input_gives_equal_bytes_at_any_time(plate: bytes) -> None:
    once = archive_pdf(plate)
    archive._profile_screen.cache_clear()  # noqa: SLF001
    assert archive_pdf(plate) == once


def test_tags_bookmarks_and_text_are_as_before(plate: bytes) -> None:
    with (
        pikepdf.open(io.BytesIO(plate)) as before,
        pikepdf.open(io.BytesIO(archive_pdf(plate))) as after,
    ):
        assert len(list(after.pages)) == len(list(before.pages))
        for name in ("/StructTreeRoot", "/Outlines", "/Lang", "/Names"):
            assert (name in after.Root) == (name in before.Root)
        for one, two in zip(before.pages, after.pages, strict=True):
            assert one.Contents.read_bytes() == two.Contents.read_bytes()
