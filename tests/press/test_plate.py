"""Pages are laid out once, without the network or a file; what does not fit is not printed."""

from __future__ import annotations

import gc
import io
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from handouts.press import plate
from handouts.problem import HandoutError
from handouts.theme.styles import encode_data_address
from tests.press.conftest import FONT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from handouts.press.plate import Plate
    from handouts.problem import Report

    Press = Callable[..., tuple[Plate, Report]]

SECRET = "the-secret-of-the-file"  # noqa: S105  no password
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'
PROBES = {
    "img": '<img src="{url}" alt="A">',
    "srcset": '<img srcset="{url} 2x" src="{url}" alt="A">',
    "attachment": '<link rel="attachment" href="{url}">',
    "link to attachment": '<a rel="attachment" href="{url}">x</a>',
    "style sheet": '<link rel="stylesheet" href="{url}">',
    "icon": '<link rel="icon" href="{url}">',
    "import": "<style>@import '{url}';</style>",
    "import by url": "<style>@import url({url});</style>",
    "background": '<p style="background: url({url})">x</p>',
    "content": "<style>p::before {{ content: url({url}) }}</style><p>x</p>",
    "list": '<ul style="list-style-image: url({url})"><li>x</li></ul>',
    "border": '<p style="border: 1px solid; border-image: url({url}) 1">x</p>',
    "escaped url": '<p style="background: \\75rl({url})">x</p>',
    "font": "<style>@font-face {{ font-family: F; src: url({url}) }}</style><p>x</p>",
    "svg image": SVG.format('<title>A</title><image href="{url}" width="9" height="9"/>'),
    "svg xlink": SVG.format('<title>A</title><image xlink:href="{url}" width="9" height="9"/>'),
    "svg use": SVG.format('<title>A</title><use href="{url}#a"/>'),
    "svg style": SVG.format("<title>A</title><style>@import '{url}';</style><rect width='9'/>"),
    "svg fill": SVG.format('<title>A</title><rect width="9" height="9" fill="url({url}#a)"/>'),
    "object": '<object data="{url}">x</object>',
    "embed": '<embed src="{url}">',
    "iframe": '<iframe src="{url}"></iframe>',
    "input": '<input type="image" src="{url}" alt="A">',
    "base": '<base href="{url}"><img src="x.png" alt="A">',
    "refresh": '<meta http-equiv="refresh" content="0; {url}">',
    "entity": "<!DOCTYPE x [<!ENTITY e SYSTEM '{url}'>]><p>&e;</p>",
}


class _Counting(BaseHTTPRequestHandler):
    """Notes every request, and sends it on to the secret file."""

    def __init__(self, requests: list[str], secret: str, *rest: object) -> None:
        self.requests, self.secret = requests, secret
        super().__init__(*rest)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self.requests.append(self.path)
        self.send_response(302)
        self.send_header("Location", self.secret)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Return a file that no page may show."""
    file = tmp_path / "secret.svg"
    file.write_text(SVG.format(f"<title>{SECRET}</title><text y='9'>{SECRET}</text>"), "utf-8")
    return file


@pytest.fixture
def server(secret: Path) -> Iterator[tuple[str, list[str]]]:
    """Return the address of a real server on this machine and the requests that it got."""
    requests: list[str] = []
    handler = partial(_Counting, requests, secret.as_uri())
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/x.svg", requests
        running.shutdown()


def read_whole(pdf: bytes) -> str:
    """Return everything in a PDF, its streams unpacked, and its text as it is read."""
    import pypdfium2

    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert not document.attachments
        document.save(
            target,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    read = pypdfium2.PdfDocument(pdf)
    text = "".join(page.get_textpage().get_text_bounded() for page in read)
    read.close()
    return target.getvalue().decode("latin-1") + text


@pytest.mark.parametrize("probe", PROBES)
def test_no_page_reaches_a_file_or_the_network(
    press: Press, secret: Path, server: tuple[str, list[str]], probe: str
) -> None:
    address, requests = server
    for url in (secret.as_uri(), str(secret), address, address.removeprefix("http:")):
        body = PROBES[probe].replace("{{", "{").replace("}}", "}").replace("{url}", url)
        try:
            plate, _ = press(f"<h1>Title</h1>{body}<p>ok</p>")
        except HandoutError:  # no page at all shows nothing
            continue
        whole = read_whole(plate.pdf)
        assert SECRET not in whole
        assert "EmbeddedFile" not in whole
        assert "ok" in whole
    assert requests == []


@pytest.mark.parametrize("kind", ["image href", "use href", "image xlink:href"])
def test_a_drawing_inside_the_page_reaches_nothing(
    press: Press, secret: Path, server: tuple[str, list[str]], kind: str
) -> None:
    from base64 import b64encode

    address, requests = server
    for url in (secret.as_uri(), address):
        drawing = SVG.format(
            f'<{kind}="{url}#a" width="9" height="9"/><rect width="5" height="5"/>'
        )
        data = b64encode(drawing.encode()).decode()
        plate, _ = press(f'<h1>T</h1><img alt="A" src="data:image/svg+xml;base64,{data}">')
        assert SECRET not in read_whole(plate.pdf)
    assert requests == []


def test_the_secret_would_be_seen(press: Press, secret: Path) -> None:
    """The probe's own probe: where the drawing is inside the page, it is read out of it."""
    body = secret.read_text(encoding="utf-8")
    assert SECRET in read_whole(press(f"<h1>Title</h1>{body}")[0].pdf)


