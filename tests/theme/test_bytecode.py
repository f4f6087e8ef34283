"""Code of templates is kept between runs, and taken only as it was written and by who wrote it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from handouts.problem import HandoutError
from handouts.theme.chain import make_chain
from handouts.theme.environment import ChainEnvironment, fill_template, make_environment
from handouts.theme.words import read_words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import CodeType

    Fill = Callable[[], str]

ASKS_WHOSE = pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of templates in an empty cache."""
    monkeypatch.setenv("HANDOUTS_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "templates"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Return a template of a workspace."""
    file = tmp_path / "templates" / "page.html.j2"
    file.parent.mkdir()
    file.write_text("one {{ 1 + 1 }} {{ 'x'|upper }}\n", encoding="utf-8")
    return file


@pytest.fixture
def fill(tmp_path: Path, page: Path) -> Fill:
    """Return a function that fills the template in an environment of its own."""

    def fill() -> str:
        chain = make_chain("clear", tmp_path)
        return fill_template(make_environment(chain, read_words(chain, "en")), page.name, {})

    return fill


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of all templates that are compiled from now on."""
    compiled: list[str] = []
    real: Any = ChainEnvironment.compile

    def note(self: ChainEnvironment, source: str, name: str, *more: object) -> CodeType:
        compiled.append(name)
        made: CodeType = real(self, source, name, *more)
        return made

    monkeypatch.setattr(ChainEnvironment, "compile", note)
    return compiled


@ASKS_WHOSE
def test_what_was_compiled_once_is_not_compiled_again(
    folder: Path, fill: Fill, count: list[str]
) -> None:
    assert [fill(), fill()] == ["one 2 X"] * 2
    assert count == ["page.html.j2"]
    assert len([*folder.iterdir()]) == 1


@ASKS_WHOSE
def test_another_text_is_another_template(
    folder: Path, fill: Fill, page: Path, count: list[str]
) -> None:
    fill()
    page.write_text("two\n", encoding="utf-8")
    assert fill() == "two"
    assert len(count) == len([*folder.iterdir()]) == 2


@ASKS_WHOSE
def test_a_filter_that_is_not_there_is_a_fault_of_the_text_kept_or_not(
    tmp_path: Path, page: Path, folder: Path
) -> None:
    page.write_text("{{ 'x'|mine }}\n", encoding="utf-8")
    chain = make_chain("clear", tmp_path)
    rich, poor = (make_environment(chain, read_words(chain, "en")) for _ in range(2))
    rich.filters["mine"] = str.upper
    assert fill_template(rich, page.name, {}) == "X"
    assert [*folder.iterdir()]
    with pytest.raises(HandoutError, match=r"template-syntax.*No filter named 'mine'"):
        fill_template(poor, page.name, {})


@ASKS_WHOSE
def test_filters_that_a_text_does_not_name_make_no_other_code(
    tmp_path: Path, page: Path, folder: Path
) -> None:
    page.write_text("{{ 'x'|upper }}\n", encoding="utf-8")
    chain = make_chain("clear", tmp_path)
    for names in ((), ("mine",), ("mine", "yours")):
        environment = make_environment(chain, read_words(chain, "en"))
        environment.filters |= dict.fromkeys(names, str.upper)
        assert fill_template(environment, page.name, {}) == "X"
    assert len([*folder.iterdir()]) == 1


@ASKS_WHOSE
@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "swapped"])
def test_damaged_code_is_made_again(
    folder: Path, fill: Fill, page: Path, count: list[str], damage: str
) -> None:
    before = fill()
    [kept] = folder.iterdir()
    data = kept.read_bytes()
    page.write_text("other\n", encoding="utf-8")
    fill()
    [other] = {*folder.iterdir()} - {kept}
    page.write_text("one {{ 1 + 1 }} {{ 'x'|upper }}\n", encoding="utf-8")
    ends = {"cut": data[:-9], "changed": data[:-1] + b"?", "empty": b""}
    kept.write_bytes(ends.get(damage, other.read_bytes()))
    assert fill() == before
    assert len(count) == 3
    assert kept.read_bytes() == data


@ASKS_WHOSE
def test_code_that_others_can_write_is_not_run(folder: Path, fill: Fill, count: list[str]) -> None:
    fill()
    [kept] = folder.iterdir()
    kept.chmod(0o666)
    assert fill() == "one 2 X"
    assert len(count) == 2
    assert kept.stat().st_mode & 0o022 == 0  # ours again


@ASKS_WHOSE
def test_code_of_somebody_else_is_not_run(
    fill: Fill, count: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill()
    assert [*folder.iterdir()]
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    fill()
    assert len(count) == 2


def test_where_nobody_can_say_whose_it_is_it_is_compiled(
    fill: Fill, count: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "geteuid", raising=False)
    assert [fill(), fill()] == ["one 2 X"] * 2
    assert len(count) == 2
    assert [*folder.iterdir()]


def test_a_cache_that_cannot_be_written_is_no_error(
    fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("HANDOUTS_CACHE_DIR", str(tmp_path / "file" / "below"))
    assert fill() == "one 2 X"


@ASKS_WHOSE
def test_a_fault_in_kept_code_has_its_line(
    fill: Fill, page: Path, count: list[str], folder: Path
) -> None:
    page.write_text("fine\n\n{{ nobody }}\n", encoding="utf-8")
    said = []
    for _ in range(2):
        with pytest.raises(HandoutError) as caught:
            fill()
        [problem] = caught.value.report
        said.append(str(problem))
    assert said[0] == said[1]
    assert "page.html.j2:3: error[template-undefined]" in said[0]
    assert len(count) == len([*folder.iterdir()]) == 1
