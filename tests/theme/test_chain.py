"""Who wins: workspace before theme before shipped, each file by its name, none from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handouts import assets
from handouts.problem import HandoutError
from handouts.theme.chain import Chain, find_theme, list_themes, make_chain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Write = Callable[[str, str], Path]


@pytest.fixture
def chain(tmp_path: Path, write: Write) -> Chain:
    """Return the chain of a workspace with a theme of its own."""
    write("styles/themes/mine/theme.toml", 'label = "Mine"\n')
    return make_chain("mine", tmp_path)


def winners(found: Sequence[tuple[object, Path]]) -> list[Path]:
    """Return the files without their layers."""
    return [path for _, path in found]


@pytest.mark.parametrize("name", ["parts/steps.html.j2", "words/en.po"])
def test_the_workspace_shadows_the_theme_and_the_theme_the_shipped(
    chain: Chain, write: Write, name: str
) -> None:
    shipped = assets.TEMPLATES / name
    assert winners(chain.templates(name)) == [shipped]
    theme = write(f"styles/themes/mine/templates/{name}", "")
    assert winners(chain.templates(name)) == [theme, shipped]
    own = write(f"templates/{name}", "")
    assert winners(chain.templates(name)) == [own, theme, shipped]
    assert [layer.name for layer, _ in chain.templates(name)] == ["workspace", "theme", "shipped"]


def test_styles_fonts_and_icons_are_shadowed_alike(chain: Chain, write: Write) -> None:
    name = "icons/warning.svg"
    theme = write(f"styles/themes/mine/{name}", "")
    own = write(f"styles/{name}", "")
    assert winners(chain.styles(name)) == [own, theme, assets.STYLES / name]


def test_style_sheets_stand_in_the_order_of_the_cascade(chain: Chain, write: Write) -> None:
    assert chain.stylesheets() == [assets.STYLES / "base.css"]
    theme = write("styles/themes/mine/theme.css", "")
    custom = write("styles/custom.css", "")
    assert chain.stylesheets() == [assets.STYLES / "base.css", theme, custom]
    base = write("styles/base.css", "")
    assert chain.stylesheets() == [base, theme, custom]


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "parts/../../secret.txt",
        "",
        ".",
        "{outside}",
        "..\\secret.txt",
        "a" * 300,
        "a\0b",
    ],
)
def test_a_name_cannot_lead_out_of_its_layer(
    tmp_path: Path, chain: Chain, write: Write, name: str
) -> None:
    secret = write("secret.txt", "secret")
    write("templates/parts/x", "")
    write("styles/x", "")
    name = name.format(outside=secret)
    assert chain.templates(name) == []
    assert chain.styles(name) == []
    assert tmp_path in secret.parents


def test_a_link_cannot_lead_out_of_its_layer(tmp_path: Path, chain: Chain, write: Write) -> None:
    secret = write("secret.txt", "secret")
    for folder in ("templates", "styles", "styles/themes/mine"):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "linked").symlink_to(secret)
    assert chain.templates("linked") == []
    assert chain.styles("linked") == []


@pytest.mark.parametrize("name", ["styles/themes/mine/theme.css", "styles/custom.css"])
def test_a_style_sheet_that_is_a_link_to_outside_is_not_read(
    tmp_path: Path, chain: Chain, write: Write, name: str
) -> None:
    (tmp_path / name).symlink_to(write("secret.txt", "secret"))
    assert chain.stylesheets() == [assets.STYLES / "base.css"]


def test_an_unknown_theme_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(HandoutError) as caught:
        find_theme("cleer", tmp_path)
    assert str(caught.value) == (
        'error[unknown-theme] there is no theme "cleer"\n  hint: did you mean "clear"?'
    )
    with pytest.raises(HandoutError, match="choose one of: clear, gym"):
        find_theme("xyz", None)


@pytest.mark.parametrize(
    "name",
    ["../themes/clear", "..", "", ".", "/", "clear/../gym", "a\\b", "a" * 300, "a\0b", "My theme"],
)
def test_a_theme_is_a_name_and_no_path(tmp_path: Path, write: Write, name: str) -> None:
    write("styles/theme.toml", "")
    write("styles/themes/theme.toml", "")
    write("styles/themes/My theme/theme.toml", "")
    with pytest.raises(HandoutError, match="unknown-theme"):
        find_theme(name, tmp_path)


def test_the_workspaces_theme_hides_the_shipped_one(tmp_path: Path, write: Write) -> None:
    write("styles/themes/gym/theme.toml", 'label = "My gym"\ncolour = "#123456"\n')
    assert find_theme("gym", tmp_path).label == "My gym"
    assert find_theme("gym", tmp_path).from_workspace
    assert [theme.label for theme in list_themes(tmp_path)] == ["Clear", "My gym"]
    assert not find_theme("gym", None).from_workspace


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("label = ", "cannot be read"),
        ("python = 'os.system'\n", "python: a theme has only colour, description, font, label"),
        ("label = 3\n", "label: a theme has only"),
        ('colour = "teal"\n', 'colour: "teal" is no colour'),
        ('colour = "#0b4f57\\n"\n', "is no colour"),
        ("colour = '[].__class__'\n", "is no colour"),
    ],
)
def test_a_fault_in_a_theme_is_named_with_its_file(
    tmp_path: Path, write: Write, text: str, said: str
) -> None:
    file = write("styles/themes/mine/theme.toml", text)
    with pytest.raises(HandoutError, match="error\\[bad-theme\\]") as caught:
        make_chain("mine", tmp_path)
    [problem] = caught.value.report
    assert said in problem.message
    assert str(problem.place) == str(file)


def test_a_theme_in_another_encoding_is_named(tmp_path: Path, write: Write) -> None:
    write("styles/themes/mine/theme.toml", "").write_bytes('label = "Füße"'.encode("latin-1"))
    with pytest.raises(HandoutError, match="bad-theme"):
        make_chain("mine", tmp_path)