def test_the_server_would_count(server: tuple[str, list[str]]) -> None:
    import urllib.error
    import urllib.request

    address, requests = server
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(address)  # noqa: S310  our own; it redirects to a file: refused
    assert requests == ["/x.svg"]


@pytest.mark.parametrize("probe", ["img", "background", "style sheet", "import", "font"])
def test_what_was_not_fetched_is_told(press: Press, secret: Path, probe: str) -> None:
    body = PROBES[probe].replace("{{", "{").replace("}}", "}").replace("{url}", secret.as_uri())
    assert press(f"<h1>Title</h1>{body}")[1].errors


def test_equal_markup_gives_equal_bytes(press: Press) -> None:
    body = "<h1>Title</h1><h2>Part</h2><p>Text</p>"
    assert press(body)[0].pdf == press(body)[0].pdf
    assert press(body)[0].pdf != press(f"{body}<p>More</p>")[0].pdf


def test_a_font_that_is_packed_for_the_web_gives_equal_bytes_at_any_time(
    press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.BytesIO()
    with TTFont(FONT) as font:
        font.flavor = "woff"
        font.save(stream)
    address = encode_data_address("font/woff", stream.getvalue())
    face = f"@font-face {{ font-family: Packed; src: url({address}) }} h1 {{ font-family: Packed }}"
    made = set()
    for day in range(2):
        for cache in (plate.load_stylesheet, plate._font_configuration):  # noqa: SLF001
            cache.cache_clear()  # as another process would begin
        now = time.time() + day * 86_400
        monkeypatch.setattr(time, "time", lambda now=now: now)
        laid_out, report = press("<h1>Title</h1>", face)
        assert not report.errors
        made.add(laid_out.pdf)
        monkeypatch.undo()
    assert len(made) == 1


def test_the_title_and_the_pages_are_told(press: Press) -> None:
    plate, _ = press('<h1>Title</h1><p style="break-before: page">x</p>')
    assert (plate.title, plate.pages) == ("A page", 2)


LINES = "<p>line</p>" * 40  # 80 mm hold some 13


def pages_of(pdf: bytes) -> list[str]:
    """Return the text of each page."""
    import pypdfium2

    read = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_bounded() for page in read]
    read.close()
    return texts


def test_spare_matter_fills_the_page_and_the_rest_is_not_printed(press: Press) -> None:
    begin = '<div id="spare-begin-back"></div>'
    plate, _ = press(f"<h1>Title</h1>{begin}{LINES}")
    assert plate.pages == 1
    [text] = pages_of(plate.pdf)
    assert 5 < text.count("line") < 20
    assert press(f"<h1>Title</h1>{LINES}")[0].pages > 3


def test_spare_matter_ends_where_the_next_part_begins(press: Press) -> None:
    begin = '<div id="spare-begin-front"></div>'
    end = '<div id="spare-end-front" style="break-before: page">The back</div>'
    plate, _ = press(f"<h1>Title</h1>{begin}{LINES}{end}")
    front, back = pages_of(plate.pdf)
    assert "Title" in front
    assert back.strip() == "The back"


def test_spare_matter_that_fits_is_printed_whole(press: Press) -> None:
    plate, _ = press('<h1>Title</h1><div id="spare-begin-back"></div><p>line</p><p>last</p>')
    assert "last" in pages_of(plate.pdf)[0]


@pytest.mark.parametrize(
    "body",
    ["<div>" * 400 + "x" + "</div>" * 400, "<p>\ud800</p>"],
    ids=["nested", "half a character"],
)
def test_a_page_that_the_engine_cannot_lay_out_is_a_problem(press: Press, body: str) -> None:
    with pytest.raises(HandoutError, match=r"page\.yaml: error\[layout-failed\]"):
        press(f"<h1>Title</h1>{body}")
    assert gc.isenabled()


def test_a_page_that_takes_more_memory_than_there_is_is_a_problem(
    press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    def starve(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("handouts.press.plate.write_pages", starve)
    with pytest.raises(HandoutError, match=r"page\.yaml: error\[took-too-much\]"):
        press("<h1>Title</h1>")


def test_what_layouts_leave_behind_is_gone_after_some_more(press: Press) -> None:
    """A page's parser is in a circle with its own parts: nothing but the collector finds it."""

    def count_parsers() -> int:
        gc.unfreeze()
        return sum(type(one).__module__ == "tinyhtml5.parser" for one in gc.get_objects())

    press("<h1>0</h1>")
    each = count_parsers()
    for number in range(50):
        press(f"<h1>{number}</h1>")
    assert count_parsers() <= 34 * each
    press("<p>Step.</p>" * 600)  # so many pages are collected at once
    assert count_parsers() <= 2 * each


def test_garbage_is_collected_again_after_layout(press: Press) -> None:
    press("<h1>Title</h1>")
    assert gc.isenabled()
    gc.disable()
    try:
        press("<h1>Title</h1>")
        assert not gc.isenabled()
    finally:
        gc.enable()
