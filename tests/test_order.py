"""A handout is made anew when anything that it is made from has changed, and only then."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from handouts import assets, order
from handouts.order import Look, Order
from handouts.pipeline import make_handouts
from handouts.problem import HandoutError, Report
from handouts.source.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EXERCISE = """\
name: Squat
summary: Sit down and stand up with no chair.
position: standing
muscles: {primary: [quadriceps]}
steps:
  - title: Sit back
    do: [Bend your knees.]
    figure: {file: pictures/squat.svg, alt: A squat}
errors:
  - {name: Knees fall in, looks_like: Your knees touch., correction: Push them out.}
avoid:
  - {condition: low-back-pain, basis: general}
"""
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="{}" height="9"/></svg>'
)
FILES = {
    "exercises/squat.yaml": EXERCISE,
    "handouts.toml": '[trainer]\nname = "Ann"\n',
    "conditions.yaml": "conditions: {}\n",
    "pictures/squat.svg": SVG.format(5),
    "templates/parts/header.html.j2": "<header><h1>{{ exercise.name }}</h1>"
    "<p>{{ exercise.summary }}</p></header>",
    "styles/custom.css": "h1 { color: black }",
    "styles/fonts/mine.ttf": "",
    "styles/icons/mine.svg": SVG.format(1),
}


@pytest.fixture
def squat(tmp_path: Path) -> Order:
    """Return an order for one exercise of a workspace with something of everything."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    workspace = Workspace(tmp_path, tmp_path / "handouts.toml")
    return Order(workspace, {"squat": workspace.exercise_file("squat")})


def key(one: Order, **changed: object) -> str:
    """Return the fingerprint of an order as it stands now, with some of it changed."""
    return replace(one, **changed).fingerprint("squat")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(set(FILES) - {"pictures/squat.svg"}))
def test_each_file_changes_the_fingerprint(squat: Order, tmp_path: Path, name: str) -> None:
    before = key(squat)
    assert key(squat) == before
    with (tmp_path / name).open("a", encoding="utf-8") as file:
        file.write(" ")
    assert key(squat) != before


@pytest.mark.parametrize(
    "name", ["templates/parts/steps.html.j2", "styles/base.css", "muscles.yaml", "templates/x.j2"]
)
def test_a_new_file_changes_the_fingerprint(squat: Order, tmp_path: Path, name: str) -> None:
    before = key(squat)
    (tmp_path / name).write_text("", encoding="utf-8")
    assert key(squat) != before


