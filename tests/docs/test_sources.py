"""Every field that the table of sources names is in the exercise's file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from handouts.assets import LIBRARY

TABLE = Path(__file__).parents[2] / "docs" / "sources.md"
_SECTION = re.compile(r"^## .*\(`(?P<file>[a-z-]+\.yaml)`\)$", re.MULTILINE)
_FIELD = re.compile(r"`([a-z_]+(?:(?:\[\d+(?:–\d+)?\])|\.[a-z_-]+)*)`")


def read_sections() -> dict[str, str]:
    """Return each exercise's tables by the name of its file."""
    text = TABLE.read_text(encoding="utf-8")
    return {
        match["file"]: text[match.end() :].partition("\n## ")[0]
        for match in _SECTION.finditer(text)
    }


def list_fields(section: str) -> list[str]:
    """Return the fields of the tables' last columns, spans spelt out."""
    fields = []
    for row in section.splitlines():
        if not row.startswith("|"):
            continue
        for field in _FIELD.findall(row.rstrip("|").rpartition("|")[2]):
            span = re.search(r"\[(\d+)–(\d+)\]", field)
            numbers = range(int(span[1]), int(span[2]) + 1) if span else [None]
            fields += [
                field if n is None else field.replace(span[0], f"[{n}]")  # type: ignore[index]
                for n in numbers
            ]
    return fields


def find_missing(data: Any, fields: list[str]) -> list[str]:  # noqa: ANN401
    """Return the fields that the data lacks."""
    missing = []
    for field in fields:
        at = data
        for key, number in re.findall(r"([a-z_-]+)|\[(\d+)\]", field):
            try:
                at = at[int(number)] if number else at[key]
            except (KeyError, IndexError, TypeError):
                missing.append(field)
                break
    return missing


def test_each_exercise_has_its_tables() -> None:
    assert set(read_sections()) == {file.name for file in (LIBRARY / "exercises").glob("*.yaml")}


@pytest.mark.parametrize("name", sorted(read_sections()))
def test_each_field_is_there(name: str) -> None:
    text = (LIBRARY / "exercises" / name).read_text(encoding="utf-8")
    fields = list_fields(read_sections()[name])
    assert len(fields) > 20
    assert find_missing(yaml.load(text, yaml.BaseLoader), fields) == []  # noqa: S506


def test_a_lost_field_is_found() -> None:
    data = {"steps": [{"title": "Set up"}]}
    assert find_missing(data, ["steps[0].title", "steps[1]", "errors[0].name"]) == [
        "steps[1]",
        "errors[0].name",
    ]
