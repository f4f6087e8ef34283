"""The style sheet needs no other file, and takes none that is not the theme's."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import pytest

from handouts import assets
from handouts.model.settings import Paper, PrintSettings
from handouts.problem import HandoutError
from handouts.theme.chain import make_chain
from handouts.theme.styles import make_stylesheet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from handouts.problem import Problem

    Write = Callable[[str, str], Path]


@pytest.fixture
def style(tmp_path: Path, write: Write) -> Callable[[str], str]:
    """Return a function that returns the whole style sheet with the trainer's own rules."""

    def style(css: str) -> str:
        write("styles/custom.css", css)
        return make_stylesheet(make_chain("clear", tmp_path), PrintSettings())

    return style


@pytest.fixture
def refuse(
    style: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Problem]:
    """Return a function that returns what is wrong with the trainer's rules."""

    def refuse(css: str) -> Problem:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(HandoutError) as caught:
            style(css)
        [problem] = caught.value.report
        return problem

    return refuse


@pytest.mark.parametrize("theme", ["clear", "gym"])
@pytest.mark.parametrize("paper", Paper)
def test_every_address_of_a_shipped_style_is_inside(theme: str, paper: Paper) -> None:
    css = make_stylesheet(make_chain(theme, None), PrintSettings(paper=paper, theme=theme))
    addresses = re.findall(r"url\(\s*[\"']?([^\"')]*)", css)
    assert len(addresses) > 10
    assert [address for address in addresses if not address.startswith("data:")] == []
    size = {"a4": "A4", "letter": "letter"}[paper]
    assert css.startswith(f"@page {{ size: {size} }}\n")


@pytest.mark.parametrize(
    "written", ["url(icons/mine.svg)", 'url("icons/mine.svg")', "url( 'icons/mine.svg' )"]
)
def test_a_file_beside_the_style_sheet_is_put_inside(
    style: Callable[[str], str], write: Write, written: str
) -> None:
    write("styles/icons/mine.svg", "<svg/>")
    inside = base64.b64encode(b"<svg/>").decode()
    assert f'a {{ background: url("data:image/svg+xml;base64,{inside}") }}' in style(
        f"a {{ background: {written} }}"
    )


def test_a_changed_file_is_read_anew(style: Callable[[str], str], write: Write) -> None:
    rule = "a { background: url(icons/mine.svg) }"
    write("styles/icons/mine.svg", "<svg/>")
    before = style(rule)
    write("styles/icons/mine.svg", "<svg><g/></svg>")
    assert style(rule) != before


def test_a_shipped_icon_can_be_named_from_a_workspace(style: Callable[[str], str]) -> None:
    shipped = base64.b64encode((assets.STYLES / "icons/easier.svg").read_bytes()).decode()
    assert shipped in style("a { background: url(icons/easier.svg) }")


def test_addresses_that_need_no_file_stay(style: Callable[[str], str]) -> None:
    assert "url(#here)" in style("a { fill: url(#here) }")
    assert "url(data:,x)" in style("a { background: url(data:,x) }")


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/x.png",
        "https://example.org/x.svg",
        "//example.org/x.svg",
        "file:///etc/passwd",
        "/etc/hostname",
        "../handouts.svg",
        "../../../../etc/passwd",
        "missing.svg",
        "notes.txt",
        "",
        "linked.svg",
        "nul\0.svg",
        "long" * 100 + ".svg",
    ],
)
def test_an_address_that_leads_out_is_refused_with_its_line(
    tmp_path: Path, refuse: Callable[[str], Problem], write: Write, address: str
) -> None:
    secret = write("handouts.svg", "<svg/>")
    write("styles/notes.txt", "text")
    (tmp_path / "styles" / "linked.svg").symlink_to(secret)
    problem = refuse(f"a {{ color: red }}\nb {{ background: url({address}) }}")
    assert problem.code == "style-missing-file"
    assert f"url({address})" in problem.message
    assert str(problem.place) == "styles/custom.css:2"


def test_a_style_sheet_in_another_encoding_is_a_problem(
    tmp_path: Path, refuse: Callable[[str], Problem], write: Write
) -> None:
    write("styles/base.css", "").write_bytes("/* Füße */".encode("latin-1"))
    problem = refuse("")
    assert str(problem.place) == "styles/base.css"
    assert "UTF-8" in problem.hint
    assert tmp_path.is_dir()
