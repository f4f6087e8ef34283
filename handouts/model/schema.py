"""Turn the models into JSON Schemas, by which editors complete and check what a trainer writes."""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel

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


@cache
def make_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of what a file of this model may hold."""
    schema = model.model_json_schema()
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
