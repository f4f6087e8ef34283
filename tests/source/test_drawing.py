"""An SVG is measured, and refused where laying it out could fetch, run or grow without end."""

from __future__ import annotations

import pytest

from handouts.source.drawing import DrawingError, measure_svg

XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ('<svg viewBox="0 0 40 30"/>', (40, 30)),
        ('<svg viewBox="-5,-5,40.4,0.2"/>', (40, 1)),
        ('<svg width="12px" height="34"/>', (12, 34)),
        ('<svg width="100%" height="34" viewBox="0 0 40 30"/>', (40, 34)),
        ("<svg/>", (300, 150)),
        ('<svg xmlns="http://www.w3.org/2000/svg"><a href="#b"/></svg>', (300, 150)),
        ('<svg><rect fill="url(#a)"/><pattern id="a"><rect/></pattern></svg>', (300, 150)),
        ('<svg><mask><rect fill="url(#a)"/></mask><linearGradient id="a"/></svg>', (300, 150)),
        (f'<svg {XLINK}><linearGradient id="a" xlink:href="#b"/></svg>', (300, 150)),
    ],
)
def test_a_plain_drawing_is_measured(text: str, size: tuple[int, int]) -> None:
    assert measure_svg(text.encode()) == size


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<html/>", "no SVG"),
        ('<svg xmlns="http://www.w3.org/1999/xhtml"/>', "no SVG"),
        ('<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg>&a;</svg>', "DOCTYPE"),
        ("<svg><script/></svg>", "script"),
        ('<svg onload="alert(1)"/>', "script"),
        ('<svg><use href="#a"/></svg>', "repeats"),
        ('<svg xmlns:s="http://www.w3.org/2000/svg"><s:use/></svg>', "repeats"),
        ("<svg><foreignObject/></svg>", "other than a drawing"),
        ('<svg><image href="data:image/png;base64,AA"/></svg>', "another picture"),
        ('<svg><a href="https://example.org"/></svg>', "another file"),
        (f'<svg {XLINK}><path xlink:href="file:///etc/passwd"/></svg>', "another file"),
        ('<svg><rect fill="url(http://example.org/a)"/></svg>', "another file"),
        ("<svg><rect style=\"fill:URL( '//x')\"/></svg>", "another file"),
        ("<svg><style>@import 'x';</style></svg>", "another file"),
        ("<svg><style>a{fill:u\\72l(x)}</style></svg>", "another file"),
        ('<?xml-stylesheet href="x"?><svg/>', "another file"),
        ('<svg><pattern id="a"><a fill="url(#b)"/></pattern></svg>', "another one"),
        ('<svg><g fill="url(#a)"><pattern id="a"><a/></pattern></g></svg>', "another one"),
        ('<svg><style>b{fill:url(#a)}</style><pattern id="a"><b/></pattern></svg>', "another one"),
        (
            '<svg><linearGradient id="a" href="#b"/><linearGradient id="b" href="#a"/></svg>',
            "circle",
        ),
        ("<svg>" + "<g>" * 50 + "</g>" * 50 + "</svg>", "levels"),
        ("<svg>" + "<g/>" * 20_000 + "</svg>", "parts"),
        (
            "<svg>"
            + '<a fill="url(#a)"/>' * 500
            + '<pattern id="a">'
            + "<b/>" * 500
            + "</pattern></svg>",
            "too often",
        ),
        ('<svg width="1e300" height="1"/>', "out of bounds"),
        ('<svg width="0" height="1"/>', "out of bounds"),
        ("<svg>" + " " * 2_000_000 + "</svg>", "2 MB"),
    ],
)
def test_an_unsafe_drawing_is_refused(text: str, why: str) -> None:
    with pytest.raises(DrawingError, match=why) as caught:
        measure_svg(text.encode())
    assert caught.value.code == "picture-unsafe"


@pytest.mark.parametrize("data", [b"", b"<svg>", b"<svg>&a;</svg>", b"\xff\xfe", b"<a:svg/>"])
def test_a_broken_drawing_is_refused(data: bytes) -> None:
    with pytest.raises(DrawingError) as caught:
        measure_svg(data)
    assert caught.value.code == "picture-broken"


def test_an_encoding_that_nobody_knows_is_broken() -> None:
    with pytest.raises(DrawingError) as caught:
        measure_svg(b'<?xml version="1.0" encoding="klingon"?><svg/>')
    assert caught.value.code == "picture-broken"