def test_what_links_lead_to_changes_the_fingerprint(squat: Order, tmp_path: Path) -> None:
    for name, text in (("one", "1"), ("two", "2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "log.html.j2").write_text(text, encoding="utf-8")
        (tmp_path / name / "back").symlink_to(tmp_path / "templates")  # a circle
    link = tmp_path / "templates" / "booklet"
    seen = {key(squat)}
    link.symlink_to(tmp_path / "one")
    seen.add(key(squat))
    link.unlink()
    link.symlink_to(tmp_path / "two")
    seen.add(key(squat))
    (tmp_path / "two" / "log.html.j2").write_text("3", encoding="utf-8")
    seen.add(key(squat))
    assert len(seen) == 4


@pytest.mark.parametrize(
    "changed",
    [
        {"look": Look(paper="letter")},
        {"look": Look(size="large")},
        {"look": Look(ink="mono")},
        {"look": Look(detail="full")},
        {"look": Look(theme="gym")},
        {"prescribed": "3 × 10"},
        {"client": "Sam"},
        {"client": "None"},
    ],
    ids=str,
)
def test_each_flag_changes_the_fingerprint(squat: Order, changed: dict[str, object]) -> None:
    assert key(squat, **changed) != key(squat)


def test_a_dose_is_not_taken_for_a_client(squat: Order) -> None:
    keys = [key(squat, client="a", prescribed="b"), key(squat, client="b", prescribed="a")]
    assert len({*keys, key(squat, client="a\nclient=b")}) == 3


def test_the_program_and_its_libraries_change_the_fingerprint(
    squat: Order, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = key(squat)
    with monkeypatch.context() as patch:
        patch.setattr(order, "__version__", "0.0.0")
        assert key(squat) != before
    with monkeypatch.context() as patch:
        patch.setattr(order, "_installed_versions", lambda: ["weasyprint-1.0.dist-info"])
        assert key(squat) != before
    code = tmp_path / "package"
    code.mkdir()
    (code / "a.py").write_text("", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(assets, "PACKAGE", code)
        first = key(squat)
        os.utime(code / "a.py", (1, 1))
        assert key(squat) != first
    assert key(squat) == before


def test_the_engine_is_among_the_libraries_that_count() -> None:
    names = {name.partition("-")[0].lower() for name in order._installed_versions()}  # noqa: SLF001
    assert {"weasyprint", "jinja2", "pikepdf", "reportlab", "babel", "pydyf"} <= names


def test_the_theme_of_the_workspace_is_used_and_a_flag_wins(squat: Order, tmp_path: Path) -> None:
    (tmp_path / "handouts.toml").write_text('[print]\ntheme = "gym"\n', encoding="utf-8")
    assert replace(squat).chain.theme.name == "gym"
    assert replace(squat, look=Look(theme="clear")).chain.theme.name == "clear"


@pytest.mark.parametrize(
    "text", ["[print]\ntheme = 3\n", "print = 3\n", "[print\n", "", "[print]\npaper = 'a4'\n"]
)
def test_settings_that_say_no_theme_have_the_default(
    squat: Order, tmp_path: Path, text: str
) -> None:
    """What is wrong in them is told when they are checked."""
    (tmp_path / "handouts.toml").write_text(text, encoding="utf-8")
    assert replace(squat).chain.theme.name == "clear"


def test_settings_in_another_encoding_have_the_default(squat: Order, tmp_path: Path) -> None:
    (tmp_path / "handouts.toml").write_bytes("[print]\n# Füße\n".encode("latin-1"))
    assert replace(squat).chain.theme.name == "clear"


def test_an_unknown_theme_stops_the_order(squat: Order) -> None:
    with pytest.raises(HandoutError, match=r'unknown-theme.*"gim"'):
        key(squat, look=Look(theme="gim"))


@pytest.fixture
def make(
    squat: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[bytes, bool]]:
    """Return a function that makes the handout and says whether it was on the shelf."""
    from handouts import pipeline

    monkeypatch.setenv("HANDOUTS_CACHE_DIR", str(tmp_path / "cache"))

    def make(**changed: object) -> tuple[bytes, bool]:
        opened: list[object] = []
        real = pipeline.open_desk

        def note(*words: object) -> object:
            opened.append(words)
            return real(*words)  # type: ignore[arg-type]

        with monkeypatch.context() as patch:
            patch.setattr(pipeline, "open_desk", note)
            wanted = replace(squat, **changed)  # type: ignore[arg-type]
            [(_, handout)] = make_handouts(wanted, Report())
        return handout.pdf, not opened

    return make


def test_an_unchanged_handout_comes_from_the_shelf(
    make: Callable[..., tuple[bytes, bool]],
) -> None:
    first, shelved = make()
    assert not shelved
    assert make() == (first, True)
    other, shelved = make(client="Sam")
    assert not shelved
    assert other != first
    assert make() == (first, True)


def test_a_changed_picture_is_printed(
    make: Callable[..., tuple[bytes, bool]], tmp_path: Path
) -> None:
    first, _ = make()
    (tmp_path / "pictures" / "squat.svg").write_text(SVG.format(8), encoding="utf-8")
    second, shelved = make()
    assert not shelved
    assert second != first
    assert make() == (second, True)


def test_a_damaged_shelf_is_made_anew(
    make: Callable[..., tuple[bytes, bool]], tmp_path: Path
) -> None:
    first, _ = make()
    for file in (tmp_path / "cache" / "handouts").glob("*.pdf"):
        file.write_bytes(b"%PDF-1.7 damaged")
    assert make() == (first, False)
    assert make() == (first, True)


def test_the_environment_and_the_users_settings_change_the_fingerprint(
    squat: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = key(squat)
    monkeypatch.setenv("HANDOUTS_PAPER", "")
    assert key(squat) == before
    monkeypatch.setenv("HANDOUTS_PAPER", "letter")
    with_variable = key(squat)
    monkeypatch.setenv("HANDOUTS_CONFIG_DIR", str(tmp_path / "config"))
    with_folder = key(squat)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "handouts.toml").write_text("[print]\n", encoding="utf-8")
    assert len({before, with_variable, with_folder, key(squat)}) == 4


def test_the_theme_comes_from_the_layer_that_wins(
    squat: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Environment before workspace before the user's folder."""

    def theme() -> str:
        return replace(squat).chain.theme.name

    monkeypatch.setenv("HANDOUTS_CONFIG_DIR", str(tmp_path / "config"))
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "handouts.toml").write_text('[print]\ntheme = "gym"', encoding="utf-8")
    assert theme() == "gym"
    (tmp_path / "handouts.toml").write_text('[print]\ntheme = "clear"', encoding="utf-8")
    assert theme() == "clear"
    monkeypatch.setenv("HANDOUTS_THEME", "gym")
    assert theme() == "gym"
    assert replace(squat, look=Look(theme="clear")).chain.theme.name == "clear"


def test_what_the_environment_says_is_printed(
    squat: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Report()
    ((_, a4),) = make_handouts(squat, report)
    monkeypatch.setenv("HANDOUTS_PAPER", "letter")
    ((_, letter),) = make_handouts(replace(squat), report)
    assert a4.pdf != letter.pdf
    monkeypatch.setenv("HANDOUTS_PAPER", "a5")
    with pytest.raises(HandoutError, match="HANDOUTS_PAPER"):
        list(make_handouts(replace(squat), report))
