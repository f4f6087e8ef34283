"""Turn the models into JSON Schemas, by which editors complete and check what a trainer writes."""

from __future__ import annotations

import ast
import inspect
import json
import sys
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core.core_schema import ModelSchema

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# By module and class: pydantic takes milliseconds to make each, and a page needs only some.
SCHEMA_MODELS = {
    "exercise": ("exercise", "Exercise"),
    "programme": ("programme", "Programme"),
    "clients": ("client", "Clients"),
    "conditions": ("vocabulary", "Conditions"),
    "muscles": ("vocabulary", "Muscles"),
    "precautions": ("vocabulary", "GeneralPrecautions"),
    "settings": ("settings", "Settings"),
}


def make_schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of every kind of file, by its name."""
    return {name: make_schema(_find_model(name)) for name in SCHEMA_MODELS}


class _Described(GenerateJsonSchema):
    """Says of each key what stands below the field in the model's code."""

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        """Return the schema of one model, its keys described."""
        made = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        said: dict[str, str] = {}
        for each in reversed(model.__mro__):
            said |= _read_texts(each.__module__).get(each.__name__, {})
        for name, field in model.model_fields.items():
            key = field.alias or name
            if said.get(name) and key in made["properties"]:
                made["properties"][key] = {**made["properties"][key], "description": said[name]}
        return made


@cache
def _read_texts(module: str) -> dict[str, dict[str, str]]:
    """Return the texts below the fields of a module's classes; none where the code is not there."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, TypeError):  # bytecode only, or built in
        return {}
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    return {node.name: dict(_find_texts(node)) for node in classes}


def _find_texts(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Yield each field with the text below it; an empty one hides that of a wider class."""
    for before, after in pairwise([*node.body, None]):
        if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name):
            value = after.value if isinstance(after, ast.Expr) else None
            text = value.value if isinstance(value, ast.Constant) else None
            yield before.target.id, inspect.cleandoc(text) if isinstance(text, str) else ""


@cache
def make_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of what a file of this model may hold."""
    schema = model.model_json_schema(schema_generator=_Described)
    slug = model.model_fields.get("slug")
    if slug is not None and slug.exclude:  # the file's name is the slug
        schema["properties"].pop("slug")
        schema["required"].remove("slug")
    return {"$schema": DIALECT, **schema}


def schema_text(name: str) -> str:
    """Return the shipped text of a schema: ``handouts/library/schemas/<name>.schema.json``.

    Raises:
        KeyError: there is no schema of this name.
    """
    return json.dumps(make_schema(_find_model(name)), ensure_ascii=False, indent=2) + "\n"


def _find_model(name: str) -> type[BaseModel]:
    module, model = SCHEMA_MODELS[name]
    found: type[BaseModel] = getattr(import_module(f"handouts.model.{module}"), model)
    return found
