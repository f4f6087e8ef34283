"""A picture comes from the workspace and is loaded whole before it is used."""

from __future__ import annotations

import io
import os
import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from handouts.problem import Place, Report
from handouts.source import picture
from handouts.source.picture import PictureData, load_picture, read_picture

if TYPE_CHECKING:
    from pathlib import Path

    from handouts.source.workspace import Workspace

SPOT = Place("exercises/squat.yaml", 3, 5)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"><path d="M0 0h9"/></svg>'


def draw(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise(size, 50).save(buffer, kind)
    return buffer.getvalue()


def png_of(width: int, height: int) -> bytes:
    """Return the head of a PNG that claims a size, with hardly any pixels behind it."""

    def chunk(name: bytes, body: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def read(workspace: Workspace, path: str) -> tuple[PictureData | None, list[str]]:
    report = Report()
    found = read_picture(path, workspace, SPOT, report)
    assert (found is None) == bool(report.errors)
    assert all(problem.place == SPOT and problem.hint for problem in report)
    return found, [problem.code for problem in report]


@pytest.mark.parametrize(
    ("name", "data", "mime"),
    [
        ("a.png", draw("PNG"), "image/png"),
        ("a.jpg", draw("JPEG"), "image/jpeg"),
        ("a.jpeg", draw("PNG"), "image/png"),  # what is inside counts
        ("a.webp", draw("WEBP"), "image/webp"),
        ("a.SVG", SVG, "image/svg+xml"),
    ],
)
def test_a_sound_picture_is_read(workspace: Workspace, name: str, data: bytes, mime: str) -> None:
    assert workspace.root
    (workspace.root / name).write_bytes(data)
    assert read(workspace, name) == (PictureData(mime, data, 40, 30), [])


@pytest.mark.parametrize(
    "path",
    [
        "../secret.png",
        "pictures/../../secret.png",
        "/etc/secret.png",
        "~/secret.png",
        "C:/secret.png",
        "pictures\\secret.png",
        "\\\\server\\secret.png",
        "http://example.org/a.png",
        "file:///etc/a.png",
        "data:image/png;base64,AAAA.png",
        "a\0.png",
        "a\n.png",
        "",
        "..",
    ],
)
def test_a_path_out_of_the_workspace_is_refused(workspace: Workspace, path: str) -> None:
    assert read(workspace, path) == (None, ["picture-outside"])


def test_a_link_out_of_the_workspace_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    assert workspace.root
    outside = tmp_path.parent / f"{tmp_path.name}-secret.png"
    outside.write_bytes(draw("PNG"))
    (workspace.root / "link.png").symlink_to(outside)
    (workspace.root / "folder").symlink_to(outside.parent)
    (workspace.root / "loop.png").symlink_to("loop.png")
    (workspace.root / "inside.png").write_bytes(draw("PNG"))
    (workspace.root / "good.png").symlink_to("inside.png")
    assert read(workspace, "link.png") == (None, ["picture-outside"])
    assert read(workspace, f"folder/{outside.name}") == (None, ["picture-outside"])
    assert read(workspace, "loop.png") == (None, ["picture-missing"])
    assert read(workspace, "good.png")[0] is not None


def test_a_missing_picture_has_the_nearest_name(workspace: Workspace) -> None:
    assert workspace.root
    (workspace.root / "pictures").mkdir()
    (workspace.root / "pictures" / "squat.png").write_bytes(draw("PNG"))
    report = Report()
    assert read_picture("pictures/sqat.png", workspace, SPOT, report) is None
    (problem,) = report
    assert (problem.code, problem.hint) == (
        "picture-missing",
        'did you mean "pictures/squat.png"?',
    )


@pytest.mark.parametrize("path", ["a.gif", "a", "a.png/", "exercises", "x" * 5000 + ".png"])
def test_what_is_no_picture_file(workspace: Workspace, path: str) -> None:
    assert workspace.root
    (workspace.root / "a.gif").write_bytes(draw("GIF"))
    found, codes = read(workspace, path)
    assert found is None
    assert codes[0] in {"picture-format", "picture-missing"}


def test_a_fifo_is_not_waited_for(workspace: Workspace) -> None:
    assert workspace.root
    os.mkfifo(workspace.root / "a.png")
    assert read(workspace, "a.png") == (None, ["picture-missing"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (draw("PNG")[:-200], "picture-broken"),
        (draw("JPEG", (400, 300))[:-4000], "picture-broken"),
        (draw("WEBP")[:-100], "picture-broken"),
        (png_of(40, 30), "picture-broken"),
        (png_of(60_000, 60_000), "picture-too-large"),
        (png_of(9_000, 9_000), "picture-too-large"),
        (draw("GIF"), "picture-format"),
        (b"", "picture-format"),
        (b"<html>", "picture-format"),
        (SVG, "picture-format"),
    ],
)
def test_a_picture_that_cannot_be_loaded_is_refused(
    workspace: Workspace, data: bytes, code: str
) -> None:
    assert workspace.root
    (workspace.root / "a.png").write_bytes(data)
    assert read(workspace, "a.png") == (None, [code])


def test_a_picture_of_too_many_bytes(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert workspace.root
    (workspace.root / "a.png").write_bytes(draw("PNG"))
    monkeypatch.setattr(picture, "MOST_BYTES", 100)
    assert read(workspace, "a.png") == (None, ["picture-too-large"])


@pytest.mark.parametrize("size", [(1, 1), (3, 5)])
def test_an_unsafe_drawing_is_refused(size: tuple[int, int]) -> None:
    report = Report()
    data = b'<svg width="%d" height="%d"><script/></svg>' % size
    assert load_picture(data, ".svg", '"a.svg"', SPOT, report) is None
    assert [problem.code for problem in report] == ["picture-unsafe"]
