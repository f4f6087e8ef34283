"""Turn the models into JSON Schemas, by which editors complete and check what a trainer writes."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from handouts.model.client import Clients
from handouts.model.exercise import Exercise
from handouts.model.programme import Programme
from handouts.model.settings import Settings
from handouts.model.vocabulary import Conditions, GeneralPrecautions, Muscles

if TYPE_CHECKING:
    from pydantic import BaseModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_MODELS: dict[str, type[BaseModel]] = {
    "exercise": Exercise,
    "programme": Programme,
    "clients": Clients,
    "conditions": Conditions,
    "muscles": Muscles,
    "precautions": GeneralPrecautions,
    "settings": Settings,
}


def make_schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of every kind of file, by its name."""
    return {name: make_schema(model) for name, model in SCHEMA_MODELS.items()}


@cache
def make_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of what a file of this model may hold."""
    schema = model.model_json_schema()
    if model in (Exercise, Programme):  # the file's name is the slug
        schema["properties"].pop("slug")
        schema["required"].remove("slug")
    return {"$schema": DIALECT, **schema}


def schema_text(name: str) -> str:
    """Return the shipped text of a schema: ``handouts/library/schemas/<name>.schema.json``.

    Raises:
        KeyError: there is no schema of this name.
    """
    schema = make_schema(SCHEMA_MODELS[name])
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
