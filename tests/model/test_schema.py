"""The shipped JSON Schemas are the models', and the shipped data fits them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from handouts.assets import LIBRARY, SCHEMAS
from handouts.model.schema import DIALECT, SCHEMA_MODELS, make_schemas, schema_text

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = {"exercises": "exercise", "programmes": "programme"}
DATA = sorted(
    [*LIBRARY.glob("*.yaml"), *(file for name in FOLDERS for file in (LIBRARY / name).iterdir())]
)


def kind(file: Path) -> str:
    return FOLDERS.get(file.parent.name, file.stem)


def faults(data: Any, name: str) -> list[str]:  # noqa: ANN401  whatever a file holds
    validator = Draft202012Validator(make_schemas()[name])
    return [error.json_path for error in validator.iter_errors(data)]


@pytest.mark.parametrize("name", SCHEMA_MODELS)
def test_a_shipped_schema_is_not_stale(name: str) -> None:
    """Write anew: ``handouts schema NAME > handouts/library/schemas/NAME.schema.json``."""
    shipped = (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    assert shipped == schema_text(name)
    schema = json.loads(shipped)
    assert schema["$schema"] == DIALECT
    assert schema["title"]
    assert schema["description"]
    Draft202012Validator.check_schema(schema)


def test_every_shipped_schema_has_a_model() -> None:
    names = {path.name.removesuffix(".schema.json") for path in SCHEMAS.iterdir()}
    assert names == set(SCHEMA_MODELS)


@pytest.mark.parametrize("name", ["exercise", "programme"])
def test_the_slug_is_no_key_of_the_file(name: str) -> None:
    schema = make_schemas()[name]
    assert "slug" not in schema["properties"]
    assert "slug" not in schema["required"]


@pytest.mark.parametrize("file", DATA, ids=lambda file: file.stem)
def test_shipped_data_fits_its_schema_and_names_it(file: Path) -> None:
    first = file.read_text(encoding="utf-8").split("\n", 1)[0]
    prefix = "# yaml-language-server: $schema="
    assert first.startswith(prefix)
    named = (file.parent / first.removeprefix(prefix)).resolve()
    assert named == SCHEMAS / f"{kind(file)}.schema.json"
    data = yaml.load(file.read_bytes(), yaml.CSafeLoader)
    for review in [data["reviewed"]] if "reviewed" in data else []:
        review["on"] = str(review["on"])  # YAML 1.1 makes a date of it, editors' 1.2 does not
    assert faults(data, kind(file)) == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"colour": "red"}, "$"),
        ({"position": "flying"}, "$.position"),
        ({"muscles": {"primary": [{"does": "x"}]}}, "$.muscles.primary[0]"),
        ({"avoid": [{"level": "avoid"}]}, "$.avoid[0]"),
        ({"dose": {"often": "3 × 10"}}, "$.dose"),
    ],
)
def test_a_schema_finds_faults(change: dict[str, Any], path: str) -> None:
    sound = {
        "name": "Squat",
        "summary": "Sit down.",
        "position": "standing",
        "muscles": {"primary": ["quadriceps", {"muscle": "hamstrings"}]},
        "steps": [{"title": "Sit", "do": ["Sit."]}],
        "avoid": [{"condition": "pregnancy", "basis": "general"}],
        "dose": {"strength": "3 × 10"},
    }
    assert faults(sound, "exercise") == []
    assert path in faults({**sound, **change}, "exercise")
