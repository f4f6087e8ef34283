"""What docs/themes.md says of themes is so."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import handouts.theme.handout
from handouts.assets import STYLES

CHECKOUT = Path(__file__).parents[2]
PAGE = (CHECKOUT / "docs" / "themes.md").read_text(encoding="utf-8")


def read_template_names() -> set[str]:
    """Return the names that the theme gives to templates: values and filters."""
    tree = ast.parse(Path(handouts.theme.handout.__file__).read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {
        str(key.value)
        for function in functions
        if function.name in {"dress_exercise", "_filters"}
        for node in ast.walk(function)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }


def test_every_value_and_filter_of_a_template_is_documented() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE))
    assert "exercise" in read_template_names()
    assert read_template_names() <= named


def test_every_variable_of_the_example_is_one_of_the_base() -> None:
    variables = set(re.findall(r"(--[\w-]+):", PAGE))
    assert variables
    base = (STYLES / "base.css").read_text(encoding="utf-8")
    assert variables <= set(re.findall(r"(--[\w-]+):", base))
